// SPDX-License-Identifier: Apache-2.0

/** A set of the integers from 0 to before `count`, one bit each. */
export class Bitmap {
  readonly count: number;
  readonly #bytes: Uint8Array;

  /** Lives in `bytes`, which are of the length that `bitmapLength` says. */
  constructor(count: number, bytes: Uint8Array = new Uint8Array(bitmapLength(count))) {
    this.count = count;
    this.#bytes = bytes;
  }

  has(index: number): boolean {
    return (((this.#bytes[index >> 3] as number) >> (index & 7)) & 1) === 1;
  }

  /** Whether all from `start` to before `end` are in it. */
  hasAll(start: number, end: number): boolean {
    for (let index = start; index < end; index += 1) if (!this.has(index)) return false;
    return true;
  }

  add(index: number): void {
    this.#bytes[index >> 3] = (this.#bytes[index >> 3] as number) | (1 << (index & 7));
  }

  delete(index: number): void {
    this.#bytes[index >> 3] = (this.#bytes[index >> 3] as number) & ~(1 << (index & 7));
  }

  clear(): void {
    this.#bytes.fill(0);
  }

  /** Whether bits are set that stand for nothing. */
  get hasStrayBits(): boolean {
    for (let index = this.count; index < this.#bytes.length * 8; index += 1) if (this.has(index)) return true;
    return false;
  }
}

/** Bytes of a bitmap. */
export function bitmapLength(count: number): number {
  return Math.ceil(count / 8);
}
