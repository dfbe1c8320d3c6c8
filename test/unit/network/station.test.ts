// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { Connection } from "../../../modules/core/ports.js";
import { Station } from "../../../modules/network/station.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeWiFi } from "../../fakes/wifi.js";

const home = { SSID: "home", password: "correct horse" };
const shed = { SSID: "shed" };

let clock: FakeClock;
let wifi: FakeWiFi;
let log: FakeLog;
let changes: boolean[];

function makeStation(networks = [home, shed], random: () => number = () => 0xffff_ffff): Station {
  return new Station({ clock, random, wifi, log, networks, onChanged: (isConnected) => changes.push(isConnected) });
}

beforeEach(() => {
  clock = new FakeClock();
  wifi = new FakeWiFi();
  log = new FakeLog();
  changes = [];
});

describe("Station", () => {
  test("is refused without a network to join", () => {
    expect(() => makeStation([])).toThrow(RangeError);
  });

  test("joins the first network and says so once an address is assigned, not before", () => {
    makeStation().start();
    wifi.connection = Connection.linked;
    wifi.onChanged?.(undefined);
    expect(changes).toEqual([]);
    wifi.becomeAddressed();
    expect(wifi.attempts).toEqual(["home"]);
    expect(changes).toEqual([true]);
  });

  test("takes a network that is up already", () => {
    wifi.connection = Connection.addressed;
    makeStation().start();
    expect(wifi.attempts).toEqual([]);
    expect(changes).toEqual([true]);
  });

  test("tries the next network when one fails, and pauses only after the whole round", () => {
    makeStation().start();
    wifi.fail("wifi-refused");
    clock.advance(0);
    expect(wifi.attempts).toEqual(["home", "shed"]);
    wifi.fail("wifi-not-found");
    clock.advance(999);
    expect(wifi.attempts).toEqual(["home", "shed"]);
    clock.advance(1);
    expect(wifi.attempts).toEqual(["home", "shed", "home"]);
    expect(log.reasons("wifi.failed")).toEqual(["wifi-refused", "wifi-not-found"]);
  });

  test("gives up an attempt that stays silent after 20 s, by name", () => {
    const station = makeStation();
    station.start();
    clock.advance(19_999);
    expect(log.reasons("wifi.failed")).toEqual([]);
    clock.advance(1);
    expect(log.reasons("wifi.failed")).toEqual(["wifi-timeout"]);
    expect(station.failures.of("wifi-timeout")).toBe(1);
  });

  test("doubles the pause between failed rounds up to a minute", () => {
    makeStation([home]).start();
    const pauses: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      wifi.fail("wifi-not-found");
      pauses.push(clock.pending ?? -1);
      clock.advance(clock.pending ?? 0);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("never becomes a busy loop, however the random numbers fall", () => {
    makeStation([home], () => 0).start();
    for (let round = 0; round < 20; round += 1) {
      wifi.fail("wifi-refused");
      expect(clock.pending).toBeGreaterThanOrEqual(100);
      clock.advance(clock.pending ?? 0);
    }
  });

  test("returns to the network it lost, and reports the loss with its reason", () => {
    makeStation().start();
    wifi.fail("wifi-not-found");
    clock.advance(0);
    wifi.becomeAddressed();
    wifi.fail("wifi-lost");
    expect(changes).toEqual([true, false]);
    expect(log.reasons("wifi.lost")).toEqual(["wifi-lost"]);
    clock.advance(1_000);
    wifi.becomeAddressed();
    expect(wifi.attempts).toEqual(["home", "shed", "shed"]);
    expect(changes).toEqual([true, false, true]);
  });

  test("starts the backoff anew only after a stable minute", () => {
    makeStation([home]).start();
    const pauseAfterLossAt = (age: number): number => {
      wifi.becomeAddressed();
      clock.advance(age);
      wifi.fail("wifi-lost");
      const pause = clock.pending ?? -1;
      clock.advance(pause);
      return pause;
    };
    expect(pauseAfterLossAt(59_000)).toBe(1_000);
    expect(pauseAfterLossAt(59_000)).toBe(2_000);
    expect(pauseAfterLossAt(60_000)).toBe(1_000);
  });

  test("is silent after stop", () => {
    const station = makeStation();
    station.start();
    wifi.becomeAddressed();
    station.stop();
    station.stop();
    expect(changes).toEqual([true, false]);
    expect(wifi.onChanged).toBeUndefined();
    expect(clock.pending).toBeUndefined();
    expect(station.state).toBe("off");
  });
});
