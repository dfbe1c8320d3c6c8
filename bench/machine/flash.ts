// SPDX-License-Identifier: Apache-2.0

import type { Flash, FlashStatus } from "../../modules/core/ports.js";

/** The partition "journal" of partitions.csv. */
const blocks = 112;
const blockLength = 4_096;
const erased = 255;

/** A partition in the machine's memory that counts and costs as little as it can, so that figures are the firmware's. */
export class CountingFlash implements Flash {
  readonly status: FlashStatus = Object.freeze({ size: blocks * blockLength, blockLength, blocks, writeAlign: 1 });
  readonly #bytes = new Uint8Array(blocks * blockLength).fill(erased);
  erases = 0;

  read(into: Uint8Array, byteOffset: number): void {
    into.set(this.#bytes.subarray(byteOffset, byteOffset + into.length));
  }

  write(from: Uint8Array, byteOffset: number): void {
    this.#bytes.set(from, byteOffset);
  }

  eraseBlock(block: number): void {
    this.erases += 1;
    this.#bytes.fill(erased, block * blockLength, (block + 1) * blockLength);
  }
}
