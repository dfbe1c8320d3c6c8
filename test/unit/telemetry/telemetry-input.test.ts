// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import type { TelemetryValue } from "../../../modules/telemetry/recorder.js";
import { Rig } from "./rig.js";

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

const badValues: readonly [string, unknown, new () => Error, string][] = [
  ["NaN", Number.NaN, RangeError, "value of k: NaN is not a finite number"],
  ["Infinity", Number.POSITIVE_INFINITY, RangeError, "value of k: Infinity is not a finite number"],
  ["-Infinity", Number.NEGATIVE_INFINITY, RangeError, "value of k: -Infinity is not a finite number"],
  ["undefined", undefined, TypeError, "value of k: undefined is no datum"],
  ["null", null, TypeError, "value of k: null is no datum"],
  ["a function", () => 1, TypeError, "value of k: function is not a JSON value"],
  ["a symbol", Symbol("s"), TypeError, "value of k: symbol is not a JSON value"],
  ["a bigint", 1n, TypeError, "value of k: bigint is not a JSON value"],
  ["a cycle", cyclic, TypeError, "value of k.self: cyclic"],
  ["a Date", new Date(0), TypeError, "value of k: neither a plain object"],
  ["a NaN inside", { a: [1, Number.NaN] }, RangeError, "value of k.a[1]: NaN is not a JSON number"],
  ["a string too long", "x".repeat(1023), RangeError, "value of k: more than 1024 bytes of JSON"],
  ["a string too long when escaped", "\u0001".repeat(171), RangeError, "value of k: more than 1024 bytes of JSON"],
  ["an object too large", { a: "x".repeat(1020) }, RangeError, "value of k: more than 1024 bytes of JSON"],
];

const badKeys: readonly [string, unknown, new () => Error, string][] = [
  ["a number", 7, TypeError, "key: not a string"],
  ["undefined", undefined, TypeError, "key: not a string"],
  ["null", null, TypeError, "key: not a string"],
  ["empty", "", RangeError, "key: blank"],
  ["blank", " \t\n", RangeError, "key: blank"],
  ["256 bytes", "k".repeat(256), RangeError, "key: longer than 255 bytes"],
  ["256 bytes in 128 letters", "ü".repeat(128), RangeError, "key: longer than 255 bytes"],
];

describe("Telemetry, bad input", () => {
  test.each(badValues)("refuses %s as a value, by key, and records nothing", (_, value, type, message) => {
    const { telemetry } = new Rig();
    expect(() => telemetry.record("k", value as TelemetryValue)).toThrow(type);
    expect(() => telemetry.record("k", value as TelemetryValue)).toThrow(message);
    expect(() => telemetry.record({ good: 1, k: value as TelemetryValue })).toThrow(message);
    expect(telemetry).toMatchObject({ recorded: 0, depth: 0, depthBytes: 0 });
  });

  test.each(badKeys)("refuses a key that is %s, and records nothing", (_, key, type, message) => {
    const { telemetry } = new Rig();
    expect(() => telemetry.record(key as string, 1)).toThrow(type);
    expect(() => telemetry.record(key as string, 1)).toThrow(message);
    expect(telemetry).toMatchObject({ recorded: 0, depth: 0 });
  });

  test("refuses a bad key among others, and records none of them", () => {
    const { telemetry } = new Rig();
    expect(() => telemetry.record({ a: 1, " ": 2 })).toThrow("key: blank");
    expect(telemetry.recorded).toBe(0);
  });

  test.each([
    ["an array", [1, 2]],
    ["a Map", new Map([["a", 1]])],
  ])("refuses %s of values", (_, values) => {
    const { telemetry } = new Rig();
    expect(() => telemetry.record(values as never)).toThrow(new TypeError("values: not a plain object"));
  });

  test("takes a key of 255 bytes and a text of 1,024", () => {
    const rig = new Rig();
    const key = "k".repeat(255);
    const value = "x".repeat(1022);
    rig.connect();
    expect(rig.telemetry.record(key, value)).toBe(true);
    rig.clock.advance(1_000);
    expect(rig.received()).toMatchObject([{ key, value }]);
  });

  test("takes an empty object of values for no data", () => {
    const { telemetry } = new Rig();
    expect(telemetry.record({})).toBe(true);
    expect(telemetry.recorded).toBe(0);
  });

  test("records what a getter gave when it was asked, once", () => {
    const rig = new Rig();
    let reads = 0;
    const values = {
      get a() {
        reads += 1;
        return reads === 1 ? 5 : Number.NaN;
      },
    };
    rig.connect();
    rig.telemetry.record(values);
    rig.clock.advance(1_000);
    expect(rig.received()).toMatchObject([{ key: "a", value: 5 }]);
    expect(reads).toBe(1);
  });

  test("counts 10,000 keys beyond its table as refused, and goes on with those it knows", () => {
    const rig = new Rig({ maxKeys: 3 });
    rig.connect();
    expect(rig.telemetry.record({ a: 1, b: 2, c: 3 })).toBe(true);
    for (let index = 0; index < 10_000; index += 1) expect(rig.telemetry.record(`key ${index}`, index)).toBe(false);
    expect(rig.telemetry.record({ c: 4, d: 5 })).toBe(false);
    rig.clock.advance(1_000);
    expect(rig.received().map(({ key, value }) => [key, value])).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
      ["c", 4],
    ]);
    expect(rig.telemetry).toMatchObject({ recorded: 10_005, refused: 10_001, depth: 4 });
    expect(rig.log.reasons("telemetry.refused")).toEqual(["too-many-keys"]);
  });

  test("writes keys with escapes so that they arrive", () => {
    const rig = new Rig();
    const keys = ['"quoted"', "back\\slash", "tab\there", "ü😀"];
    rig.connect();
    for (const key of keys) rig.telemetry.record(key, 1);
    rig.clock.advance(1_000);
    expect(rig.received().map(({ key }) => key)).toEqual(keys);
  });
});

describe("Telemetry, options", () => {
  const ranges: readonly [keyof TelemetryOptions, number, number][] = [
    ["capacity", 1_024, 1_048_576],
    ["maxKeys", 1, 255],
    ["maxCount", 1, 1_000],
    ["maxAge", 0, 3_600_000],
    ["maxBytes", 256, 65_536],
    ["window", 1, 16],
    ["clockPatience", 0, 3_600_000],
  ];

  test.each(ranges)("%s is an integer from %d to %d", (option, min, max) => {
    for (const value of [min, max]) expect(() => new Rig({ [option]: value })).not.toThrow();
    const message = `${option}: not an integer from ${min} to ${max}`;
    for (const value of [min - 1, max + 1, min + 0.5, Number.NaN])
      expect(() => new Rig({ [option]: value })).toThrow(new RangeError(message));
    expect(() => new Rig({ [option]: "7" })).toThrow(new TypeError(`${option}: not a number`));
  });

  test("whenFull is one of two words", () => {
    expect(() => new Rig({ whenFull: "drop-all" as never })).toThrow(/^whenFull: /);
  });
});
