// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { ChipWifi } from "../../../hosts/esp32/wifi.js";
import { Guard } from "../../../hosts/xs/guard.js";
import { type AccessPoint, Connection } from "../../../modules/core/ports.js";
import { FakeClock } from "../../fakes/clock.js";

const home = { SSID: "home" };
const other = { SSID: "other" };

/** The SDK's interface: what it was told, with the time, and `connection` in its own numbers. */
class FakeSdkWifi {
  connection = 200;
  readonly RSSI = -50;
  readonly address = "192.168.4.15";
  readonly calls: string[] = [];

  connect({ SSID }: AccessPoint): void {
    this.connection = 300;
    this.calls.push(`${clock.now} connect ${SSID}`);
  }

  disconnect(): void {
    this.connection = 200;
    this.calls.push(`${clock.now} disconnect`);
  }
}

let clock: FakeClock;
let sdk: FakeSdkWifi;
let wifi: ChipWifi;
let changes: Connection[];
let report: () => void;

function become(connection: number): void {
  sdk.connection = connection;
  report();
}

beforeEach(() => {
  clock = new FakeClock();
  sdk = new FakeSdkWifi();
  changes = [];
  const chip = { xsthing_watch_wifi: () => {}, xsthing_take_wifi_reason: () => 0 };
  const guard = new Guard((error) => {
    throw error;
  });
  wifi = new ChipWifi(chip, clock, guard, ({ onChanged }) => {
    report = onChanged;
    return sdk;
  });
  wifi.onChanged = () => changes.push(wifi.connection);
  wifi.connect(home);
  clock.advance(1_000);
  become(500);
  sdk.calls.length = 0;
  changes.length = 0;
});

describe("Wi-Fi of the chip", () => {
  test("is left a moment later, so that what was written before gets through, but is over at once", () => {
    wifi.disconnect();
    expect([wifi.connection, wifi.address]).toEqual([Connection.disconnected, undefined]);
    clock.advance(99);
    expect(sdk.calls).toEqual([]);
    clock.advance(10_000);
    expect(sdk.calls).toEqual(["1100 disconnect"]);
  });

  test("is left once, however often that is asked for", () => {
    wifi.disconnect();
    clock.advance(60);
    wifi.disconnect();
    clock.advance(10_000);
    expect(sdk.calls).toEqual(["1100 disconnect"]);
  });

  test("an attempt in that moment comes when the end before it has settled", () => {
    wifi.disconnect();
    wifi.connect(other);
    expect(wifi.connection).toBe(Connection.connecting);
    clock.advance(10_000);
    expect(sdk.calls).toEqual(["1100 disconnect", "1300 connect other"]);
  });

  test("an attempt leaves the network before, and one given up in that moment is not made", () => {
    wifi.connect(other);
    expect(sdk.calls).toEqual([]);
    wifi.disconnect();
    expect(wifi.connection).toBe(Connection.disconnected);
    clock.advance(10_000);
    expect(sdk.calls).toEqual(["1100 disconnect"]);
  });

  test("tells nothing of the network that it takes leave of", () => {
    wifi.disconnect();
    become(200);
    wifi.connect(other);
    become(500);
    expect(changes).toEqual([]);
    clock.advance(300);
    expect(sdk.calls).toEqual(["1100 disconnect", "1300 connect other"]);
    become(500);
    expect(changes).toEqual([Connection.addressed]);
  });

  test("is left a moment later without an address, too, as connections may be of one that is just lost", () => {
    become(400);
    wifi.disconnect();
    clock.advance(10_000);
    expect(sdk.calls).toEqual(["1100 disconnect"]);
  });

  test("an attempt that has not got far is given up at once", () => {
    become(200);
    wifi.connect(other);
    clock.advance(0);
    wifi.connect(home);
    clock.advance(200);
    expect(sdk.calls).toEqual(["1000 connect other", "1000 disconnect", "1200 connect home"]);
  });
});
