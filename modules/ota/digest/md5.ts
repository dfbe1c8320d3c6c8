// SPDX-License-Identifier: Apache-2.0

import { PaddedDigest } from "./padded-digest.js";
import { hexLittleEndian, putLittleEndian } from "./words.js";

const blockLength = 64;
const lengthBytes = 8;

/** RFC 1321 defines them so. */
const sines: readonly number[] = Object.freeze(
  Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 0x1_0000_0000) | 0),
);

/** Of the four rounds, four each. */
const shifts: readonly number[] = Object.freeze([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]);

/** MD5 of RFC 1321. */
export class Md5 extends PaddedDigest {
  readonly #state = Int32Array.of(0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476);
  readonly #words = new Int32Array(16);

  constructor() {
    super(blockLength, lengthBytes);
  }

  protected override takeBlocks(bytes: Uint8Array, start: number, end: number): void {
    for (let offset = start; offset < end; offset += blockLength) this.#takeBlock(bytes, offset);
  }

  protected override putBitLength(bytes: Uint8Array, offset: number, high: number, low: number): void {
    putLittleEndian(bytes, offset, low);
    putLittleEndian(bytes, offset + 4, high);
  }

  protected override hex(): string {
    let text = "";
    for (let index = 0; index < 4; index += 1) text += hexLittleEndian(this.#state[index] as number);
    return text;
  }

  #takeBlock(bytes: Uint8Array, offset: number): void {
    const words = this.#words;
    for (let index = 0, at = offset; index < 16; index += 1, at += 4)
      words[index] =
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
    const state = this.#state;
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    for (let step = 0; step < 64; step += 1) {
      let mixed: number;
      let index: number;
      if (step < 16) {
        mixed = d ^ (b & (c ^ d));
        index = step;
      } else if (step < 32) {
        mixed = c ^ (d & (b ^ c));
        index = (5 * step + 1) & 15;
      } else if (step < 48) {
        mixed = b ^ c ^ d;
        index = (3 * step + 5) & 15;
      } else {
        mixed = c ^ (b | ~d);
        index = (7 * step) & 15;
      }
      const sum = (a + mixed + (sines[step] as number) + (words[index] as number)) | 0;
      const shift = shifts[((step >> 4) << 2) | (step & 3)] as number;
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    state[0] = (state[0] as number) + a;
    state[1] = (state[1] as number) + b;
    state[2] = (state[2] as number) + c;
    state[3] = (state[3] as number) + d;
  }
}
