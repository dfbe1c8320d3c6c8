// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { ResponseHead } from "../../../modules/ota/http/response-head.js";
import { text } from "../../fakes/text.js";

const encoder = new TextEncoder();

/** What a head says once `step` bytes at a time are fed, and how many it took. */
function read(said: string, step = said.length || 1, head = new ResponseHead(text)) {
  const bytes = encoder.encode(said);
  head.reset();
  let taken = 0;
  for (let at = 0; at < bytes.length; at += step) {
    const end = Math.min(at + step, bytes.length);
    const count = head.feed(bytes, at, end);
    taken += count;
    if (count < end - at) break;
  }
  const { status, isComplete, problem, contentLength, contentRange, isChunked, isEncoded, location, tag } = head;
  const { retryAfterSeconds } = head;
  return {
    ...{ status, isComplete, problem, contentLength, contentRange, isChunked, isEncoded, location, tag },
    ...{ retryAfterSeconds, taken },
  };
}

const nothing = { problem: undefined, contentLength: undefined, contentRange: undefined, isChunked: false };

const complete =
  "HTTP/1.1 206 Partial Content\r\nServer: nginx\r\ncontent-LENGTH:  100\t \r\nContent-Range: bytes 200-299/1000\r\n" +
  'ETag: "abc-1"\r\nLocation: https://a.test/b?c=d:e\r\nRetry-After: 120\r\nContent-Encoding: Identity\r\nX-Empty:\r\n\r\n';

const understood = {
  status: 206,
  isComplete: true,
  problem: undefined,
  contentLength: 100,
  contentRange: { start: 200, end: 300, size: 1_000 },
  isChunked: false,
  isEncoded: false,
  location: "https://a.test/b?c=d:e",
  tag: '"abc-1"',
  retryAfterSeconds: 120,
  taken: complete.length,
};

test("a head is read up to its end, and not a byte of the body", () => {
  expect(read(`${complete}\r\nbody`)).toEqual(understood);
});

test("a head is read the same wherever it is cut", () => {
  for (let step = 1; step <= complete.length; step += 1) expect(read(`${complete}body`, step)).toEqual(understood);
  for (let length = 0; length < complete.length; length += 1)
    expect(read(complete.slice(0, length))).toMatchObject({ isComplete: false, problem: undefined });
});

test("lines may end without a carriage return, and the status without a phrase", () => {
  expect(read(complete.split("\r").join(""))).toMatchObject({ ...understood, taken: expect.any(Number) });
  for (const line of ["HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 200 OK", "HTTP/1.1 200 Gr\u00fc\u00dfe"])
    expect(read(`${line}\r\n\r\n`)).toMatchObject({ ...nothing, status: 200, isComplete: true });
});

test("a second response is read as if there had been no first", () => {
  const head = new ResponseHead(text);
  read(complete, 7, head);
  expect(read("HTTP/1.1 200 OK\r\n\r\n", 3, head)).toMatchObject({
    ...{ ...nothing, status: 200, isComplete: true, location: undefined, tag: undefined },
    retryAfterSeconds: undefined,
  });
});

test("interim responses are passed over with all that they say", () => {
  const interim = 'HTTP/1.1 103 Early Hints\r\nETag: "x"\r\nContent-Length: 5\r\n\r\n';
  const said = `HTTP/1.1 100 Continue\r\n\r\n${interim}HTTP/1.1 404 Not Found\r\n\r\n`;
  expect(read(said)).toMatchObject({ ...nothing, status: 404, isComplete: true, tag: undefined });
  expect(read(interim.repeat(1_000)).problem).toBe("the head is too long");
});

test.each([
  ["\r\n"],
  ["\n\n"],
  ["<html>\r\n"],
  ["HTTP/2 200 OK\r\n"],
  ["HTTP/2.0 200 OK\r\n"],
  ["HTTP/1.1 200OK\r\n"],
  ["HTTP/1.1  200 OK\r\n"],
  ["HTTP/1.1 20 OK\r\n"],
  ["HTTP/1.1 2000 OK\r\n"],
  ["HTTP/1.1 -20 OK\r\n"],
  ["HTTP/1.1 099 OK\r\n"],
  ["HTTP/1.1 600 OK\r\n"],
  ["HTTP/1.1 abc OK\r\n"],
  ["http/1.1 200 OK\r\n"],
  ["HTTP/1.1\r\n"],
  ["HTTP/1.1 101 Switching Protocols\r\n"],
  ["ICY 200 OK\r\n"],
  ["\x15\x03\x03\x00\x02\x02\x28"],
  ["\x00"],
])("%j is no status line", (said) => {
  expect(read(said)).toMatchObject({ isComplete: false, problem: expect.any(String) });
});

test.each([
  ["no colon", "nonsense"],
  ["no name", ": value"],
  ["a name with a blank", "Content Length: 5"],
  ["a blank before the colon", "Content-Length : 5"],
  ["a folded line", "X: y\r\n z"],
  ["a name that is not ASCII", "L\u00e4nge: 5"],
  ["a control character", "X: \x01"],
  ["a null", "X: \0"],
  ["a delete", "X: \x7f"],
  ["a return inside a line", "X: y\rz"],
  ["a negative length", "Content-Length: -1"],
  ["a signed length", "Content-Length: +1"],
  ["an empty length", "Content-Length:"],
  ["a fractional length", "Content-Length: 1.5"],
  ["a length with an exponent", "Content-Length: 1e3"],
  ["a hexadecimal length", "Content-Length: 0x10"],
  ["a length over all bounds", "Content-Length: 1000000000000000"],
  ["an endless length", `Content-Length: ${"1".repeat(3_000)}`],
  ["two lengths in one", "Content-Length: 5, 5"],
  ["two lengths", "Content-Length: 5\r\nContent-Length: 6"],
  ["an unknown coding", "Transfer-Encoding: gzip"],
  ["two codings", "Transfer-Encoding: gzip, chunked"],
  ["a coding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"],
  ["another unit", "Content-Range: items 0-9/10"],
  ["an empty range", "Content-Range:"],
  ["a range without a size", "Content-Range: bytes 0-9"],
  ["a range without an end", "Content-Range: bytes 0-/10"],
  ["a range without a start", "Content-Range: bytes -9/10"],
  ["a range without a dash", "Content-Range: bytes 9/10"],
  ["a range that ends before it starts", "Content-Range: bytes 9-0/10"],
  ["a range beyond the size", "Content-Range: bytes 0-10/10"],
  ["a negative range", "Content-Range: bytes -5--1/10"],
  ["a range with blanks", "Content-Range: bytes 0 - 9/10"],
  ["no range of nothing", "Content-Range: bytes */*"],
  ["a range with two sizes", "Content-Range: bytes 0-9/10/10"],
  ["two ranges", "Content-Range: bytes 0-9/10\r\nContent-Range: bytes 0-9/10"],
])("a head with %s is refused", (_, line) => {
  const { isComplete, problem } = read(`HTTP/1.1 206 X\r\n${line}\r\n\r\n`);
  expect({ isComplete, isRefused: problem !== undefined }).toEqual({ isComplete: false, isRefused: true });
});

test.each([
  ["Content-Range: bytes 0-0/1", { contentRange: { start: 0, end: 1, size: 1 } }],
  ["Content-Range: BYTES 5-9/*", { contentRange: { start: 5, end: 10, size: -1 } }],
  ["Content-Range: bytes */77", { contentRange: { start: -1, end: -1, size: 77 } }],
  ["Content-Length: 5\r\nContent-Length: 5", { contentLength: 5 }],
  ["Content-Length: 0", { contentLength: 0 }],
  ["Content-Length: 999999999999999", { contentLength: 999_999_999_999_999 }],
  ["Transfer-Encoding: Chunked", { isChunked: true }],
  ["Content-Encoding: gzip", { isEncoded: true }],
  ["Content-Encoding: identity, br", { isEncoded: true }],
  ['ETag: "a"', { tag: '"a"' }],
  ['ETag: ""', { tag: '""' }],
  ['ETag: W/"a"', { tag: undefined }],
  ["ETag: a", { tag: undefined }],
  ['ETag: "', { tag: undefined }],
  ['ETag: "a"b"', { tag: undefined }],
  ['ETag: "a b"', { tag: undefined }],
  ['ETag: "\u00e4"', { tag: undefined }],
  [`ETag: "${"a".repeat(126)}"`, { tag: `"${"a".repeat(126)}"` }],
  [`ETag: "${"a".repeat(127)}"`, { tag: undefined }],
  ["Retry-After: Fri, 31 Dec 1999 23:59:59 GMT", { retryAfterSeconds: undefined }],
  ["Retry-After: -5", { retryAfterSeconds: undefined }],
  ["Retry-After: 0", { retryAfterSeconds: 0 }],
  ["X-Content-Length: -1", nothing],
  [`${"Content-Length".repeat(200)}: -1`, nothing],
])("%s is understood", (line, expected) => {
  expect(read(`HTTP/1.1 206 X\r\n${line}\r\n\r\n`)).toMatchObject({
    ...expected,
    isComplete: true,
    problem: undefined,
  });
});

test("a long line passes that does not matter, up to 8 KiB, and all of them up to 16 KiB", () => {
  const with_ = (lines: string) => read(`HTTP/1.1 200 OK\r\n${lines}\r\n`, 100);
  const field = (length: number) => `Policy: ${"x".repeat(length - 8)}\r\n`;
  expect(with_(field(8_192))).toMatchObject({ isComplete: true, problem: undefined });
  expect(with_(field(8_193))).toMatchObject({ isComplete: false, problem: "a line is too long" });
  expect(with_(field(4_000).repeat(4))).toMatchObject({ isComplete: true });
  expect(with_(field(4_000).repeat(5))).toMatchObject({ isComplete: false, problem: "the head is too long" });
  expect(with_(`${"n".repeat(9_000)}: x\r\n`).problem).toBe("a line is too long");
  expect(read("x".repeat(20_000)).problem).toBe("a line is too long");
});

test("a location that is too long for a URL is not taken for a shorter one", () => {
  const location = `http://a.test/${"b".repeat(2_000)}`;
  const { location: kept } = read(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\n\r\n`);
  expect(kept?.length).toBeGreaterThan(1_020);
});
