// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { JsonScanner } from "../../../modules/cloud/json-scanner.js";
import { text } from "../../fakes/text.js";

const encoder = new TextEncoder();
const scanner = new JsonScanner({ text });

/** Scans out of the middle of a buffer whose other bytes would continue most values. */
function scanBytes(bytes: Uint8Array, by = scanner): Json | undefined {
  const buffer = new Uint8Array(bytes.length + 8).fill(0x31);
  buffer.set(bytes, 4);
  return by.scan(buffer, 4, 4 + bytes.length);
}

function scan(json: string, by = scanner): Json | undefined {
  return scanBytes(encoder.encode(json), by);
}

/** Maps as plain objects, to compare with what V8 reads. */
function plain(value: Json | undefined): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  return Array.isArray(value) ? value.map((element) => plain(element)) : value;
}

const valid = [
  "null",
  "true",
  "false",
  "0",
  "-0",
  "7",
  "-12",
  "42.0",
  "1.0E10",
  "1.0E-5",
  "1e+3",
  "-2.5e-3",
  "0.30000000000000004",
  "999999999999999",
  "9007199254740993",
  "61687856363851354",
  "-9223372036854775808",
  "123456789012345678901234567890",
  "5e-324",
  "1e-400",
  '""',
  '"abc"',
  '"€ 😀 ü"',
  '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
  '"\\u0041\\u00e9\\u20aC"',
  '"\\uD83D\\uDE00"',
  '"a\\ud83d\\ude00b\\n"',
  '"\\u0000"',
  '"\u007f\u2028"',
  "[]",
  "{}",
  " [ 1 , 2 ] ",
  "[[],{},[[]]]",
  '{"a":1}',
  '\t{ "a" : [ true , { "b" : null } ] ,\r\n "c" : "d" }\n',
  '{"":0}',
  '{"a":1,"b":{"a":2},"a":3}',
  '{"method":"setGpio","params":{"pin":2,"on":true}}',
];

test.each(valid)("JsonScanner reads %s as JSON.parse does", (json) => {
  expect(plain(scan(json))).toEqual(JSON.parse(json));
});

const invalid = [
  "",
  " ",
  "nul",
  "nulll",
  "True",
  "undefined",
  "NaN",
  "Infinity",
  "-",
  "+1",
  "01",
  "-01",
  ".5",
  "5.",
  "1.e3",
  "1e",
  "1e+",
  "0x10",
  "1 2",
  "1e400",
  "-1e400",
  '"',
  '"a',
  '"a\\"',
  '"\\x41"',
  '"\\u12"',
  '"\\u12g4"',
  '"\\u123"',
  "'a'",
  '"a\nb"',
  '"\t"',
  '"\\',
  "[",
  "]",
  "[1",
  "[1,",
  "[1,]",
  "[,1]",
  "[1,,2]",
  "[1 2]",
  "[1}",
  "{",
  "}",
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,',
  '{"a":1,}',
  '{"a" 1}',
  '{"a":1 "b":2}',
  '{"a":1]',
  "{a:1}",
  "{1:1}",
  '{"a":1}x',
  '{"a":1}{}',
  "[1]]",
  "// comment\n1",
  "\ufeff1",
];

test.each(invalid)("JsonScanner refuses %j", (json) => {
  expect(scan(json)).toBeUndefined();
});

describe("JsonScanner", () => {
  test("reads nothing before start and nothing from end", () => {
    const bytes = encoder.encode("[12345]");
    expect(scanner.scan(bytes, 1, 4)).toBe(123);
    expect(scanner.scan(bytes, 3, 3)).toBeUndefined();
    expect(scanner.scan(encoder.encode('"abc"'), 0, 4)).toBeUndefined();
    expect(scanner.scan(encoder.encode("true"), 0, 3)).toBeUndefined();
    expect(scanner.scan(encoder.encode('"\\u0041"'), 0, 5)).toBeUndefined();
  });

  test("refuses every beginning of a message that is not the whole of it", () => {
    const json = '{"a":[1.5e3,"\\u00e9\\n",true],"b":{"c":null}}';
    for (let length = 0; length < json.length; length += 1) expect(scan(json.slice(0, length))).toBeUndefined();
    expect(scan(json)).toBeDefined();
  });

  test("keeps minus zero", () => {
    expect(Object.is(scan("-0"), -0)).toBe(true);
  });

  test("keeps names that mean something to JavaScript as entries of a Map", () => {
    const value = scan('{"__proto__":{"polluted":1},"constructor":2,"toString":3}');
    expect(value).toEqual(
      new Map<string, Json>([
        ["__proto__", new Map([["polluted", 1]])],
        ["constructor", 2],
        ["toString", 3],
      ]),
    );
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  test("takes the last of two equal names, also when they are spelled differently", () => {
    expect(scan('{"a":1,"\\u0061":2}')).toEqual(new Map([["a", 2]]));
  });

  test.each([
    ["a lone high surrogate", '"\\ud83dx"', "\ufffdx"],
    ["a lone low surrogate", '"x\\ude00"', "x\ufffd"],
    ["two high surrogates and a low one", '"\\ud83d\\ud83d\\ude00"', "\ufffd😀"],
    ["a high surrogate before another escape", '"\\ud83d\\n"', "\ufffd\n"],
    ["a high surrogate at the end", '"\\ud83d"', "\ufffd"],
  ])("replaces %s", (_name, json, expected) => {
    expect(scan(json)).toBe(expected);
  });

  test.each([
    ["a stray continuation byte", [0x22, 0x80, 0x22], "\ufffd"],
    ["an unfinished sequence before an escape", [0x22, 0xc3, 0x5c, 0x6e, 0x22], "\ufffd\n"],
    ["the byte 0xff", [0x22, 0xff, 0x61, 0x22], "\ufffda"],
  ])("replaces %s", (_name, bytes, expected) => {
    expect(scanBytes(new Uint8Array(bytes))).toBe(expected);
  });

  test("replaces an unfinished sequence before the quote, whose every byte may count", () => {
    const value = scanBytes(new Uint8Array([0x22, 0x61, 0xe2, 0x82, 0x22]));
    expect(["a\ufffd", "a\ufffd\ufffd"]).toContain(value);
  });

  test("refuses invalid UTF-8 outside of strings", () => {
    expect(scanBytes(new Uint8Array([0x31, 0xff]))).toBeUndefined();
    expect(scanBytes(new Uint8Array([0xc2, 0xa0, 0x31]))).toBeUndefined();
  });

  test("refuses a number of more than 64 characters", () => {
    expect(scan("1".repeat(64))).toBe(Number("1".repeat(64)));
    expect(scan("1".repeat(65))).toBeUndefined();
    expect(scan(`0.${"0".repeat(100_000)}`)).toBeUndefined();
  });

  test("reads a string of nothing but escapes", () => {
    const value = scan(`"${"\\n".repeat(30_000)}"`);
    expect(value).toBe("\n".repeat(30_000));
  });

  test("reads down to its depth and no deeper", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    expect(scan(nested(16))).toBeDefined();
    expect(scan(nested(17))).toBeUndefined();
    expect(scan(objects(16))).toBeDefined();
    expect(scan(objects(17))).toBeUndefined();
    expect(scan(nested(3), new JsonScanner({ text, maxDepth: 3 }))).toBeDefined();
    expect(scan(nested(4), new JsonScanner({ text, maxDepth: 3 }))).toBeUndefined();
    expect(scan("[".repeat(50_000))).toBeUndefined();
  });

  test("counts members of the whole message and refuses one too many", () => {
    const members = (count: number) =>
      `{${Array.from({ length: count }, (_, index) => `"k${index}":${index}`).join()}}`;
    expect((scan(members(512)) as ReadonlyMap<string, Json>).size).toBe(512);
    expect(scan(members(513))).toBeUndefined();
    expect(scan(members(1000))).toBeUndefined();
    const small = new JsonScanner({ text, maxMembers: 4 });
    expect(scan("[[1,2],3]", small)).toBeDefined();
    expect(scan("[[1,2],3,4]", small)).toBeUndefined();
    expect(scan('{"a":1,"a":2,"a":3,"a":4,"a":5}', small)).toBeUndefined();
  });

  test("reads the next message as if the one it refused had not been", () => {
    for (const json of ["[[[", '{"a":[', "[1,2", "1 1"]) {
      expect(scan(json)).toBeUndefined();
      expect(scan('{"b":[1]}')).toEqual(new Map([["b", [1]]]));
    }
  });

  test.each([
    ["maxDepth", 0],
    ["maxDepth", 65],
    ["maxDepth", 1.5],
    ["maxMembers", 0],
    ["maxMembers", 65_536],
  ])("refuses to be made with %s %d", (name, value) => {
    expect(() => new JsonScanner({ text, [name]: value })).toThrow(RangeError);
    expect(() => new JsonScanner({ text, [name]: String(value) })).toThrow(TypeError);
  });
});
