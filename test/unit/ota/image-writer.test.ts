// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import { createCheckpoint } from "../../../modules/ota/checkpoint.js";
import { createDigest } from "../../../modules/ota/digest/create.js";
import { ImageDigest } from "../../../modules/ota/image-digest.js";
import { PowerCut } from "../../fakes/flash.js";
import { text } from "../../fakes/text.js";
import { imageOf, key, Room, type RoomOptions } from "./image-room.js";

const small: RoomOptions = { blocks: 12, blockLength: 256, size: 10 * 256 - 5, chunkLength: 64 };

describe("ImageWriter", () => {
  test("writes every byte of an image once, and erases no block twice nor one behind its end", () => {
    const room = new Room(small);
    const writer = room.open();
    expect(writer.chunks).toBe(40);
    expect(writer.lengthOf(39)).toBe(59);
    room.download(writer);
    expect(room.flash.contents.subarray(0, small.size)).toEqual(room.image);
    expect(room.flash.bytesWritten).toBe(small.size);
    expect([...room.flash.erasesByBlock]).toEqual([...new Array(10).fill(1), 0, 0]);
    expect(room.readBack()).toBe(room.identity().checksum);
  });

  test("erases a block just before its first chunk is written", () => {
    const room = new Room(small);
    const writer = room.open();
    expect(room.flash.operations).toBe(0);
    const order: string[] = [];
    for (const chunk of [5, 4, 39, 7, 6]) {
      const { erases, writes } = room.flash;
      writer.write(chunk, room.image, chunk * 64);
      order.push(`${room.flash.erases - erases} ${room.flash.writes - writes}`);
    }
    expect(order).toEqual(["1 1", "0 1", "1 1", "0 1", "0 1"]);
    expect(room.flash.erasesByBlock[1]).toBe(1);
  });

  test("stores a checkpoint when a block is whole, and at no other time", () => {
    const room = new Room(small);
    const writer = room.open();
    for (const chunk of [0, 4, 1, 5, 2]) writer.write(chunk, room.image, chunk * 64);
    expect(room.storage.operations).toHaveLength(1);
    writer.write(3, room.image, 3 * 64);
    expect(room.storage.operations).toHaveLength(2);
    room.download(writer);
    expect(room.storage.operations).toHaveLength(11);
  });

  test("takes a chunk once, from anywhere in a buffer", () => {
    const room = new Room(small);
    const writer = room.open();
    const buffer = new Uint8Array(100);
    buffer.set(room.image.subarray(64, 128), 9);
    writer.write(1, buffer, 9);
    expect(writer.missing).toBe(39);
    const { operations } = room.flash;
    writer.write(1, buffer, 0);
    expect(writer.missing).toBe(39);
    expect(room.flash.operations).toBe(operations);
    expect(room.flash.contents.subarray(64, 128)).toEqual(room.image.subarray(64, 128));
  });

  test("goes on where it was, with chunks of another length too", () => {
    for (const [before, after] of [
      [64, 256],
      [256, 64],
      [256, 1_024],
      [1_024, 128],
    ] as const) {
      const room = new Room({ ...small, chunkLength: before, window: 1 });
      room.download(room.open(), 320 / Math.min(before, 320) + 1);
      const stored = room.flash.erases;
      room.chunkLength = after;
      const writer = room.open();
      expect(writer.missing).toBeLessThanOrEqual(writer.chunks);
      room.download(writer);
      expect(room.readBack()).toBe(room.identity().checksum);
      // Nothing that was whole is erased again: one block at most was not.
      expect(room.flash.erases).toBeLessThanOrEqual(11);
      expect(stored).toBeGreaterThan(0);
    }
  });

  test("begins anew for another package, slot or size, and forgets the one before", () => {
    const room = new Room(small);
    room.download(room.open());
    expect(room.open().missing).toBe(0);
    expect(room.open("1.10").missing).toBe(40);
    expect(room.open().missing).toBe(40);
    room.download(room.open());
    expect(room.open("1.1", "ota_0").missing).toBe(40);
    expect(room.open().missing).toBe(40);
  });

  test("begins anew where the checkpoint is not understood, and on demand", () => {
    const room = new Room(small);
    room.download(room.open());
    room.storage.values.set(key, Uint8Array.of(1, 2, 3));
    expect(room.open().missing).toBe(40);
    const writer = room.open();
    room.download(writer);
    writer.restart();
    expect(writer.missing).toBe(40);
    expect(room.open().missing).toBe(40);
    room.download(writer);
    expect(room.readBack()).toBe(room.identity().checksum);
  });

  test("begins anew where the checkpoint is of other units", () => {
    const room = new Room(small);
    const checkpoint = createCheckpoint(text, "ota_1", room.identity(), 128);
    for (let unit = 0; unit < 20; unit += 1) checkpoint.written.add(unit);
    room.storage.values.set(key, checkpoint.seal());
    expect(room.open().missing).toBe(40);
  });

  test("does without checkpoints where they cannot be stored, unless another one is in the way", () => {
    const room = new Room(small);
    room.storage.isFull = true;
    room.download(room.open());
    expect(room.readBack()).toBe(room.identity().checksum);
    expect(room.failures.counts.of("storage-failed")).toBe(11);
    expect(room.open().missing).toBe(40);
    room.storage.isFull = false;
    room.download(room.open());
    room.storage.isFull = true;
    const { erases } = room.flash;
    expect(() => room.open("1.10")).toThrow(DeviceError);
    expect(room.flash.erases).toBe(erases);
    expect(room.open().missing).toBe(0);
  });

  test.each([64, 256, 512])(
    "wants the chunks of a block again where the flash failed, at %d bytes a chunk",
    (length) => {
      const options = { ...small, chunkLength: length };
      const undisturbed = new Room(options);
      undisturbed.download(undisturbed.open());
      for (let operation = 1; operation <= undisturbed.flash.operations; operation += 1) {
        const room = new Room(options);
        const writer = room.open();
        room.flash.cutAt(operation, operation);
        expect(() => room.download(writer)).toThrow(PowerCut);
        room.flash.restore();
        const { missing } = writer;
        expect(missing).toBeGreaterThan(0);
        room.download(writer);
        expect(room.readBack()).toBe(room.identity().checksum);
      }
    },
  );

  test("tells a failure of the flash, and goes on after it", () => {
    const room = new Room(small);
    const writer = room.open();
    room.download(writer, 10);
    room.flash.fail();
    expect(() => room.download(writer, 1)).toThrow(DeviceError);
    room.flash.restore();
    room.download(writer);
    expect(room.readBack()).toBe(room.identity().checksum);
  });

  test("fills the end up to the alignment of the flash", () => {
    const room = new Room({ ...small, writeAlign: 32, chunkLength: 64 });
    room.download(room.open());
    expect(room.readBack()).toBe(room.identity().checksum);
    expect([...room.flash.contents.subarray(small.size, small.size + 5)]).toEqual([255, 255, 255, 255, 255]);
    expect(room.flash.bytesWritten).toBe(small.size + 5);
  });

  test("fills a partition to its last byte, and takes an image of one byte", () => {
    for (const size of [12 * 256, 1]) {
      const room = new Room({ ...small, size });
      room.download(room.open());
      expect(room.readBack()).toBe(room.identity().checksum);
    }
  });

  test("refuses what does not fit the flash", () => {
    for (const size of [0, -1, 0.5, 12 * 256 + 1])
      expect(() => new Room({ ...small, size }).open()).toThrow(RangeError);
    for (const chunkLength of [0, -64, 100, 192, 768, 64.5, Number.NaN])
      expect(() => new Room({ ...small, chunkLength }).open()).toThrow(RangeError);
    expect(() => new Room({ ...small, writeAlign: 32, chunkLength: 16 }).open()).toThrow(RangeError);
  });

  test("refuses chunks that there are not, and bytes that are too few", () => {
    const room = new Room(small);
    const writer = room.open();
    for (const chunk of [-1, 40, 0.5, Number.NaN]) expect(() => writer.write(chunk, room.image, 0)).toThrow(RangeError);
    expect(() => writer.write(0, new Uint8Array(63), 0)).toThrow(RangeError);
    expect(() => writer.write(0, new Uint8Array(64), 1)).toThrow(RangeError);
    expect(() => writer.write(0, new Uint8Array(64), -1)).toThrow(RangeError);
    expect(room.flash.operations).toBe(0);
    expect(writer.missing).toBe(40);
  });
});

describe("ImageDigest", () => {
  test("reads one block at a time", () => {
    const room = new Room(small);
    room.download(room.open());
    const reader = new ImageDigest(room.flash, small.size, createDigest("SHA256"));
    const { reads } = room.flash;
    for (let block = 1; block < 10; block += 1) {
      expect(reader.step()).toBeUndefined();
      expect(room.flash.reads).toBe(reads + block);
    }
    const digest = createDigest("SHA256");
    digest.update(imageOf("1.1", small.size), 0, small.size);
    expect(reader.step()).toBe(digest.finish());
  });

  test("reads a block again where the flash failed", () => {
    const room = new Room(small);
    room.download(room.open());
    const reader = new ImageDigest(room.flash, small.size, createDigest("MURMUR3_32"));
    reader.step();
    room.flash.fail();
    expect(() => reader.step()).toThrow(DeviceError);
    room.flash.restore();
    let digest = reader.step();
    while (digest === undefined) digest = reader.step();
    expect(digest).toBe(room.identity().checksum);
  });

  test("tells a single bit that is another", () => {
    const room = new Room(small);
    room.download(room.open());
    room.flash.corrupt(small.size - 1, [(room.image[small.size - 1] as number) ^ 1]);
    expect(room.readBack()).not.toBe(room.identity().checksum);
  });
});
