// SPDX-License-Identifier: Apache-2.0

const { imul } = Math;

/** Value of the lowest bit that does not fit a half any more. */
const carryUnit = 0x1_0000_0000;

/** An integer of 64 bits that wraps around, in two halves that are signed. It is changed in place, so that nothing is allocated. */
export class Word64 {
  high = 0;
  low = 0;

  set(high: number, low: number): void {
    this.high = high;
    this.low = low;
  }

  xor(high: number, low: number): void {
    this.high ^= high;
    this.low ^= low;
  }

  add(high: number, low: number): void {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.low = sum | 0;
    this.high = (this.high + high + ((sum / carryUnit) | 0)) | 0;
  }

  /** By products of 16 bits, which fit a half. */
  multiply(high: number, low: number): void {
    const ownLow = this.low;
    const ownLower = ownLow & 0xffff;
    const ownUpper = ownLow >>> 16;
    const lower = low & 0xffff;
    const upper = low >>> 16;
    const first = imul(ownLower, lower);
    const second = imul(ownLower, upper);
    const third = imul(ownUpper, lower);
    const middle = (first >>> 16) + (second & 0xffff) + (third & 0xffff);
    const carried = (second >>> 16) + (third >>> 16) + (middle >>> 16);
    this.high = (imul(ownUpper, upper) + carried + imul(ownLow, high) + imul(this.high, low)) | 0;
    this.low = (middle << 16) | (first & 0xffff);
  }

  /** Five times itself and `addend`, which is positive. */
  timesFivePlus(addend: number): void {
    const sum = (this.low >>> 0) * 5 + addend;
    this.low = sum | 0;
    this.high = (imul(this.high, 5) + ((sum / carryUnit) | 0)) | 0;
  }

  /** By 1 to 31 bits. */
  rotateLeft(bits: number): void {
    const { high, low } = this;
    this.high = (high << bits) | (low >>> (32 - bits));
    this.low = (low << bits) | (high >>> (32 - bits));
  }

  /** Mixes in its own bits, shifted right by 33. */
  foldRight33(): void {
    this.low ^= this.high >>> 1;
  }
}
