// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { CompiledSchema, type Params, type Schema } from "../../../modules/rpc/schema.js";

const object = (members: Record<string, Json>): Json => new Map(Object.entries(members));

/** The problem, or what a handler would get. */
function check(schema: Schema, params: Json): unknown {
  const compiled = new CompiledSchema(schema);
  return compiled.problem(params) ?? compiled.convert(params);
}

describe("CompiledSchema", () => {
  test.each<[Schema, Json, unknown]>([
    [{ pin: "integer", on: "boolean" }, object({ pin: 2, on: false }), { pin: 2, on: false }],
    [{ pin: "integer" }, object({ pin: 0, extra: 1, ["__proto__"]: 2 }), { pin: 0 }],
    [{ name: "string", level: "number" }, object({ name: "", level: -0.5 }), { name: "", level: -0.5 }],
    [{ extra: "json" }, object({ extra: null }), { extra: null }],
    [{ extra: "json" }, object({ extra: [1] }), { extra: [1] }],
    [{ pin: "integer?", on: "boolean?" }, object({ on: true }), { on: true }],
    [{ pin: "integer?" }, object({ pin: null }), {}],
    [{ pin: "integer?" }, null, {}],
    [{ pin: "integer?" }, object({}), {}],
    [{}, null, {}],
    [{}, 7, {}],
    [{}, object({ a: 1 }), {}],
    ["boolean", true, true],
    ["number", 1.5, 1.5],
    ["string?", null, undefined],
    ["string?", "a", "a"],
    ["json", null, null],
    ["json", object({ a: 1 }), object({ a: 1 })],
    [{ pin: { type: "integer", minimum: 0, maximum: 39 } }, object({ pin: 39 }), { pin: 39 }],
    [{ pin: { type: "integer?", maximum: 39 } }, object({}), {}],
    [{ mode: { type: "string", oneOf: ["a", "b"] } }, object({ mode: "b" }), { mode: "b" }],
  ])("with %j takes %p for %p", (schema, params, expected) => {
    const params_ = check(schema, params);
    expect(params_).toEqual(expected);
  });

  test.each<[Schema, Json, string]>([
    [{ pin: "integer" }, object({}), "pin: missing"],
    [{ pin: "integer" }, null, "pin: missing"],
    [{ pin: "integer" }, object({ pin: null }), "pin: missing"],
    [{ pin: "integer" }, object({ pin: 1.5 }), "pin: not an integer"],
    [{ pin: "integer" }, object({ pin: 2 ** 53 }), "pin: not an integer"],
    [{ pin: "integer" }, object({ pin: "2" }), "pin: not an integer"],
    [{ pin: "integer?" }, object({ pin: "2" }), "pin: not an integer"],
    [{ a: "integer", on: "boolean" }, object({ a: 1, on: 1 }), "on: not a boolean"],
    [{ name: "string" }, object({ name: 7 }), "name: not a string"],
    [{ name: "string" }, object({ name: object({}) }), "name: not a string"],
    [{ level: "number" }, object({ level: "1" }), "level: not a number"],
    [{ extra: "json" }, object({}), "extra: missing"],
    [{ pin: "integer" }, 7, "params: not an object"],
    [{ pin: "integer?" }, [], "params: not an object"],
    ["boolean", null, "params: missing"],
    ["boolean", 1, "params: not a boolean"],
    ["integer", object({}), "params: not an integer"],
    [{ pin: { type: "integer", minimum: 0, maximum: 39 } }, object({ pin: 40 }), "pin: over 39"],
    [{ pin: { type: "integer?", minimum: 0 } }, object({ pin: -1 }), "pin: below 0"],
    [{ pin: { type: "integer", minimum: 0 } }, object({}), "pin: missing"],
    [{ mode: { type: "string", oneOf: ["a", "b"] } }, object({ mode: "c" }), "mode: none of a, b"],
  ])("with %j refuses %p: %s", (schema, params, problem) => {
    expect(check(schema, params)).toBe(problem);
  });

  test("gives parameters that are called like something inherited, and makes no other property", () => {
    const params = check(
      { constructor: "integer", toString: "string" } as unknown as Schema,
      object({ constructor: 1, toString: "a", b: 2 }),
    );
    expect(Object.entries(params as object)).toEqual([
      ["constructor", 1],
      ["toString", "a"],
    ]);
    expect(Object.getPrototypeOf(params)).toBeNull();
  });

  test("does not take an inherited name for a parameter that is there", () => {
    expect(check({ constructor: "json" } as unknown as Schema, object({}))).toBe("constructor: missing");
  });

  test.each<[unknown, typeof RangeError | typeof TypeError]>([
    [{ pin: "int" }, RangeError],
    [{ pin: "integer??" }, RangeError],
    [{ pin: "" }, RangeError],
    [{ pin: 7 }, TypeError],
    [{ pin: { a: "integer" } }, TypeError],
    [{ pin: { type: "integer", minimum: "0" } }, TypeError],
    [{ pin: { type: "integer", default: 0 } }, RangeError],
    [{ type: "integer", minimum: 0 }, TypeError],
    ["object", RangeError],
    [null, TypeError],
    [undefined, TypeError],
    [Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`p${index}`, "json"])), RangeError],
  ])("cannot be made of %p", (schema, error) => {
    expect(() => new CompiledSchema(schema as Schema)).toThrow(error);
    expect(() => new CompiledSchema(schema as Schema)).toThrow(/^schema/);
  });

  test("types the parameters of a handler", () => {
    type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
    const named: Same<
      {
        [K in keyof Params<{ pin: "integer"; on: "boolean?"; note: "string" }>]: Params<{
          pin: "integer";
          on: "boolean?";
          note: "string";
        }>[K];
      },
      { readonly pin: number; readonly note: string; readonly on?: boolean }
    > = true;
    const whole: Same<Params<"number">, number> = true;
    const optional: Same<Params<"json?">, Json | undefined> = true;
    const limited: Same<
      {
        [K in keyof Params<{ mode: { type: "string"; oneOf: ["a", "b"] }; pin: { type: "integer?" } }>]: Params<{
          mode: { type: "string"; oneOf: ["a", "b"] };
          pin: { type: "integer?" };
        }>[K];
      },
      { readonly mode: "a" | "b"; readonly pin?: number }
    > = true;
    expect([named, whole, optional, limited]).toEqual([true, true, true, true]);
  });
});
