// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { type Asked, ChunkRoom, type Receiver } from "./chunk-room.js";

/** XS on a desk computes some thirty times slower than V8. */
const runs = process.versions === undefined ? 10 : 300;

const topics: readonly string[] = [
  ...["v2/fw/response/%/chunk/", "v2/fw/response//chunk/0", "v2/fw/response/%/chunk", "v2/fw/response/%"],
  ...["v2/sw/response/%/chunk/1", "v2/fw/response/%/chunk/-1", "v2/fw/response/%/chunk/99999999999", "v2/fw/response"],
  ...[
    "v2/fw/response/%/chunk/é",
    "v2/fw/response/%/chunk/0/1",
    "v2/fw/response/%%/chunk/0",
    "v2/fw/response/%/chunks/0",
  ],
];
const words: readonly string[] = ["NOT_FOUND", "UNKNOWN", "", "\u{fffd}"];

test("A source of chunks in the hands of a mad server never takes a wrong chunk, and is done in the end", () => {
  for (let run = 0; run < runs; run += 1) {
    const room = new ChunkRoom({ window: 1 + (run % 9) });
    const next = (bound: number): number => room.random() % bound;
    for (let skipped = 0; skipped < run; skipped += 1) room.random();
    const receiver = room.begin(1 + next(2_000), 8 + next(150));
    let waiting: Asked[] = [];
    let id = 0;
    for (let step = 0; step < 120 && !receiver.isWhole; step += 1) {
      waiting.push(...room.asked());
      id = waiting[waiting.length - 1]?.id ?? id;
      const picked = waiting[next(Math.max(1, waiting.length))];
      const kind = next(12);
      if (kind < 4) {
        if (picked !== undefined) room.answer(receiver, picked);
      } else if (kind === 4) room.deliver(id, next(receiver.image.chunks + 5), noise(receiver, room));
      else if (kind === 5)
        room.link.deliver((topics[next(topics.length)] as string).replace("%", String(id)), noise(receiver, room));
      else if (kind === 6) room.link.deliver("v2/fw/error", words[next(words.length)] as string);
      else if (kind === 7) {
        room.link.close();
        room.connect();
      } else if (kind === 8) {
        room.link.room = next(3);
        room.link.relieve(next(20) === 0 ? 0 : Number.POSITIVE_INFINITY);
      } else if (kind === 9) {
        room.chunks.stop();
        room.chunks.start();
      } else if (kind === 10) receiver.lose = next(4) === 0 ? (chunk) => [chunk, next(chunk + 1)] : () => [];
      else room.clock.advance(next(20_000));
      if (waiting.length > 30) waiting = waiting.slice(-15);
    }
    receiver.lose = () => [];
    room.link.relieve();
    room.chunks.start();
    for (let round = 0; round < 400 && !receiver.isWhole; round += 1) {
      const asked = room.asked();
      if (round > 100 && asked.length === 0) room.chunks.start();
      for (const each of asked) room.answer(receiver, each);
      if (asked.length === 0) room.clock.advance(30_000);
    }
    expect([run, receiver.isWhole]).toEqual([run, true]);
    expect(room.clock.pending).toBeUndefined();
  }
});

/** Bytes that are no chunk: where they are as long as one, the checksum of the whole has to tell. */
function noise({ image }: Receiver, room: ChunkRoom): Uint8Array {
  const length = room.random() % 200;
  const isAsLong = length === image.chunkLength || length === image.lengthOf(image.chunks - 1);
  return new Uint8Array(isAsLong ? 0 : length).fill(room.random());
}
