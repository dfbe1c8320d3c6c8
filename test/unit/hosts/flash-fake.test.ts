// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import { FakeFlash, PowerCut } from "../../fakes/flash.js";

const blockLength = 64;
const tears = Array.from({ length: 64 }, (_, tear) => tear);
const data = Uint8Array.from({ length: 20 }, (_, index) => index * 5);

function createFlash(writeAlign = 1): FakeFlash {
  return new FakeFlash({ blocks: 2, blockLength, writeAlign });
}

/** What is left of `data`, written at 3, for every tear. */
function tornWrites(): number[][] {
  return tears.map((tear) => {
    const flash = createFlash();
    flash.cutAt(1, tear);
    expect(() => flash.write(data, 3)).toThrow(PowerCut);
    return [...flash.contents];
  });
}

/** What is left of a block of 7s in front of one of 9s, for every tear of its erase. */
function tornErases(): number[][] {
  return tears.map((tear) => {
    const flash = createFlash();
    flash.write(new Uint8Array(blockLength).fill(7), 0);
    flash.write(new Uint8Array(blockLength).fill(9), blockLength);
    flash.cutAt(1, tear);
    expect(() => flash.eraseBlock(0)).toThrow(PowerCut);
    return [...flash.contents];
  });
}

describe("fake flash", () => {
  test("is erased at first, keeps what is written and is erased by the block", () => {
    const flash = createFlash();
    flash.write(data, blockLength - 10);
    flash.eraseBlock(0);
    const read = new Uint8Array(20);
    flash.read(read, blockLength - 10);
    expect([...read]).toEqual([...new Array(10).fill(255), ...data.subarray(10)]);
  });

  test("counts what is done to it", () => {
    const flash = createFlash();
    flash.write(data, 0);
    flash.read(new Uint8Array(2), 0);
    flash.eraseBlock(1);
    flash.eraseBlock(1);
    expect([flash.reads, flash.writes, flash.bytesWritten, flash.erases, flash.operations]).toEqual([1, 1, 20, 2, 3]);
    expect([...flash.erasesByBlock]).toEqual([0, 2]);
  });

  test.each([
    ["read beyond the end", (flash: FakeFlash) => flash.read(new Uint8Array(2), 127)],
    ["read before the start", (flash: FakeFlash) => flash.read(new Uint8Array(2), -1)],
    ["read between two bytes", (flash: FakeFlash) => flash.read(new Uint8Array(2), 0.5)],
    ["write beyond the end", (flash: FakeFlash) => flash.write(new Uint8Array(4), 128)],
    ["write at an offset off the alignment", (flash: FakeFlash) => flash.write(new Uint8Array(4), 2)],
    ["write of a length off the alignment", (flash: FakeFlash) => flash.write(new Uint8Array(6), 4)],
    ["erase of a block that is not there", (flash: FakeFlash) => flash.eraseBlock(2)],
    ["erase of half a block", (flash: FakeFlash) => flash.eraseBlock(0.5)],
  ])("%s: a RangeError, and nothing changes", (_name, step) => {
    const flash = createFlash(4);
    expect(() => step(flash)).toThrow(RangeError);
    expect(flash.contents.every((byte) => byte === 255)).toBe(true);
    expect(flash.reads + flash.operations).toBe(0);
  });

  test("a byte is written once between two erases, even with 255", () => {
    const flash = createFlash();
    flash.write(Uint8Array.of(1, 255), 10);
    expect(() => flash.write(Uint8Array.of(1), 10)).toThrow("the byte at 10 is not erased");
    expect(() => flash.write(Uint8Array.of(255, 2), 11)).toThrow("the byte at 11 is not erased");
    expect(() => flash.write(Uint8Array.of(2), 11)).not.toThrow(DeviceError);
    flash.write(Uint8Array.of(3), 12);
    flash.eraseBlock(0);
    flash.write(Uint8Array.of(4), 10);
    expect([...flash.contents.subarray(10, 13)]).toEqual([4, 255, 255]);
  });

  test("without power nothing works until it is back, and what is readable stays", () => {
    const flash = createFlash();
    flash.cutAt(2, 1);
    flash.write(data, 0);
    expect(() => flash.write(data, 20)).toThrow(PowerCut);
    expect(flash.isCut).toBe(true);
    expect(() => flash.read(new Uint8Array(1), 0)).toThrow(PowerCut);
    expect(() => flash.write(data, 40)).toThrow(PowerCut);
    expect(() => flash.eraseBlock(0)).toThrow(PowerCut);
    flash.restore();
    flash.write(data, 40);
    expect([...flash.contents.subarray(0, 60)]).toEqual([...data, ...data, ...data]);
  });

  test("after a restart a byte that was written with 255 cannot be told from one that is erased", () => {
    const flash = createFlash();
    flash.write(Uint8Array.of(1, 255), 10);
    flash.restore();
    flash.write(Uint8Array.of(2), 11);
    expect(() => flash.write(Uint8Array.of(2), 10)).toThrow("the byte at 10 is not erased");
  });

  test("a cut that was still to come is called off by restore", () => {
    const flash = createFlash();
    flash.cutAt(1, 0);
    flash.restore();
    flash.write(data, 0);
    expect([...flash.contents.subarray(0, 20)]).toEqual([...data]);
  });

  test("a torn write leaves nothing, all or a part of it, and the same for the same tear", () => {
    const left = tornWrites();
    expect(tornWrites()).toEqual(left);
    const whole = createFlash();
    whole.write(data, 3);
    expect(left[0]).toEqual(new Array(2 * blockLength).fill(255));
    expect(left[1]).toEqual([...whole.contents]);
    expect(new Set(left.map(String)).size).toBeGreaterThan(40);
    for (const contents of left)
      for (const [index, byte] of contents.entries()) {
        const written = whole.contents[index] ?? 0;
        // Bits are only cleared, and only those that the write was to clear.
        expect(byte & written).toBe(written);
      }
    expect(
      left.some((contents) => contents.some((byte, index) => byte !== 255 && byte !== whole.contents[index])),
    ).toBe(true);
    const isScattered = (contents: number[]) => contents.indexOf(255, 3) < 20 && contents.lastIndexOf(95) === 22;
    expect(left.some(isScattered)).toBe(true);
  });

  test("a torn erase leaves anything in its block, none of it elsewhere, and the same for the same tear", () => {
    const left = tornErases();
    expect(tornErases()).toEqual(left);
    const [block, other] = [(fill: number) => new Array(blockLength).fill(fill), new Array(blockLength).fill(9)];
    expect(left[0]).toEqual([...block(7), ...other]);
    expect(left[1]).toEqual([...block(255), ...other]);
    expect(left.some((contents) => contents[0] === 255 && contents[blockLength - 1] === 7)).toBe(true);
    expect(left.some((contents) => contents[0] === 7 && contents[blockLength - 1] === 255)).toBe(true);
    expect(left.some((contents) => new Set(contents.slice(0, blockLength)).size > 30)).toBe(true);
    expect(left).toContainEqual([...block(0), ...other]);
    for (const contents of left) expect(contents.slice(blockLength)).toEqual(other);
  });

  test("what fails, fails until it is repaired", () => {
    const flash = createFlash();
    flash.fail();
    expect(() => flash.read(new Uint8Array(1), 0)).toThrow(DeviceError);
    expect(() => flash.write(data, 0)).toThrow("storage-failed");
    flash.fail(new DeviceError("storage-failed", "worn out"));
    expect(() => flash.eraseBlock(0)).toThrow("worn out");
    flash.restore();
    flash.write(data, 0);
    expect(flash.operations).toBe(1);
  });

  test("what was corrupted is read as it is, and is not erased", () => {
    const flash = createFlash();
    flash.corrupt(5, [1, 2]);
    expect([...flash.contents.subarray(4, 8)]).toEqual([255, 1, 2, 255]);
    expect(() => flash.write(data, 6)).toThrow("not erased");
  });
});
