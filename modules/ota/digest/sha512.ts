// SPDX-License-Identifier: Apache-2.0

import { PaddedDigest } from "./padded-digest.js";
import {
  cubeRootsHigh,
  cubeRootsLow,
  nextSquareRootsHigh,
  nextSquareRootsLow,
  squareRootsHigh,
  squareRootsLow,
} from "./sha2-constants.js";
import { hexBigEndian, putBigEndian } from "./words.js";

const blockLength = 128;
const lengthBytes = 16;
const rounds = 80;

/** Value of the lowest bit that does not fit a word any more. */
const carryUnit = 0x1_0000_0000;

/** SHA-512 of FIPS 180-4, and SHA-384, which begins with other words and shows six of the eight. Words of 64 bits are cut in two. */
export class Sha512 extends PaddedDigest {
  readonly #high: Int32Array;
  readonly #low: Int32Array;
  readonly #shown: number;
  readonly #scheduleHigh = new Int32Array(rounds);
  readonly #scheduleLow = new Int32Array(rounds);

  constructor(bits: 384 | 512) {
    super(blockLength, lengthBytes);
    this.#high = Int32Array.from(bits === 512 ? squareRootsHigh : nextSquareRootsHigh);
    this.#low = Int32Array.from(bits === 512 ? squareRootsLow : nextSquareRootsLow);
    this.#shown = bits / 64;
  }

  protected override takeBlocks(bytes: Uint8Array, start: number, end: number): void {
    for (let offset = start; offset < end; offset += blockLength) {
      this.#load(bytes, offset);
      this.#expand();
      this.#mix();
    }
  }

  protected override putBitLength(bytes: Uint8Array, offset: number, high: number, low: number): void {
    putBigEndian(bytes, offset, high);
    putBigEndian(bytes, offset + 4, low);
  }

  protected override hex(): string {
    let text = "";
    for (let index = 0; index < this.#shown; index += 1)
      text += hexBigEndian(this.#high[index] as number) + hexBigEndian(this.#low[index] as number);
    return text;
  }

  #load(bytes: Uint8Array, offset: number): void {
    const high = this.#scheduleHigh;
    const low = this.#scheduleLow;
    for (let index = 0, at = offset; index < 16; index += 1, at += 8) {
      high[index] =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
      low[index] =
        ((bytes[at + 4] as number) << 24) |
        ((bytes[at + 5] as number) << 16) |
        ((bytes[at + 6] as number) << 8) |
        (bytes[at + 7] as number);
    }
  }

  #expand(): void {
    const high = this.#scheduleHigh;
    const low = this.#scheduleLow;
    for (let index = 16; index < rounds; index += 1) {
      const xh = high[index - 15] as number;
      const xl = low[index - 15] as number;
      const yh = high[index - 2] as number;
      const yl = low[index - 2] as number;
      const firstHigh = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7);
      const firstLow = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25));
      const secondHigh = ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6);
      const secondLow = ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26));
      const sum =
        ((low[index - 16] as number) >>> 0) + (firstLow >>> 0) + ((low[index - 7] as number) >>> 0) + (secondLow >>> 0);
      low[index] = sum;
      high[index] =
        (high[index - 16] as number) + firstHigh + (high[index - 7] as number) + secondHigh + ((sum / carryUnit) | 0);
    }
  }

  /** The 80 rounds, with the names that the standard has for its words, and h or l behind them. */
  #mix(): void {
    const high = this.#high;
    const low = this.#low;
    const scheduleHigh = this.#scheduleHigh;
    const scheduleLow = this.#scheduleLow;
    let ah = high[0] as number;
    let al = low[0] as number;
    let bh = high[1] as number;
    let bl = low[1] as number;
    let ch = high[2] as number;
    let cl = low[2] as number;
    let dh = high[3] as number;
    let dl = low[3] as number;
    let eh = high[4] as number;
    let el = low[4] as number;
    let fh = high[5] as number;
    let fl = low[5] as number;
    let gh = high[6] as number;
    let gl = low[6] as number;
    let hh = high[7] as number;
    let hl = low[7] as number;
    for (let round = 0; round < rounds; round += 1) {
      const highSigmaHigh = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23));
      const highSigmaLow = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
      const firstSum =
        (hl >>> 0) +
        (highSigmaLow >>> 0) +
        ((gl ^ (el & (fl ^ gl))) >>> 0) +
        ((cubeRootsLow[round] as number) >>> 0) +
        ((scheduleLow[round] as number) >>> 0);
      const firstLow = firstSum | 0;
      const firstHigh =
        (hh +
          highSigmaHigh +
          (gh ^ (eh & (fh ^ gh))) +
          (cubeRootsHigh[round] as number) +
          (scheduleHigh[round] as number) +
          ((firstSum / carryUnit) | 0)) |
        0;
      const lowSigmaHigh = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25));
      const lowSigmaLow = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
      const sum = (firstLow >>> 0) + (lowSigmaLow >>> 0) + (((al & bl) | (cl & (al | bl))) >>> 0);
      const sumHigh = firstHigh + lowSigmaHigh + ((ah & bh) | (ch & (ah | bh))) + ((sum / carryUnit) | 0);
      const fifth = (dl >>> 0) + (firstLow >>> 0);
      hh = gh;
      hl = gl;
      gh = fh;
      gl = fl;
      fh = eh;
      fl = el;
      eh = (dh + firstHigh + ((fifth / carryUnit) | 0)) | 0;
      el = fifth | 0;
      dh = ch;
      dl = cl;
      ch = bh;
      cl = bl;
      bh = ah;
      bl = al;
      ah = sumHigh | 0;
      al = sum | 0;
    }
    this.#add(0, ah, al);
    this.#add(1, bh, bl);
    this.#add(2, ch, cl);
    this.#add(3, dh, dl);
    this.#add(4, eh, el);
    this.#add(5, fh, fl);
    this.#add(6, gh, gl);
    this.#add(7, hh, hl);
  }

  #add(index: number, high: number, low: number): void {
    const sum = ((this.#low[index] as number) >>> 0) + (low >>> 0);
    this.#low[index] = sum;
    this.#high[index] = (this.#high[index] as number) + high + ((sum / carryUnit) | 0);
  }
}
