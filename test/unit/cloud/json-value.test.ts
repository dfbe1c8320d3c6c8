// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { copyJson, isSameJson } from "../../../modules/cloud/json-value.js";

describe("copyJson", () => {
  test("copies every type, so that later changes of the original do not show", () => {
    const original = { a: [1, "b", true, null], c: { d: undefined, e: 0 }, m: new Map([["x", [2]]]) };
    const copy = copyJson(original, "v");
    original.a.push("more");
    original.c.e = 9;
    original.m.set("x", [3]);
    expect(copy).toEqual(
      new Map<string, Json>([
        ["a", [1, "b", true, null]],
        ["c", new Map([["e", 0]])],
        ["m", new Map([["x", [2]]])],
      ]),
    );
  });

  test.each([
    [undefined],
    [() => 1],
    [Symbol("s")],
    [10n],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [[undefined]],
    [{ a: { b: Number.NaN } }],
    [new Map([[1, 2]])],
    [new Date(0)],
    [new Uint8Array(2)],
  ])("refuses %p by name", (value) => {
    expect(() => copyJson(value, "values.key")).toThrow(TypeError);
    expect(() => copyJson(value, "values.key")).toThrow(/^values\.key: /);
  });

  test("refuses a cycle, and more than 16 levels", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => copyJson(cycle, "v")).toThrow(RangeError);
    let deep: unknown = 1;
    for (let level = 0; level < 16; level += 1) deep = [deep];
    expect(copyJson(deep, "v")).toEqual(deep);
    expect(() => copyJson([deep], "v")).toThrow(RangeError);
  });
});

const object = (...members: [string, Json][]): Json => new Map(members);

test.each<[boolean, Json, Json]>([
  [true, 1, 1],
  [false, 1, 2],
  [false, 1, "1"],
  [false, 0, false],
  [false, null, 0],
  [true, null, null],
  [false, null, []],
  [false, null, object()],
  [true, "a", "a"],
  [true, [], []],
  [true, [1, [2]], [1, [2]]],
  [false, [1, [2]], [1, [3]]],
  [false, [1, 2], [2, 1]],
  [false, [1], [1, 2]],
  [false, [2], [1, 2]],
  [false, [], object()],
  [false, object(), []],
  [false, [[]], [object()]],
  [true, object(["a", 1], ["b", [2]]), object(["b", [2]], ["a", 1])],
  [false, object(["a", 1]), object(["b", 1])],
  [false, object(["a", 1]), object(["a", 1], ["b", 1])],
  [false, object(["a", object(["b", 1])]), object(["a", object(["b", 2])])],
  [false, object(["a", null]), object(["b", null])],
])("isSameJson says %p of %p and %p", (expected, one, other) => {
  expect(isSameJson(one, other)).toBe(expected);
  expect(isSameJson(other, one)).toBe(expected);
});
