// SPDX-License-Identifier: Apache-2.0

import { PaddedDigest } from "./padded-digest.js";
import { cubeRootsHigh, squareRootsHigh } from "./sha2-constants.js";
import { hexBigEndian, putBigEndian } from "./words.js";

const blockLength = 64;
const lengthBytes = 8;
const rounds = 64;

/** SHA-256 of FIPS 180-4. */
export class Sha256 extends PaddedDigest {
  readonly #state = Int32Array.from(squareRootsHigh);
  readonly #schedule = new Int32Array(rounds);

  constructor() {
    super(blockLength, lengthBytes);
  }

  protected override takeBlocks(bytes: Uint8Array, start: number, end: number): void {
    for (let offset = start; offset < end; offset += blockLength) this.#takeBlock(bytes, offset);
  }

  protected override putBitLength(bytes: Uint8Array, offset: number, high: number, low: number): void {
    putBigEndian(bytes, offset, high);
    putBigEndian(bytes, offset + 4, low);
  }

  protected override hex(): string {
    let text = "";
    for (let index = 0; index < 8; index += 1) text += hexBigEndian(this.#state[index] as number);
    return text;
  }

  /** The 64 rounds, with the names that the standard has for its words. */
  #mix(schedule: Int32Array): void {
    const state = this.#state;
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    let f = state[5] as number;
    let g = state[6] as number;
    let h = state[7] as number;
    for (let round = 0; round < rounds; round += 1) {
      const highSigma = ((e << 26) | (e >>> 6)) ^ ((e << 21) | (e >>> 11)) ^ ((e << 7) | (e >>> 25));
      const lowSigma = ((a << 30) | (a >>> 2)) ^ ((a << 19) | (a >>> 13)) ^ ((a << 10) | (a >>> 22));
      const first =
        (h + highSigma + (g ^ (e & (f ^ g))) + (cubeRootsHigh[round] as number) + (schedule[round] as number)) | 0;
      const second = lowSigma + ((a & b) | (c & (a | b)));
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] = (state[0] as number) + a;
    state[1] = (state[1] as number) + b;
    state[2] = (state[2] as number) + c;
    state[3] = (state[3] as number) + d;
    state[4] = (state[4] as number) + e;
    state[5] = (state[5] as number) + f;
    state[6] = (state[6] as number) + g;
    state[7] = (state[7] as number) + h;
  }

  #takeBlock(bytes: Uint8Array, offset: number): void {
    const schedule = this.#schedule;
    for (let index = 0, at = offset; index < 16; index += 1, at += 4)
      schedule[index] =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
    for (let index = 16; index < rounds; index += 1) {
      const x = schedule[index - 15] as number;
      const y = schedule[index - 2] as number;
      const low = ((x << 25) | (x >>> 7)) ^ ((x << 14) | (x >>> 18)) ^ (x >>> 3);
      const high = ((y << 15) | (y >>> 17)) ^ ((y << 13) | (y >>> 19)) ^ (y >>> 10);
      schedule[index] = (schedule[index - 16] as number) + low + (schedule[index - 7] as number) + high;
    }
    this.#mix(schedule);
  }
}
