// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { text } from "../../fakes/text.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function contents(writer: JsonWriter): string {
  return decoder.decode(writer.bytes.subarray(0, writer.byteLength));
}

/** What a writer makes of the calls. */
function written(write: (writer: JsonWriter) => void, capacity = 512): string {
  const writer = new JsonWriter(text, capacity);
  write(writer);
  expect(writer.hasOverflowed).toBe(false);
  return contents(writer);
}

describe("JsonWriter", () => {
  test("puts commas between values and members and nowhere else", () => {
    const json = written((writer) => {
      writer.beginArray();
      writer.beginObject();
      writer.name("a");
      writer.value(1);
      writer.name("b");
      writer.beginArray();
      writer.endArray();
      writer.name("c");
      writer.beginObject();
      writer.endObject();
      writer.endObject();
      writer.value("x");
      writer.value(null);
      writer.beginArray();
      writer.value(true);
      writer.value(false);
      writer.endArray();
      writer.endArray();
    });
    expect(json).toBe('[{"a":1,"b":[],"c":{}},"x",null,[true,false]]');
  });

  test.each([
    ['plain "quotes" and \\ backslash', '"plain \\"quotes\\" and \\\\ backslash"'],
    ["\b\t\n\f\r", '"\\b\\t\\n\\f\\r"'],
    ["\u0000\u0001\u000b\u001a\u001f", '"\\u0000\\u0001\\u000b\\u001a\\u001f"'],
    ["\u007f\u0080\u2028", '"\u007f\u0080\u2028"'],
    ["ü€😀", '"ü€😀"'],
    ["", '""'],
    ["\ufeffx", '"\ufeffx"'],
    ["\ud800", '"\ufffd"'],
    ["a\udc00b", '"a\ufffdb"'],
  ])("writes the string %j so that it can be read back", (value, json) => {
    expect(written((writer) => writer.value(value))).toBe(json);
    expect(
      written((writer) => {
        writer.name(value);
        writer.value(1);
      }),
    ).toBe(`${json}:1`);
  });

  test("writes any well-formed string so that V8 reads the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (value) => {
        expect(JSON.parse(written((writer) => writer.value(value)))).toBe(value);
      }),
      { seed: 7 },
    );
  });

  test("takes a name that is said to be plain as it is", () => {
    const json = written((writer) => {
      writer.name("plain", true);
      writer.value(1);
      writer.name("p2", true);
      writer.value(2);
    });
    expect(json).toBe('"plain":1,"p2":2');
  });

  test("takes JSON text as it is, from a string and from the middle of other bytes", () => {
    const long = JSON.stringify("x".repeat(100));
    const from = encoder.encode(`##[1,2]##${long}`);
    const json = written((writer) => {
      writer.beginArray();
      writer.json('{"a":1e-7}');
      writer.raw(from, 2, 5);
      writer.raw(from, 9, long.length);
      writer.endArray();
    });
    expect(json).toBe(`[{"a":1e-7},[1,2],${long}]`);
  });

  test.each([
    [0, 0, "0"],
    [7, 0, "7"],
    [-7, 0, "-7"],
    [10, 0, "10"],
    [999, 0, "999"],
    [1000, 0, "1000"],
    [215, 1, "21.5"],
    [-215, 1, "-21.5"],
    [5, 1, "0.5"],
    [-5, 3, "-0.005"],
    [1001, 3, "1.001"],
    [123456, 2, "1234.56"],
    [Number.MAX_SAFE_INTEGER, 0, "9007199254740991"],
    [-Number.MAX_SAFE_INTEGER, 3, "-9007199254740.991"],
  ])("writes %i units of 10^-%i as %s", (units, decimals, json) => {
    expect(written((writer) => writer.decimal(units, decimals))).toBe(json);
  });

  test("begins anew after a reset, whatever went before", () => {
    const writer = new JsonWriter(text, 8);
    writer.beginArray();
    writer.value("too long for it");
    expect(writer.hasOverflowed).toBe(true);
    writer.reset();
    writer.value(12);
    expect(writer.hasOverflowed).toBe(false);
    expect(contents(writer)).toBe("12");
  });

  test("takes back what came after a mark: bytes, comma and overflow", () => {
    const writer = new JsonWriter(text, 24);
    writer.beginObject();
    const empty = writer.mark();
    writer.name("a");
    writer.value(1);
    const one = writer.mark();
    writer.name("b");
    writer.value("this does not fit in there");
    expect(writer.hasOverflowed).toBe(true);
    writer.rewind(one);
    expect(writer.hasOverflowed).toBe(false);
    writer.name("c");
    writer.value(2);
    expect(contents(writer)).toBe('{"a":1,"c":2');
    writer.rewind(empty);
    writer.name("d");
    writer.value(3);
    writer.endObject();
    expect(contents(writer)).toBe('{"d":3}');
  });

  test("takes back an open group for the closing of the one before it", () => {
    const writer = new JsonWriter(text, 64);
    writer.beginArray();
    writer.beginObject();
    const mark = writer.mark();
    writer.endObject();
    writer.beginObject();
    writer.name("a");
    writer.rewind(mark);
    writer.endObject();
    writer.endArray();
    expect(contents(writer)).toBe("[{}]");
  });

  test("stays overflowed after rewinding to a mark that was made when it was", () => {
    const writer = new JsonWriter(text, 4);
    writer.value("does not fit");
    const mark = writer.mark();
    writer.rewind(mark);
    expect(writer.hasOverflowed).toBe(true);
  });

  test("reduces an array of one element to the element", () => {
    const json = written((writer) => {
      writer.beginArray();
      writer.beginObject();
      writer.name("a");
      writer.value(1);
      writer.endObject();
      writer.unwrapArray();
    });
    expect(json).toBe('{"a":1}');
  });

  test("fills the buffer to the last byte and refuses the next, for every kind of value", () => {
    const writes: readonly ((writer: JsonWriter) => boolean)[] = [
      (writer) => writer.value("ab\n"),
      (writer) => writer.value(-1234),
      (writer) => writer.value(0.125),
      (writer) => writer.value(true),
      (writer) => writer.value(null),
      (writer) => writer.decimal(-5, 2),
      (writer) => writer.json("[7]"),
      (writer) => writer.raw(encoder.encode("[7,8]"), 0, 5),
      (writer) => writer.name('n"'),
      (writer) => writer.name("plain", true),
      (writer) => writer.beginArray(),
      (writer) => writer.endObject(),
      (writer) => writer.tree({ a: [1, { b: "c" }] }),
    ];
    for (const write of writes) {
      const prefix = '"a":'.length;
      const size = prefix + written((writer) => write(writer), 64).length;
      for (let capacity = prefix; capacity <= size; capacity += 1) {
        const writer = new JsonWriter(text, capacity);
        expect(writer.name("a")).toBe(true);
        expect(write(writer)).toBe(capacity === size);
        expect(writer.hasOverflowed).toBe(capacity < size);
        expect(writer.byteLength).toBeLessThanOrEqual(capacity);
      }
    }
  });

  test("writes nothing more once it has overflowed", () => {
    const writer = new JsonWriter(text, 6);
    writer.beginArray();
    writer.value(1);
    const { byteLength } = writer;
    expect(writer.value("longer")).toBe(false);
    expect([writer.value(2), writer.name("a"), writer.json("1"), writer.tree([]), writer.endArray()]).toEqual(
      new Array(5).fill(false),
    );
    expect(writer.byteLength).toBe(byteLength);
  });

  test.each([1, 2 ** 20])("takes a capacity of %d", (capacity) => {
    expect(new JsonWriter(text, capacity).bytes).toHaveLength(capacity);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 20 + 1])("refuses a capacity of %d by name", (capacity) => {
    expect(() => new JsonWriter(text, capacity)).toThrow(/^capacity: /);
  });
});
