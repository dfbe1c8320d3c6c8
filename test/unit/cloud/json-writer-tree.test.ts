// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { text } from "../../fakes/text.js";

function written(value: unknown, capacity = 4096): string {
  const writer = new JsonWriter(text, capacity);
  expect(writer.tree(value)).toBe(true);
  return text.decode(writer.bytes, 0, writer.byteLength);
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

const cyclic: { self?: unknown } = {};
cyclic.self = { list: [1, cyclic] };

describe("JsonWriter, trees", () => {
  test.each([
    [null, "null"],
    [true, "true"],
    ["x", '"x"'],
    [1.5, "1.5"],
    [[], "[]"],
    [{}, "{}"],
    [[[], {}, [[]]], "[[],{},[[]]]"],
    [{ a: { b: [1, "2", null, { c: false }] }, d: -3 }, '{"a":{"b":[1,"2",null,{"c":false}]},"d":-3}'],
    [
      new Map<string, unknown>([
        ["a", new Map([["b", [1]]])],
        ['"', 2],
      ]),
      '{"a":{"b":[1]},"\\"":2}',
    ],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [{ a: undefined, b: 1, c: undefined }, '{"b":1}'],
    [{ a: undefined }, "{}"],
    [new Map([["a", undefined]]), "{}"],
  ])("writes %j", (value, json) => {
    expect(written(value)).toBe(json);
  });

  test("writes any JSON value as V8 would", () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: "medium", noUnicodeString: false, stringUnit: "grapheme" }), (value) => {
        fc.pre(typeof value !== "number");
        expect(JSON.parse(written(value, 65_536))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 7 },
    );
  });

  test("rounds a number that is the whole value, and keeps one inside of a value as it is", () => {
    expect(written(0.1 + 0.2)).toBe("0.3");
    expect(written([0.1 + 0.2, 1e21, 1e-20, -0])).toBe("[0.30000000000000004,1e+21,1e-20,0]");
  });

  test.each<[string, unknown, new () => Error]>([
    ["value: function is not a JSON value", () => 1, TypeError],
    ["value: undefined is not a JSON value", undefined, TypeError],
    ["value.a[1].b: symbol is not a JSON value", { a: [0, { b: Symbol("s") }] }, TypeError],
    ["value.a: bigint is not a JSON value", { a: 1n }, TypeError],
    ["value[1]: undefined is not a JSON value", [1, undefined], TypeError],
    ["value.a.b: function is not a JSON value", { a: new Map([["b", () => 1]]) }, TypeError],
    ["value.a: NaN is not a JSON number", { a: Number.NaN }, RangeError],
    ["value[0]: Infinity is not a JSON number", [Number.POSITIVE_INFINITY], RangeError],
    ["value: -Infinity is not a JSON number", Number.NEGATIVE_INFINITY, RangeError],
    ["value.at: neither a plain object nor an array nor a Map", { at: new Date(0) }, TypeError],
    ["value[0]: neither a plain object nor an array nor a Map", [new Uint8Array(2)], TypeError],
    ["value: a Map with a key that is not a string", new Map([[1, 2]]), TypeError],
    ["value.self.list[1]: cyclic", cyclic, TypeError],
  ])("refuses what JSON has no word for: %s", (message, value, type) => {
    const writer = new JsonWriter(text, 512);
    writer.beginArray();
    writer.value(1);
    const { byteLength } = writer;
    expect(() => writer.tree(value)).toThrow(type);
    expect(() => writer.tree(value)).toThrow(message);
    expect(writer.byteLength).toBe(byteLength);
    writer.tree("next");
    writer.endArray();
    expect(text.decode(writer.bytes, 0, writer.byteLength)).toBe('[1,"next"]');
  });

  test("begins the path with the label it is given", () => {
    const writer = new JsonWriter(text, 64);
    expect(() => writer.tree({ a: Number.NaN }, "params")).toThrow("params.a: NaN");
  });

  test("takes 16 levels and no more", () => {
    expect(written(nested(16))).toBe(`${"[".repeat(16)}1${"]".repeat(16)}`);
    const writer = new JsonWriter(text, 512);
    expect(() => writer.tree(nested(17))).toThrow(RangeError);
    expect(() => writer.tree(nested(17))).toThrow("more than 16 levels");
  });

  test("writes the same object twice where it is no cycle", () => {
    const shared = { a: 1 };
    expect(written([shared, shared, { shared }])).toBe('[{"a":1},{"a":1},{"shared":{"a":1}}]');
  });

  test("stops at an overflow instead of walking on through an endless fan", () => {
    let fan: unknown = "leaf";
    for (let level = 0; level < 15; level += 1) fan = new Array(40).fill(fan);
    const writer = new JsonWriter(text, 1024);
    expect(writer.tree(fan)).toBe(false);
    expect(writer.hasOverflowed).toBe(true);
  });
});
