// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { ValueType } from "../../../modules/cloud/value-type.js";

describe("ValueType", () => {
  test.each<[string, Readonly<Record<string, unknown>>, Json, string | undefined]>([
    ["integer", {}, 2 ** 53 - 1, undefined],
    ["integer", {}, 2 ** 53, "not an integer"],
    ["integer", { minimum: -1, maximum: 1 }, -1, undefined],
    ["integer", { minimum: -1, maximum: 1 }, 1, undefined],
    ["integer", { minimum: -1, maximum: 1 }, -2, "below -1"],
    ["integer", { minimum: -1, maximum: 1 }, 2, "over 1"],
    ["number", { maximum: 0.5 }, -1e300, undefined],
    ["number", { maximum: 0.5 }, 0.51, "over 0.5"],
    ["number", { minimum: 0 }, "1", "not a number"],
    ["boolean", {}, false, undefined],
    ["boolean", {}, 0, "not a boolean"],
    ["string", {}, "", undefined],
    ["string", {}, null, "not a string"],
    ["string", { oneOf: ["a", ""] }, "", undefined],
    ["string", { oneOf: ["a", "b"] }, "c", "none of a, b"],
    ["json", {}, null, undefined],
    ["json", {}, 1e300, undefined],
  ])("%s with %j: %j is %s", (kind, limits, value, problem) => {
    expect(new ValueType(kind, limits, "path").problem(value)).toBe(problem);
  });

  test("copies its choices", () => {
    const oneOf = ["a"];
    const type = new ValueType("string", { oneOf }, "path");
    oneOf.push("b");
    expect(type.problem("b")).toBe("none of a");
  });

  test.each<[string, Readonly<Record<string, unknown>>, typeof RangeError | typeof TypeError, string]>([
    ["int", {}, RangeError, 'path: "int" is none of integer, number, boolean, string, json'],
    ["toString", {}, RangeError, 'path: "toString" is none of'],
    ["integer", { minimum: "1" }, TypeError, "path.minimum: not a number"],
    ["integer", { maximum: Number.NaN }, RangeError, "path.maximum: not finite"],
    ["integer", { minimum: 2, maximum: 1 }, RangeError, "path.minimum: above maximum"],
    ["integer", { oneOf: ["1"] }, RangeError, 'path.oneOf: no such field with "integer"'],
    ["boolean", { minimum: 0 }, RangeError, 'path.minimum: no such field with "boolean"'],
    ["string", { default: "" }, RangeError, 'path.default: no such field with "string"'],
    ["string", { oneOf: "a" }, TypeError, "path.oneOf: not an array"],
    ["string", { oneOf: [] }, RangeError, "path.oneOf: not 1 to 32 texts"],
    ["string", { oneOf: Array.from({ length: 33 }, String) }, RangeError, "path.oneOf: not 1 to 32 texts"],
    ["string", { oneOf: [1] }, TypeError, "path.oneOf: not a string in it"],
  ])("cannot be made of %s and %j", (kind, limits, error, message) => {
    expect(() => new ValueType(kind, limits, "path")).toThrow(error);
    expect(() => new ValueType(kind, limits, "path")).toThrow(message);
  });
});
