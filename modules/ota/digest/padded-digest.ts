// SPDX-License-Identifier: Apache-2.0

import { BlockDigest } from "./block-digest.js";

/** Set in the byte behind the message. */
const mark = 0x80;

/** A digest that ends as those of Merkle and Damgård do: with a mark, zeros and the length of the message in bits. */
export abstract class PaddedDigest extends BlockDigest {
  readonly #lengthBytes: number;

  /** `lengthBytes` is what the length in bits takes, 8 or 16. */
  constructor(blockLength: number, lengthBytes: number) {
    super(blockLength);
    this.#lengthBytes = lengthBytes;
  }

  protected override end(rest: Uint8Array, restLength: number, byteLength: number): string {
    rest[restLength] = mark;
    rest.fill(0, restLength + 1);
    if (restLength + 1 + this.#lengthBytes > rest.length) {
      this.takeBlocks(rest, 0, rest.length);
      rest.fill(0);
    }
    this.putBitLength(rest, rest.length - 8, Math.floor(byteLength / 0x2000_0000), byteLength << 3);
    this.takeBlocks(rest, 0, rest.length);
    return this.hex();
  }

  /** Puts the low 64 bits of the length; those above are 0. */
  protected abstract putBitLength(bytes: Uint8Array, offset: number, high: number, low: number): void;

  protected abstract hex(): string;
}
