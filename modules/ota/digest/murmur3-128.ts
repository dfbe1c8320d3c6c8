// SPDX-License-Identifier: Apache-2.0

import { BlockDigest } from "./block-digest.js";
import { Word64 } from "./word64.js";
import { hexLittleEndian } from "./words.js";

const blockLength = 16;
const firstHigh = 0x87c3_7b91 | 0;
const firstLow = 0x1142_53d5;
const secondHigh = 0x4cf5_ad43;
const secondLow = 0x2745_937f;

/** MurmurHash3_x64_128 of SMHasher, with the lowest byte of each half first. */
export class Murmur3x128 extends BlockDigest {
  readonly #first = new Word64();
  readonly #second = new Word64();
  readonly #scratch = new Word64();

  /** ThingsBoard's seed is 0. */
  constructor(seed = 0) {
    super(blockLength);
    this.#first.set(0, seed | 0);
    this.#second.set(0, seed | 0);
  }

  protected override takeBlocks(bytes: Uint8Array, start: number, end: number): void {
    const first = this.#first;
    const second = this.#second;
    for (let at = start; at < end; at += blockLength) {
      this.#mixFirst(bytes, at);
      first.rotateLeft(27);
      first.add(second.high, second.low);
      first.timesFivePlus(0x52dc_e729);
      this.#mixSecond(bytes, at + 8);
      second.rotateLeft(31);
      second.add(first.high, first.low);
      second.timesFivePlus(0x3849_5ab5);
    }
  }

  protected override end(rest: Uint8Array, restLength: number, byteLength: number): string {
    // Words of 0 change nothing.
    rest.fill(0, restLength);
    this.#mixFirst(rest, 0);
    this.#mixSecond(rest, 8);
    const first = this.#first;
    const second = this.#second;
    const lengthHigh = Math.floor(byteLength / 0x1_0000_0000);
    first.xor(lengthHigh, byteLength | 0);
    second.xor(lengthHigh, byteLength | 0);
    first.add(second.high, second.low);
    second.add(first.high, first.low);
    finalize(first);
    finalize(second);
    first.add(second.high, second.low);
    second.add(first.high, first.low);
    return hexOf(first) + hexOf(second);
  }

  #mixFirst(bytes: Uint8Array, offset: number): void {
    const word = this.#scratch;
    read(word, bytes, offset);
    word.multiply(firstHigh, firstLow);
    word.rotateLeft(31);
    word.multiply(secondHigh, secondLow);
    this.#first.xor(word.high, word.low);
  }

  #mixSecond(bytes: Uint8Array, offset: number): void {
    const word = this.#scratch;
    read(word, bytes, offset);
    word.multiply(secondHigh, secondLow);
    // By 33 bits.
    word.set(word.low, word.high);
    word.rotateLeft(1);
    word.multiply(firstHigh, firstLow);
    this.#second.xor(word.high, word.low);
  }
}

function read(word: Word64, bytes: Uint8Array, offset: number): void {
  word.low =
    (bytes[offset] as number) |
    ((bytes[offset + 1] as number) << 8) |
    ((bytes[offset + 2] as number) << 16) |
    ((bytes[offset + 3] as number) << 24);
  word.high =
    (bytes[offset + 4] as number) |
    ((bytes[offset + 5] as number) << 8) |
    ((bytes[offset + 6] as number) << 16) |
    ((bytes[offset + 7] as number) << 24);
}

/** Lets every bit change every other. */
function finalize(word: Word64): void {
  word.foldRight33();
  word.multiply(0xff51_afd7 | 0, 0xed55_8ccd | 0);
  word.foldRight33();
  word.multiply(0xc4ce_b9fe | 0, 0x1a85_ec53);
  word.foldRight33();
}

function hexOf(word: Word64): string {
  return hexLittleEndian(word.low) + hexLittleEndian(word.high);
}
