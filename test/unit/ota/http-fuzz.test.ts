// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { Body } from "../../../modules/ota/http/body.js";
import { ResponseHead } from "../../../modules/ota/http/response-head.js";
import { text } from "../../fakes/text.js";
import { Dice } from "../../faults/fuzz/dice.js";
import { HttpRig, join } from "./http-rig.js";

/** XS on a desk computes some thirty times slower than V8. */
const isOnXs = process.versions === undefined;

const seed = 20_240_229;
const mutations = isOnXs ? 1_000 : 4_000;

const heads = [
  'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-149/150\r\nContent-Length: 150\r\nETag: "a"\r\n\r\n',
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n96\r\n",
  "HTTP/1.1 302 Found\r\nLocation: /elsewhere?a=b\r\n\r\n",
  "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Encoding: gzip\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 416 Range\r\nContent-Range: bytes */150\r\n\r\n",
] as const;

const morsels = [
  "\r\n",
  "\r",
  "\n",
  ":",
  " ",
  "0",
  "-",
  "9".repeat(20),
  "\0",
  "\xff",
  "/",
  "*",
  '"',
  "HTTP/1.1 200 ",
  "bytes ",
];

/** A head with a few things changed, left out or put in. */
function mutate(dice: Dice): Uint8Array {
  let head: string = dice.pick(heads);
  for (let count = dice.below(4); count > 0; count -= 1) {
    const at = dice.below(head.length + 1);
    const behind = at + dice.below(4);
    head = `${head.slice(0, at)}${dice.oneIn(3) ? "" : dice.pick(morsels)}${head.slice(behind)}`;
  }
  if (dice.oneIn(20)) head = `${head.slice(0, 40)}${"x".repeat(dice.below(20_000))}${head.slice(40)}`;
  return Uint8Array.from(head, (character) => character.charCodeAt(0));
}

/** What a head says, as text; takes it `step` bytes at a time. */
function read(head: ResponseHead, bytes: Uint8Array, step: number): string {
  head.reset();
  let taken = 0;
  for (let at = 0; at < bytes.length && !head.isComplete && head.problem === undefined; at += step)
    taken += head.feed(bytes, at, Math.min(at + step, bytes.length));
  const { status, isComplete, problem, contentLength, contentRange, isChunked, location, tag } = head;
  return JSON.stringify({ status, isComplete, problem, contentLength, contentRange, isChunked, location, tag, taken });
}

test("thousands of mutated heads are read the same however they come, without a throw and within bounds", () => {
  const dice = new Dice(seed);
  const head = new ResponseHead(text);
  let completed = 0;
  let refused = 0;
  for (let count = 0; count < mutations; count += 1) {
    const bytes = mutate(dice);
    const whole = read(head, bytes, bytes.length);
    if (head.isComplete) completed += 1;
    if (head.problem !== undefined) refused += 1;
    for (const length of [head.contentLength ?? 0, head.contentRange?.size ?? 0])
      expect(Number.isSafeInteger(length)).toBe(true);
    expect(read(head, bytes, 1 + dice.below(9))).toBe(whole);
  }
  // A run in which nothing gets through, or everything, would prove nothing.
  expect(completed).toBeGreaterThan(mutations / 5);
  expect(refused).toBeGreaterThan(mutations / 5);
});

test("5,000 bodies of nonsense come to an end, and never to more data than bytes", () => {
  const dice = new Dice(seed);
  const alphabet = [0x30, 0x31, 0x61, 0x46, 0x0d, 0x0a, 0x3b, 0x20, 0x00, 0x78];
  for (let count = 0; count < 5_000; count += 1) {
    const bytes = Uint8Array.from({ length: 1 + dice.below(40) }, () => dice.pick(alphabet));
    const body = new Body(true);
    let data = 0;
    let at = 0;
    while (at < bytes.length && body.problem === undefined && !body.isOver) {
      const framed = body.frame(bytes, at, bytes.length);
      const taken = Math.min(body.left, bytes.length - at - framed);
      body.consume(taken);
      if (framed + taken === 0) throw new Error("it stands still");
      data += taken;
      at += framed + taken;
    }
    expect(data).toBeLessThanOrEqual(bytes.length);
  }
});

test("600 connections with mutated responses: whatever a server says, the source goes on, is done or gives up", () => {
  const dice = new Dice(seed);
  let rig = new HttpRig({ isCareless: true });
  let packages = 0;
  let ends = 0;
  rig.source.start();
  for (let count = 0; count < 600; count += 1) {
    rig.open();
    if (rig.end === undefined) {
      const { content } = rig;
      const socket = rig.network.socket;
      rig.say(dice.oneIn(4) ? rig.goodAnswer() : join(mutate(dice), content), 1 + dice.below(64));
      if (!socket.isClosed) socket.fail("connection-closed");
    }
    if (rig.missing > 0 && rig.end === undefined) continue;
    if (rig.missing === 0) packages += 1;
    else ends += 1;
    expect(rig.clock.pending).toBeUndefined();
    rig = new HttpRig({ isCareless: true });
    rig.source.start();
  }
  expect(packages).toBeGreaterThan(50);
  expect(ends).toBeGreaterThan(3);
});
