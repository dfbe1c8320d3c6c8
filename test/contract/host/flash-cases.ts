// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../../modules/core/errors.js";
import type { Flash, FlashFactory } from "../../../modules/core/ports.js";
import { check, equal, throws } from "../check.js";
import type { HostCase } from "./case.js";

const path = "journal";

/** Fits every alignment. */
const unit = 32;

/** The flash keeps what earlier cases left: each erases the first blocks that it is about to use. */
function openErased(openFlash: FlashFactory, blocks: number): Flash {
  const flash = openFlash(path);
  for (let block = 0; block < blocks; block++) flash.eraseBlock(block);
  return flash;
}

function read(flash: Flash, byteOffset: number, length: number): Uint8Array {
  const into = new Uint8Array(length);
  flash.read(into, byteOffset);
  return into;
}

/** `length` bytes that count from `first`. */
function pattern(first: number, length: number): Uint8Array {
  return new Uint8Array(length).map((_, index) => first + index);
}

function fails(step: () => void, what: string): void {
  try {
    step();
  } catch (error) {
    check(error instanceof DeviceError, `${what}: threw ${error}`);
    equal((error as DeviceError).reason, "storage-failed", what);
    return;
  }
  throw new Error(`${what}: did not fail`);
}

/** Asks for the flash alone, so that fakes of it can be held to the same. */
export const flashCases: readonly HostCase<{ readonly openFlash: FlashFactory }>[] = [
  {
    name: "flash consists of whole blocks, which consist of whole units of writing",
    run: ({ openFlash }, done) => {
      const { size, blockLength, blocks, writeAlign } = openFlash(path).status;
      equal(blocks * blockLength, size, "size");
      check(blocks >= 2 && Number.isInteger(blocks), `blocks: ${blocks}`);
      check(writeAlign >= 1 && writeAlign <= unit, `writeAlign: ${writeAlign}`);
      equal(blockLength % writeAlign, 0, "blockLength off the alignment");
      done();
    },
  },
  {
    name: "a block of flash that was erased is all 255, and its neighbour is as it was",
    run: ({ openFlash }, done) => {
      const flash = openErased(openFlash, 2);
      const { blockLength } = flash.status;
      flash.write(pattern(1, unit), 0);
      flash.write(pattern(2, unit), blockLength - unit);
      flash.write(pattern(3, unit), blockLength);
      flash.eraseBlock(0);
      check(
        read(flash, 0, blockLength).every((byte) => byte === 255),
        "not all 255",
      );
      equal(read(flash, blockLength, unit), pattern(3, unit), "neighbour");
      done();
    },
  },
  {
    name: "the last block of flash is erased and written like the first",
    run: ({ openFlash }, done) => {
      const flash = openFlash(path);
      const { size, blocks } = flash.status;
      flash.eraseBlock(blocks - 1);
      flash.write(pattern(4, unit), size - unit);
      equal(read(flash, size - unit, unit), pattern(4, unit), "written");
      flash.eraseBlock(blocks - 1);
      equal(read(flash, size - unit, unit), new Uint8Array(unit).fill(255), "erased");
      done();
    },
  },
  {
    name: "what is written to flash is read back, across blocks and at odd offsets, and what is around it stays erased",
    run: ({ openFlash }, done) => {
      const flash = openErased(openFlash, 2);
      const start = flash.status.blockLength - unit;
      const written = pattern(5, 2 * unit);
      flash.write(written, start);
      equal(read(flash, start, 2 * unit), written, "all");
      equal(read(flash, start + 7, unit), written.subarray(7, 7 + unit), "at an odd offset");
      equal(read(flash, start - 3, 5), Uint8Array.of(255, 255, 255, 5, 6), "before");
      equal(read(flash, start + 2 * unit - 1, 3), Uint8Array.of(4 + 2 * unit, 255, 255), "after");
      done();
    },
  },
  {
    name: "flash takes from a part of a buffer and fills a part of one",
    run: ({ openFlash }, done) => {
      const flash = openErased(openFlash, 1);
      flash.write(pattern(0, 3 * unit).subarray(unit, 2 * unit), unit);
      const into = new Uint8Array(unit).fill(9);
      flash.read(into.subarray(1, 4), unit);
      equal(into.subarray(0, 6), Uint8Array.of(9, unit, unit + 1, unit + 2, 9, 9), "into");
      equal(read(flash, 2 * unit, 1), Uint8Array.of(255), "after what was written");
      done();
    },
  },
  {
    name: "flash that is opened twice is the same flash",
    run: ({ openFlash }, done) => {
      const first = openErased(openFlash, 1);
      const second = openFlash(path);
      first.write(pattern(6, unit), 0);
      equal(read(second, 0, unit), pattern(6, unit), "by the other");
      second.eraseBlock(0);
      equal(read(first, 0, 1), Uint8Array.of(255), "by the first");
      done();
    },
  },
  {
    name: "a byte of flash that is written again is refused or loses bits, and never gains one",
    run: ({ openFlash }, done) => {
      const flash = openErased(openFlash, 1);
      const first = new Uint8Array(unit).fill(0b1100);
      flash.write(first, 0);
      let isRefused = false;
      try {
        flash.write(new Uint8Array(unit).fill(0b1010), 0);
      } catch (error) {
        isRefused = true;
        equal((error as DeviceError).reason, "storage-failed", "reason");
      }
      equal(read(flash, 0, unit), isRefused ? first : new Uint8Array(unit).fill(0b1000), "what is there");
      done();
    },
  },
  {
    name: "flash has nothing beyond its ends, and what reaches there changes nothing",
    run: ({ openFlash }, done) => {
      const flash = openFlash(path);
      const { size, blocks } = flash.status;
      flash.eraseBlock(blocks - 1);
      flash.write(pattern(7, unit), size - 2 * unit);
      for (const byteOffset of [size - unit, size, -unit, 0.5, Number.NaN]) {
        throws(() => flash.read(new Uint8Array(2 * unit), byteOffset), RangeError, `read at ${byteOffset}`);
        throws(() => flash.write(new Uint8Array(2 * unit), byteOffset), RangeError, `write at ${byteOffset}`);
      }
      for (const block of [blocks, -1, 0.5, Number.NaN])
        throws(() => flash.eraseBlock(block), RangeError, `erase of ${block}`);
      equal(read(flash, size - 2 * unit, unit), pattern(7, unit), "what was written");
      equal(read(flash, size - unit, unit), new Uint8Array(unit).fill(255), "the end");
      done();
    },
  },
  {
    name: "no bytes can be read from flash and written to it anywhere, up to its end",
    run: ({ openFlash }, done) => {
      const flash = openErased(openFlash, 1);
      flash.write(pattern(8, unit), 0);
      for (const byteOffset of [0, flash.status.size]) {
        flash.read(new Uint8Array(0), byteOffset);
        flash.write(new Uint8Array(0), byteOffset);
      }
      equal(read(flash, 0, unit), pattern(8, unit), "what was written");
      done();
    },
  },
  {
    name: "a partition of flash that there is not is storage-failed",
    run: ({ openFlash }, done) => {
      for (const unknown of ["nowhere", "", "../journal", "constructor"]) fails(() => openFlash(unknown), unknown);
      done();
    },
  },
];
