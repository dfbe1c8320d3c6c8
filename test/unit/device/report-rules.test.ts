// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { DeviceError } from "../../../modules/core/errors.js";
import type { Host } from "../../../modules/core/ports.js";
import { completeConfig } from "../../../modules/device/config.js";
import { Device } from "../../../modules/device/device.js";
import { DeviceAttributes } from "../../../modules/device/device-attributes.js";
import type { Parts } from "../../../modules/device/parts.js";
import { SharedReportRules } from "../../../modules/device/report-rules.js";
import { Telemetry } from "../../../modules/telemetry/telemetry.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { ScriptedServer } from "../../fakes/scripted-server.js";
import { FakeNetwork } from "../../fakes/socket.js";
import { FakeStorage } from "../../fakes/storage.js";
import { text } from "../../fakes/text.js";
import { FakeWiFi } from "../../fakes/wifi.js";

const attributesTopic = "v2/a";

function setUp(maxKeys = 64, storage = new FakeStorage(), isOpen = true) {
  const clock = new FakeClock();
  const link = new FakeLink();
  const log = new FakeLog();
  const dialect = new ThingsBoard(text);
  const parts: Parts = { clock, link, log, text, storage, dialect, random: () => 0 };
  const wallClock = { uptime: () => clock.now, epoch: (uptime: number) => uptime, isKnown: true };
  const telemetry = new Telemetry({ ...parts, dialect: dialect.telemetry, wallClock, maxKeys });
  const attributes = new DeviceAttributes(parts);
  new SharedReportRules(parts, telemetry, attributes);
  if (isOpen) {
    link.open();
    link.acknowledge();
  }
  const deliver = (reportRules: unknown) => link.deliver(attributesTopic, JSON.stringify({ reportRules }));
  /** Whether the second of two equal data is suppressed. */
  const suppresses = (key: string) => {
    const { suppressed } = telemetry;
    telemetry.record(key, 1);
    telemetry.record(key, 1);
    return telemetry.suppressed > suppressed;
  };
  /** Texts of `reportRulesError` that were published since the last call. */
  const told = () => {
    clock.advance(0);
    const published = link.published.splice(0);
    link.acknowledge();
    return published
      .filter(({ topic }) => topic === attributesTopic)
      .map(({ payload }) => JSON.parse(payload).reportRulesError as string);
  };
  return { link, log, clock, storage, telemetry, deliver, suppresses, told };
}

describe("SharedReportRules", () => {
  test("asks for its attribute at connect, and says that nothing is wrong", () => {
    const { link, told } = setUp();
    expect(link.published.map(({ payload }) => payload)).toContain('{"sharedKeys":"reportRules"}');
    expect(told()).toEqual([""]);
  });

  test("applies the rules it is given, keys that no program knows included", () => {
    const { link, suppresses, told } = setUp();
    link.deliver("v2/a/res/0", '{"shared":{"reportRules":{"a":{"mode":"on-change"},"__proto__":{"deadband":1}}}}');
    expect(["a", "__proto__", "b"].map(suppresses)).toEqual([true, true, false]);
    expect(told()).toEqual([""]);
  });

  test("understands the JSON text of the rules", () => {
    const { deliver, suppresses } = setUp();
    deliver('{"\\u00e4": {"deadband": 1}}');
    expect(["ä", "b"].map(suppresses)).toEqual([true, false]);
  });

  test("refuses a bad rule and applies the good ones, and tells what is wrong until it is put right", () => {
    const { deliver, suppresses, log, told } = setUp();
    told();
    deliver({ a: { deadband: -1 }, b: { mode: "on-change" }, c: { maximum: 1, dedband: 2 }, d: null });
    expect(["a", "b", "c", "d"].map(suppresses)).toEqual([false, true, false, false]);
    const error = "a: deadband: not above 0; c: dedband: no such field; d: not an object";
    expect(told()).toEqual([error]);
    expect(log.entries.at(-1)).toMatchObject({ event: "attributes.refused", detail: `reportRules: ${error}` });
    expect(log.reasons("attributes.refused")).toEqual(["value-refused"]);
    deliver({ a: { deadband: 1 }, b: { mode: "on-change" } });
    expect(["a", "b"].map(suppresses)).toEqual([true, true]);
    expect(told()).toEqual([""]);
    expect(log.reasons("attributes.refused")).toHaveLength(1);
  });

  test("leaves the rule of a key as it was when the next one is bad, and takes it away later all the same", () => {
    const { deliver, suppresses } = setUp();
    deliver({ a: { deadband: 1 } });
    deliver({ a: { deadband: 0 } });
    expect(suppresses("a")).toBe(true);
    deliver({});
    expect(suppresses("a")).toBe(false);
  });

  test.each([
    ["a number", 5],
    ["a list", [{ a: {} }]],
    ["a text that is no JSON", "{a:1}"],
    ["an empty text", ""],
    ["the text of a text", '"{}"'],
  ])("takes %s for no rules at all, keeps what was, and says so", (_, value) => {
    const { deliver, suppresses, told } = setUp();
    deliver({ a: { deadband: 1 } });
    told();
    deliver(value);
    expect(suppresses("a")).toBe(true);
    expect(told()).toEqual(["not a JSON object"]);
  });

  test("goes before the program's rules, which come back when the attribute is deleted", () => {
    const { link, deliver, suppresses, telemetry, told } = setUp();
    telemetry.setRule("a", { mode: "on-change" });
    deliver({ a: {}, b: { deadband: 1 }, c: {} });
    telemetry.setRule("c", { deadband: 1 });
    expect(["a", "b", "c"].map(suppresses)).toEqual([false, true, false]);
    deliver({ b: 1 });
    expect(["a", "b", "c"].map(suppresses)).toEqual([true, true, true]);
    expect(told().at(-1)).toBe("b: not an object");
    link.deliver(attributesTopic, '{"deleted":["reportRules"]}');
    expect(["a", "b", "c"].map(suppresses)).toEqual([true, false, true]);
    expect(told()).toEqual([""]);
  });

  test("knows the rules again after a restart, before there is a session, and tells what is wrong with them", () => {
    const before = setUp();
    before.deliver({ a: { deadband: 1 }, b: { deadband: -1 } });
    before.clock.advance(0);
    const { link, clock, suppresses, told } = setUp(64, before.storage, false);
    clock.advance(0);
    expect(["a", "b"].map(suppresses)).toEqual([true, false]);
    link.open();
    expect(told().at(-1)).toBe("b: deadband: not above 0");
  });

  test("does not report a value again because its rule was replaced", () => {
    const { deliver, telemetry } = setUp();
    telemetry.setRule("a", { mode: "on-change" });
    telemetry.record("a", 1);
    deliver({ a: { deadband: 1 } });
    telemetry.record("a", 1);
    deliver({ a: { deadbandPercent: 1 } });
    telemetry.record("a", 1);
    deliver({});
    telemetry.record("a", 1);
    expect(telemetry).toMatchObject({ recorded: 1, suppressed: 3 });
  });

  test("tells of rules that are too many and of keys that cannot be, and makes room for new rules first", () => {
    const { deliver, suppresses, told } = setUp(2);
    deliver({ a: { deadband: 1 }, " ": { deadband: 1 }, b: { deadband: 1 }, c: { deadband: 1 } });
    expect(told().at(-1)).toBe(' : key: blank; c: key: "c" is one too many, there are 2 rules');
    deliver({ c: { deadband: 1 }, d: { deadband: 1 } });
    expect(["c", "d"].map(suppresses)).toEqual([true, true]);
  });

  test("cuts what it tells, even of the longest names with everything escaped", () => {
    const { deliver, told, log } = setUp();
    for (const letter of ["x", "\u0001", "\u{1f600}"]) {
      deliver({ [letter.repeat(300)]: { deadband: 0 }, [`${letter}2`]: { [letter.repeat(300)]: 0 } });
      expect(told().at(-1)?.slice(0, 100)).toBe(letter.repeat(100).slice(0, 100));
      expect(told()).toEqual([]);
    }
    for (const { detail } of log.entries) expect(detail.length).toBeLessThan(200);
  });
});

const config = {
  server: { host: "server.test" },
  credentials: { token: "T" },
  wifi: [{ SSID: "home" }],
  telemetry: { rules: { a: { mode: "on-change" } } },
} as const;

describe("Device, report rules", () => {
  test("begins with the rules of its configuration and follows those of the server", () => {
    const clock = new FakeClock();
    const network = new FakeNetwork();
    const wifi = new FakeWiFi();
    const host: Host = {
      ...{
        clock,
        text,
        wifi,
        log: new FakeLog(),
        random: () => 0,
        connect: network.connect,
        secure: () => network.connect,
      },
      time: { request: (onTime) => onTime(Date.UTC(2026, 0, 1)) },
      storage: { read: () => undefined, write: () => undefined, delete: () => false },
      openFlash: () => {
        throw new DeviceError("storage-failed");
      },
      system: {
        ...{ identity: "0123456789ab", resetReason: "power-on", description: "fake" },
        measure: () => undefined,
        indicate: () => undefined,
        restart: () => undefined,
      },
    };
    const device = new Device(host, config);
    const record = (key: string) => device.telemetry.record(key, 1);
    for (const key of ["a", "a", "b", "b"]) record(key);
    expect(device.telemetry).toMatchObject({ recorded: 3, suppressed: 1 });
    device.start();
    wifi.becomeAddressed();
    clock.advance(1_000);
    const server = new ScriptedServer(network.socket);
    server.welcome();
    server.publish(attributesTopic, '{"reportRules":{"a":{},"b":{"deadband":1}}}');
    for (const key of ["a", "a", "b", "b"]) record(key);
    expect(device.telemetry).toMatchObject({ recorded: 6, suppressed: 2 });
  });

  test.each([
    ["rules that are no object", [], TypeError, "config.telemetry.rules: not an object"],
    ["a rule that is no object", { a: 1 }, TypeError, "config.telemetry.rules.a: not an object"],
    ["a bad field", { a: { deadband: 0 } }, RangeError, "config.telemetry.rules.a.deadband: not above 0"],
    ["a mistyped field", { a: { deadbnd: 0 } }, RangeError, "config.telemetry.rules.a.deadbnd: no such field"],
    ["a blank key", { " ": {} }, RangeError, "config.telemetry.rules: a blank key"],
    ["a long key", { ["ä".repeat(128)]: {} }, RangeError, ": 256 octets, not 1 to 255"],
    ["too many", { a: {}, b: {} }, RangeError, "config.telemetry.rules: 2 rules, not 0 to 1"],
  ])("refuses %s in its configuration, naming the field", (_, rules, kind, message) => {
    const complete = () => completeConfig({ ...config, telemetry: { rules, maxKeys: 1 } }, text);
    expect(complete).toThrow(kind);
    expect(complete).toThrow(message);
  });

  test("copies the rules of its configuration", () => {
    const rules = { a: { deadband: 1 } };
    const { telemetry } = completeConfig({ ...config, telemetry: { rules } }, text);
    rules.a.deadband = 2;
    expect(telemetry.rules?.get("a")).toEqual({ mode: "deadband", deadband: 1 });
  });
});
