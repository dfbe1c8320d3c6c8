// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Room, type RoomOptions } from "./image-room.js";

/** XS on a desk computes some thirty times slower than V8. */
const step = process.versions === undefined ? 7 : 1;

const tears = [0, 1, 2, 3, 4, 5, 6, 7];
const window = 8;

const size = 20 * 256 - 5;
const small = { blocks: 21, blockLength: 256, size, window };
const rooms: readonly (readonly [string, RoomOptions])[] = [
  ["a block", { ...small, chunkLength: 256 }],
  ["a quarter of a block", { ...small, chunkLength: 64 }],
  ["two blocks", { ...small, chunkLength: 512 }],
  ["a block, aligned to 16 bytes", { ...small, chunkLength: 256, writeAlign: 16 }],
  ["half a block, aligned to 32 bytes", { ...small, chunkLength: 128, writeAlign: 32 }],
];
/** Two blocks for each bit of the checkpoint. */
const large: RoomOptions = { blocks: 1_100, blockLength: 32, size: 1_099 * 32 + 7, chunkLength: 32, window };

/** A download of the package while the flash holds another one, whole. */
function prepare(options: RoomOptions): Room {
  const room = new Room(options);
  room.live("1.9");
  room.delivered = 0;
  return room;
}

function judge(room: Room, cuts: number): void {
  expect(room.readBack()).toBe(room.identity().checksum);
  expect(room.delivered).toBeLessThanOrEqual(room.open().chunks + cuts * window);
  expect(room.failures.counts.total).toBe(0);
}

function operationsOf(options: RoomOptions): number {
  const room = prepare(options);
  const before = room.flash.operations;
  expect(room.live()).toBe(false);
  judge(room, 0);
  return room.flash.operations - before;
}

describe.each(rooms)("ImageWriter with chunks of %s, when the power goes", (_, options) => {
  test("during any operation of the flash", () => {
    const operations = operationsOf(options);
    for (const tear of tears)
      for (let operation = 1 + (tear % step); operation <= operations; operation += step) {
        const room = prepare(options);
        room.flash.cutAt(operation, tear);
        expect(room.live()).toBe(true);
        judge(room, 1);
      }
  });

  test.each([
    ["before", false],
    ["after", true],
  ])("%s any write of the checkpoint", (_, isDone) => {
    for (let operation = 1; operation <= 20; operation += step) {
      const room = prepare(options);
      room.storage.cutAt(operation, isDone);
      room.live();
      judge(room, 1);
    }
  });

  test("again and again", () => {
    const room = prepare(options);
    let cuts = 0;
    for (;;) {
      // Always late enough for something to become whole in between.
      room.flash.cutAt(3 * window + cuts, cuts);
      const writer = room.open();
      try {
        room.download(writer);
        break;
      } catch {
        cuts += 1;
        room.flash.restore();
      }
    }
    expect(cuts).toBeGreaterThan(0);
    room.flash.restore();
    judge(room, cuts);
  });
});

describe("ImageWriter with several blocks for each bit, when the power goes", () => {
  test("during an operation of the flash, here and there", () => {
    const operations = operationsOf(large);
    for (let operation = 1; operation <= operations; operation += 97 * step) {
      const room = prepare(large);
      room.flash.cutAt(operation, operation);
      room.live();
      judge(room, 1);
    }
  });
});
