// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { checkRule, readRule } from "../../../modules/telemetry/report-rule.js";

type Fields = Readonly<Record<string, Json>>;

const day = 86_400_000;

const full: Fields = {
  deadband: 0.5,
  deadbandPercent: 1_000,
  minimum: -10,
  maximum: 10,
  minPeriod: day,
  maxSilence: 7 * day,
};

const good: readonly (readonly [string, Fields, Fields])[] = [
  ["nothing", {}, { mode: "always" }],
  ["a mode", { mode: "on-change" }, { mode: "on-change" }],
  ["a deadband", { deadband: 5e-324 }, { mode: "deadband", deadband: 5e-324 }],
  ["a deadband in percent", { deadbandPercent: 2.5 }, { mode: "deadband", deadbandPercent: 2.5 }],
  ["a deadband with its mode", { mode: "deadband", deadband: 1 }, { mode: "deadband", deadband: 1 }],
  ["everything", full, { mode: "deadband", ...full }],
  ["one limit", { minimum: 0 }, { mode: "always", minimum: 0 }],
  ["a silence of none", { minPeriod: 5, maxSilence: 0 }, { mode: "always", minPeriod: 5, maxSilence: 0 }],
  ["a silence as long as the period", { minPeriod: 5, maxSilence: 5 }, { mode: "always", minPeriod: 5, maxSilence: 5 }],
];

const bad: readonly (readonly [string, Fields, typeof TypeError | typeof RangeError, string])[] = [
  ["an unknown field", { deadBand: 1 }, RangeError, "deadBand: no such field"],
  ["a field that every object has", { toString: 1 }, RangeError, "toString: no such field"],
  ["an unknown mode", { mode: "never" }, RangeError, 'mode: neither "always" nor "on-change" nor "deadband"'],
  ["a mode that is null", { mode: null }, RangeError, "mode: neither"],
  ["the mode deadband without one", { mode: "deadband" }, RangeError, 'mode: "deadband" without a deadband'],
  ["a deadband in another mode", { mode: "always", deadband: 1 }, RangeError, 'mode: "always" with a deadband'],
  ["a deadband as text", { deadband: "1" }, TypeError, "deadband: not a number"],
  ["a deadband that is null", { deadband: null }, TypeError, "deadband: not a number"],
  ["a deadband of 0", { deadband: 0 }, RangeError, "deadband: not above 0"],
  ["a negative deadband", { deadband: -1 }, RangeError, "deadband: not above 0"],
  ["an endless deadband", { deadband: Number.POSITIVE_INFINITY }, RangeError, "deadband: not finite"],
  ["a percentage of 0", { deadbandPercent: 0 }, RangeError, "deadbandPercent: not above 0"],
  ["a percentage of 1,001", { deadbandPercent: 1_001 }, RangeError, "deadbandPercent: above 1000"],
  ["a minimum that is no number", { minimum: Number.NaN }, RangeError, "minimum: not finite"],
  ["a maximum that is a list", { maximum: [1] }, TypeError, "maximum: not a number"],
  ["limits that meet", { minimum: 5, maximum: 5 }, RangeError, "minimum: not below maximum"],
  ["a period below 0", { minPeriod: -1 }, RangeError, "minPeriod: not an integer from 0 to 86400000"],
  ["a period over a day", { minPeriod: day + 1 }, RangeError, "minPeriod: not an integer from 0 to 86400000"],
  ["a silence over a week", { maxSilence: 7 * day + 1 }, RangeError, "maxSilence: not an integer from 0 to 604800000"],
  ["a silence below the period", { minPeriod: 6, maxSilence: 5 }, RangeError, "maxSilence: below minPeriod"],
];

describe("checkRule", () => {
  test.each(good)("takes %s and fills in the mode", (_, fields, rule) => {
    expect(checkRule(fields, "rule")).toEqual(rule);
  });

  test.each(bad)("refuses %s, naming the field", (_, fields, kind, message) => {
    expect(() => checkRule(fields, "report")).toThrow(kind);
    expect(() => checkRule(fields, "report")).toThrow(`report.${message}`);
  });

  test.each([
    ["null", null],
    ["a list", []],
    ["a number", 1],
    ["a Map", new Map()],
    ["nothing", undefined],
  ])("refuses %s", (_, rule) => {
    expect(() => checkRule(rule, "report")).toThrow(TypeError);
    expect(() => checkRule(rule, "report")).toThrow("report: not an object");
  });

  test("freezes a copy and leaves the caller's object alone", () => {
    const rule = { deadband: 1 };
    const checked = checkRule(rule, "rule");
    expect(Object.isFrozen(checked)).toBe(true);
    rule.deadband = 2;
    expect(checked.deadband).toBe(1);
  });

  test("takes a rule that it has checked before", () => {
    const checked = checkRule(full, "rule");
    expect(checkRule(checked, "rule")).toEqual(checked);
  });
});

describe("readRule", () => {
  test.each(good)("takes %s and fills in the mode", (_, fields, rule) => {
    expect(readRule(new Map(Object.entries(fields)))).toEqual(rule);
  });

  test.each(bad)("refuses %s, naming the field", (_, fields, _kind, message) => {
    const problem = readRule(new Map(Object.entries(fields)));
    expect(typeof problem).toBe("string");
    expect(String(problem).startsWith(message)).toBe(true);
  });

  test.each([
    ["null", null],
    ["a list", []],
    ["a number", 1],
    ["a text", "{}"],
  ])("refuses %s", (_, rule: Json) => {
    expect(readRule(rule)).toBe("not an object");
  });
});
