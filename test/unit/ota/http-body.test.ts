// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { Body } from "../../../modules/ota/http/body.js";
import { chunked, join } from "./http-rig.js";

/** The data of a body that comes `step` bytes at a time, and how it ended. */
function decode(bytes: Uint8Array, step: number, body = new Body(true)): string {
  const data: number[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    const end = Math.min(at + step, bytes.length);
    for (let start = at; start < end && body.problem === undefined && !body.isOver; ) {
      start += body.frame(bytes, start, end);
      const count = Math.min(body.left, end - start);
      data.push(...bytes.subarray(start, start + count));
      body.consume(count);
      start += count;
    }
  }
  const end = body.problem ?? (body.isOver ? "over" : "open");
  return `${String.fromCharCode(...data)}, ${end}`;
}

const data = join("The quick brown fox jumps over the lazy dog");
const text = String.fromCharCode(...data);

test("without a coding all is data, without an end", () => {
  expect(decode(data, 5, new Body(false))).toBe(`${text}, open`);
});

test("chunks are put together wherever they are cut", () => {
  for (const length of [1, 7, 16, 17, 100])
    for (const extension of ["", ";name=value", ' ; n="v"', "\t"]) {
      const bytes = chunked(data, length, extension);
      for (let step = 1; step <= bytes.length; step += 1) expect(decode(bytes, step)).toBe(`${text}, over`);
    }
});

test("lengths may have zeros before them, and capitals", () => {
  expect(decode(join("0000000A\r\nabcdefghij\r\n1\r\nk\r\n00\r\n"), 3)).toBe("abcdefghijk, over");
});

test.each([
  ["no length", "\r\nabc"],
  ["a length that is no number", "x\r\nabc"],
  ["a negative length", "-1\r\nabc"],
  ["a prefix", "0x3\r\nabc"],
  ["a blank before it", " 3\r\nabc"],
  ["a sign behind it", "3+\r\nabc"],
  ["too many digits", "000000003\r\nabc"],
  ["only an extension", ";a=b\r\nabc"],
  ["an extension without an end", `3;${"x".repeat(300)}\r\nabc`],
  ["HTML", "<html>"],
  ["a null", "\0"],
])("a chunk with %s is refused", (_, said) => {
  for (const step of [1, 1_000]) expect(decode(join(said), step)).toMatch(/^, (the length|a chunk)/);
});

test.each([
  ["longer", "3\r\nabcd\r\n"],
  ["shorter", "3\r\nab\r\n0\r\n\r\n"],
  ["followed by two returns", "3\r\nabc\r\r\n"],
  ["followed by no return", "3\r\nabc\n"],
  ["preceded by a return alone", "3\rabc\r\n"],
])("a chunk that is %s than it says is refused", (_, said) => {
  for (const step of [1, 1_000]) expect(decode(join(said), step)).toContain("a chunk is not as long as it says");
});

test("a body that ends early is over, whatever follows", () => {
  expect(decode(join("3\r\nabc\r\n0\r\nX-Trailer: y\r\n\r\n3\r\ndef\r\n"), 4)).toBe("abc, over");
});
