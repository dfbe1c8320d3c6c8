// SPDX-License-Identifier: Apache-2.0

import { BlockDigest } from "./block-digest.js";
import { hexLittleEndian } from "./words.js";

const { imul } = Math;

const blockLength = 4;
const firstFactor = 0xcc9e_2d51 | 0;
const secondFactor = 0x1b87_3593;
const addend = 0xe654_6b64 | 0;

/** MurmurHash3_x86_32 of SMHasher, with its lowest byte first. */
export class Murmur3x32 extends BlockDigest {
  #hash: number;

  /** ThingsBoard's seed is 0. */
  constructor(seed = 0) {
    super(blockLength);
    this.#hash = seed | 0;
  }

  protected override takeBlocks(bytes: Uint8Array, start: number, end: number): void {
    let hash = this.#hash;
    for (let at = start; at < end; at += blockLength) {
      const word =
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
      const mixed = hash ^ scramble(word);
      hash = (imul((mixed << 13) | (mixed >>> 19), 5) + addend) | 0;
    }
    this.#hash = hash;
  }

  protected override end(rest: Uint8Array, restLength: number, byteLength: number): string {
    rest.fill(0, restLength);
    let word = 0;
    for (let index = restLength - 1; index >= 0; index -= 1) word = (word << 8) | (rest[index] as number);
    let hash = this.#hash ^ scramble(word) ^ byteLength;
    hash = imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    return hexLittleEndian(hash ^ (hash >>> 16));
  }
}

/** A word of 0 stays 0. */
function scramble(word: number): number {
  const product = imul(word, firstFactor);
  return imul((product << 15) | (product >>> 17), secondFactor);
}
