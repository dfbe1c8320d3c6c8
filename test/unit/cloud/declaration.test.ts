// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Declaration, type SharedType } from "../../../modules/cloud/declaration.js";
import type { Json } from "../../../modules/cloud/json.js";

describe("Declaration", () => {
  test.each<[SharedType, Json, Json]>([
    ["integer", "42", 42],
    ["integer", "-7", -7],
    ["integer", "1.0", 1],
    ["integer", "1e3", 1_000],
    ["number", ".5", 0.5],
    ["number", "+5", 5],
    ["boolean", "true", true],
    ["boolean", "false", false],
    ["string", 42, "42"],
    ["string", -7, "-7"],
  ])("%s takes %j for %j", (type, value, expected) => {
    const declaration = new Declaration(type);
    expect(declaration.convert(value)).toBe(expected);
    expect(declaration.problem(expected)).toBeUndefined();
  });

  test.each<[SharedType, Json, string]>([
    ["integer", "1.5", "not an integer"],
    ["integer", "9007199254740993", "not an integer"],
    ["integer", "", "not an integer"],
    ["integer", "0x10", "not an integer"],
    ["integer", true, "not an integer"],
    ["number", " 5", "not a number"],
    ["number", "5 ", "not a number"],
    ["number", "1.2.3", "not a number"],
    ["number", "1e400", "not a number"],
    ["number", "Infinity", "not a number"],
    ["number", "-", "not a number"],
    ["number", "1".repeat(33), "not a number"],
    ["number", null, "not a number"],
    ["boolean", "True", "not a boolean"],
    ["boolean", "", "not a boolean"],
    ["boolean", 1, "not a boolean"],
    ["string", 1.1, "not a string"],
    ["string", true, "not a string"],
    ["string", null, "not a string"],
    [{ type: "string", oneOf: ["a", "1"] }, "b", "none of a, 1"],
    [{ type: "number", minimum: 0 }, "-0.5", "below 0"],
  ])("%j does not take %j: %s", (type, value, problem) => {
    const declaration = new Declaration(type);
    expect(declaration.problem(declaration.convert(value))).toBe(problem);
  });

  test("anything goes as json, and text stays text", () => {
    const declaration = new Declaration("json");
    for (const value of ["1", null, [1], new Map()]) {
      expect(declaration.convert(value)).toBe(value);
      expect(declaration.problem(value)).toBeUndefined();
    }
  });

  test("copies a default of several parts", () => {
    const list = [1];
    const declaration = new Declaration({ type: "json", default: list });
    list.push(2);
    expect(declaration.default).toEqual([1]);
  });

  test.each<[unknown, typeof RangeError | typeof TypeError, string]>([
    [undefined, TypeError, "type: neither a name nor an object"],
    [null, TypeError, "type: neither a name nor an object"],
    ["int", RangeError, 'type: "int" is none of integer, number, boolean, string, json'],
    ["integer?", RangeError, 'type: "integer?" is none of'],
    [{}, TypeError, "type.type: not a string"],
    [{ type: "integer", minimun: 1 }, RangeError, 'type.minimun: no such field with "integer"'],
    [{ type: "integer", default: 1.5 }, RangeError, "type.default: not an integer"],
    [{ type: "integer", minimum: 2, default: 1 }, RangeError, "type.default: below 2"],
    [{ type: "integer", default: "2" }, RangeError, "type.default: not an integer"],
    [{ type: "json", default: () => {} }, TypeError, "type.default: function is not a JSON value"],
  ])("cannot be made of %p", (type, error, message) => {
    expect(() => new Declaration(type as SharedType)).toThrow(error);
    expect(() => new Declaration(type as SharedType)).toThrow(message);
  });
});
