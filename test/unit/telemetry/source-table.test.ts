// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { SourceTable } from "../../../modules/telemetry/source-table.js";
import { text } from "../../fakes/text.js";

describe("SourceTable", () => {
  test("numbers sub-devices from 1 on and for ever", () => {
    const table = new SourceTable(text, 255);
    const names = Array.from({ length: 255 }, (_, index) => `name ${index}`);
    expect(names.map((name) => table.numberOf(name))).toEqual(names.map((_, index) => index + 1));
    expect(table.numberOf("one more")).toBe(-1);
    expect(table.numberOf("name 254")).toBe(255);
    expect(names.map((_, index) => table.sourceOf(index + 1))).toEqual(names);
    expect([table.sourceOf(0), new SourceTable(text, 3).sourceOf(1)]).toEqual(["", ""]);
    expect([table.find("name 0"), table.find("nobody")]).toEqual([1, 0]);
  });

  test.each(["", " ", "\u00a0\n", "x".repeat(256), "é".repeat(128), "\udc00"])("takes %j for no name", (name) => {
    const table = new SourceTable(text, 1);
    expect(() => table.numberOf(name)).toThrow(RangeError);
    expect(table.numberOf("name")).toBe(1);
  });

  test.each([undefined, null, 7, {}])("takes %j for no string", (name) => {
    expect(() => new SourceTable(text, 1).numberOf(name)).toThrow(TypeError);
  });

  test("knows which names are plain in JSON, and their bytes", () => {
    const table = new SourceTable(text, 3);
    const names = ["é😀 /", 'a "quote"', "a\ttab"];
    for (const name of names) table.numberOf(name);
    expect([1, 2, 3].map((number) => table.isPlain(number))).toEqual([true, false, false]);
    for (const [index, name] of names.entries()) {
      const length = table.encode(index + 1);
      expect(text.decode(table.bytes, 0, length)).toBe(name);
    }
  });
});
