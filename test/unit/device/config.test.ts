// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { completeConfig } from "../../../modules/device/config.js";
import { text } from "../../fakes/text.js";

const least = {
  server: { host: "thingsboard.example" },
  credentials: { token: "A1B2" },
  wifi: [{ SSID: "home" }],
};

describe("completeConfig", () => {
  test("fills in every default", () => {
    expect(completeConfig(least, text)).toEqual({
      server: { platform: "thingsboard", host: "thingsboard.example", port: 1883, tls: undefined },
      credentials: { type: "ACCESS_TOKEN", token: "A1B2" },
      openremote: undefined,
      provisioning: undefined,
      firmware: undefined,
      software: undefined,
      ota: {
        chunkSize: 4_096,
        window: 8,
        trialDeadline: 300_000,
        publicKey: undefined,
        ca: undefined,
        maintenance: undefined,
        minimumFreeHeap: undefined,
        minimumBattery: undefined,
      },
      wifi: [{ SSID: "home" }],
      session: { keepAlive: 60_000, receiveBuffer: 4_608, transmitBuffer: 4_096 },
      telemetry: {
        ...{ capacity: 8_192, maxKeys: 64, maxAge: 1_000, maxCount: 100, rules: undefined },
        ...{ whenFull: "spill", whenJournalFull: "drop-oldest", storeAfter: 2_000, backlogShare: 50 },
      },
      health: { period: 0, logLevel: "off", logRate: 60 },
      gateway: { maxChildren: 0, attributesCapacity: 32_768 },
    });
  });

  test("freezes a copy at every level and leaves the caller's object alone", () => {
    const config = completeConfig(least, text);
    for (const level of [config, config.server, config.credentials, config.wifi, config.wifi[0], config.session])
      expect(Object.isFrozen(level)).toBe(true);
    expect(Object.isFrozen(least)).toBe(false);
  });

  test.each([
    ["nothing at all", undefined, TypeError, "config: missing"],
    ["no server", { ...least, server: undefined }, TypeError, "config.server: missing"],
    ["no host", { ...least, server: {} }, TypeError, "config.server.host: missing"],
    ["an empty host", { ...least, server: { host: "" } }, RangeError, "config.server.host: 0 characters"],
    [
      "a port as text",
      { ...least, server: { host: "a", port: "1883" } },
      TypeError,
      "config.server.port: not a number",
    ],
    ["port 0", { ...least, server: { host: "a", port: 0 } }, RangeError, "config.server.port: not an integer from 1"],
    ["no credentials", { ...least, credentials: undefined }, TypeError, "config.credentials: missing"],
    ["an empty token", { ...least, credentials: { token: "" } }, RangeError, "config.credentials.token: 0 characters"],
    ["a numeric token", { ...least, credentials: { token: 7 } }, TypeError, "config.credentials.token: not a string"],
    ["no networks", { ...least, wifi: [] }, RangeError, "config.wifi: 0 networks"],
    ["a network that is no object", { ...least, wifi: ["home"] }, TypeError, "config.wifi[0]: not an object"],
    [
      "a short passphrase",
      { ...least, wifi: [{ SSID: "a", password: "short" }] },
      RangeError,
      "config.wifi[0].password",
    ],
    [
      "an SSID of 33 octets in 11 characters",
      { ...least, wifi: [{ SSID: "\u20ac".repeat(11) }] },
      RangeError,
      "config.wifi[0].SSID: 33 octets",
    ],
    ["a mistyped field", { ...least, sesion: {} }, RangeError, "config.sesion: no such field"],
    [
      "a mistyped nested field",
      { ...least, telemetry: { capasity: 1 } },
      RangeError,
      "config.telemetry.capasity: no such",
    ],
    ["an unknown policy", { ...least, telemetry: { whenFull: "drop" } }, RangeError, "config.telemetry.whenFull"],
    [
      "a journal that spills",
      { ...least, telemetry: { whenJournalFull: "spill" } },
      RangeError,
      "config.telemetry.whenJournalFull",
    ],
    ["a share of nothing", { ...least, telemetry: { backlogShare: 0 } }, RangeError, "config.telemetry.backlogShare"],
    ["a wait below 0", { ...least, telemetry: { storeAfter: -1 } }, RangeError, "config.telemetry.storeAfter"],
    ["a fractional capacity", { ...least, telemetry: { capacity: 4096.5 } }, RangeError, "config.telemetry.capacity"],
  ])("refuses %s, naming the field", (_, config, kind, message) => {
    expect(() => completeConfig(config, text)).toThrow(kind);
    expect(() => completeConfig(config, text)).toThrow(message);
  });
});
