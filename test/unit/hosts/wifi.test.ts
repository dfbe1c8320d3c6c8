// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { SimulatedWifi } from "../../../hosts/node/wifi.js";
import { Connection } from "../../../modules/core/ports.js";
import { FakeClock } from "../../fakes/clock.js";

const home = { SSID: "home", password: "password" };

let clock: FakeClock;
let wifi: SimulatedWifi;
let changes: [Connection, string | undefined][];

beforeEach(() => {
  clock = new FakeClock();
  wifi = new SimulatedWifi(clock);
  changes = [];
  wifi.onChanged = (reason) => changes.push([wifi.connection, reason]);
});

describe("simulated Wi-Fi", () => {
  test("associates, then gets an address", () => {
    wifi.connect(home);
    expect(wifi.connection).toBe(Connection.connecting);
    clock.advance(1_000);
    expect(changes).toEqual([
      [Connection.linked, undefined],
      [Connection.addressed, undefined],
    ]);
    expect(wifi.RSSI).toBeUndefined();
    expect(wifi.address).toBe("127.0.0.1");
  });

  test.each([
    ["an access point that is not there", [{ SSID: "other" }], "wifi-not-found"],
    ["a wrong password", [{ SSID: "home", password: "different" }], "wifi-refused"],
    ["a password where there is none", [{ SSID: "home" }], "wifi-refused"],
  ])("refuses %s", (_, air, reason) => {
    wifi.air = air;
    wifi.connect(home);
    clock.advance(1_000);
    expect(changes).toEqual([[Connection.disconnected, reason]]);
  });

  test("finds an access point that has come up meanwhile", () => {
    wifi.air = [];
    wifi.connect(home);
    clock.advance(1_000);
    wifi.air = [home];
    wifi.connect(home);
    clock.advance(1_000);
    expect(wifi.connection).toBe(Connection.addressed);
  });

  test("falls when it is dropped, outside the call", () => {
    wifi.connect(home);
    clock.advance(1_000);
    changes = [];
    wifi.drop();
    expect(changes).toEqual([]);
    clock.advance(0);
    expect(changes).toEqual([[Connection.disconnected, "wifi-lost"]]);
    expect(wifi.address).toBeUndefined();
    expect(wifi.RSSI).toBeUndefined();
  });

  test("is not dropped while disconnected", () => {
    wifi.drop();
    clock.advance(1_000);
    expect(changes).toEqual([]);
  });

  test("an attempt replaces the one under way", () => {
    wifi.air = [home];
    wifi.connect({ SSID: "nowhere" });
    clock.advance(100);
    wifi.connect(home);
    clock.advance(1_000);
    expect(changes).toEqual([
      [Connection.linked, undefined],
      [Connection.addressed, undefined],
    ]);
  });
});
