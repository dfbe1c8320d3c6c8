// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { Flash, FlashStatus } from "../../modules/core/ports.js";
import { tearErase, tearWrite } from "./flash-tears.js";

const erased = 255;

/** Thrown by the operation during which the power goes, and by every later one. */
export class PowerCut extends Error {
  override get name(): string {
    return "PowerCut";
  }
}

export interface FakeFlashOptions {
  /** 8 when left out. */
  readonly blocks?: number;
  /** 4,096 when left out. */
  readonly blockLength?: number;
  /** 1 when left out. */
  readonly writeAlign?: number;
}

/**
 * NOR flash in RAM that refuses what a chip would get wrong: a byte is written once between two erases, even with the same
 * value, else `write` throws a plain `Error`. The power can be cut during any write or erase. Runs on every engine.
 */
export class FakeFlash implements Flash {
  readonly status: FlashStatus;
  /** What is stored, for the test to look at. */
  readonly contents: Uint8Array;
  reads = 0;
  /** Those that were torn count too. */
  writes = 0;
  /** Those that were torn count too. */
  erases = 0;
  readonly erasesByBlock: Uint32Array;
  bytesWritten = 0;
  /** 1 for every byte that was written since it was erased: one that was written with 255 does not show. */
  readonly #written: Uint8Array;
  #untilCut = 0;
  #tear = 0;
  #isCut = false;
  #failure: Error | undefined;

  constructor({ blocks = 8, blockLength = 4_096, writeAlign = 1 }: FakeFlashOptions = {}) {
    const size = blocks * blockLength;
    this.status = Object.freeze({ size, blockLength, blocks, writeAlign });
    this.contents = new Uint8Array(size).fill(erased);
    this.#written = new Uint8Array(size);
    this.erasesByBlock = new Uint32Array(blocks);
  }

  read(into: Uint8Array, byteOffset: number): void {
    this.#mustWork();
    this.#mustBeWithin(byteOffset, into.length);
    this.reads += 1;
    into.set(this.contents.subarray(byteOffset, byteOffset + into.length));
  }

  write(from: Uint8Array, byteOffset: number): void {
    this.#mustWork();
    this.#mustBeWithin(byteOffset, from.length);
    const { writeAlign } = this.status;
    if (byteOffset % writeAlign !== 0 || from.length % writeAlign !== 0)
      throw new RangeError(`write: ${from.length} bytes at ${byteOffset} are off the alignment of ${writeAlign}`);
    const end = byteOffset + from.length;
    for (let index = byteOffset; index < end; index++)
      if (this.contents[index] !== erased || this.#written[index] !== 0)
        throw new Error(`write: the byte at ${index} is not erased`);
    this.writes += 1;
    this.bytesWritten += from.length;
    const target = this.contents.subarray(byteOffset, end);
    if (this.#isCutNow()) {
      tearWrite(target, from, this.#tear);
      throw new PowerCut(`write: ${from.length} bytes at ${byteOffset}`);
    }
    target.set(from);
    this.#written.fill(1, byteOffset, end);
  }

  eraseBlock(block: number): void {
    this.#mustWork();
    const { blocks, blockLength } = this.status;
    if (!Number.isInteger(block) || block < 0 || block >= blocks)
      throw new RangeError(`eraseBlock: ${block} is not a block from 0 to ${blocks - 1}`);
    this.erases += 1;
    this.erasesByBlock[block] = (this.erasesByBlock[block] as number) + 1;
    const start = block * blockLength;
    const target = this.contents.subarray(start, start + blockLength);
    if (this.#isCutNow()) {
      tearErase(target, this.#tear);
      throw new PowerCut(`eraseBlock: ${block}`);
    }
    target.fill(erased);
    this.#written.fill(0, start, start + blockLength);
  }

  /** Writes and erases so far. */
  get operations(): number {
    return this.writes + this.erases;
  }

  /** True from the operation that was torn until `restore`. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /**
   * Tears the n-th write or erase from now on, from 1. What is left of it follows from `tear`, an integer from 0: eight
   * consecutive ones are the eight ways of `tearWrite` and `tearErase`, 0 nothing done, 1 everything.
   */
  cutAt(operation: number, tear: number): void {
    if (!Number.isInteger(operation) || operation < 1) throw new RangeError(`cutAt: ${operation} is not from 1`);
    this.#untilCut = operation;
    this.#tear = tear;
  }

  /** Every operation throws `error` from now on, until `restore`. */
  fail(error: Error = new DeviceError("storage-failed")): void {
    this.#failure = error;
  }

  /** The power is back, or what failed is repaired; a cut that is still to come is called off. */
  restore(): void {
    this.#failure = undefined;
    this.#untilCut = 0;
    this.#isCut = false;
    // Who starts anew has nothing to go by but what can be read.
    this.#written.fill(0);
  }

  /** Changes what is stored behind the firmware's back. */
  corrupt(byteOffset: number, bytes: ArrayLike<number>): void {
    this.#mustBeWithin(byteOffset, bytes.length);
    this.contents.set(bytes, byteOffset);
  }

  #isCutNow(): boolean {
    if (this.#untilCut === 0) return false;
    this.#untilCut -= 1;
    this.#isCut = this.#untilCut === 0;
    return this.#isCut;
  }

  #mustWork(): void {
    if (this.#isCut) throw new PowerCut("there is no power");
    if (this.#failure !== undefined) throw this.#failure;
  }

  #mustBeWithin(byteOffset: number, length: number): void {
    if (!Number.isInteger(byteOffset) || byteOffset < 0 || byteOffset + length > this.status.size)
      throw new RangeError(`${length} bytes at ${byteOffset} are not within ${this.status.size}`);
  }
}
