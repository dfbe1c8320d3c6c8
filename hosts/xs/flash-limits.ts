// SPDX-License-Identifier: Apache-2.0

import type { FlashStatus } from "../../modules/core/ports.js";

/** Throws `RangeError` for bytes that are not all within the partition. */
export function checkRange({ size }: FlashStatus, byteOffset: number, length: number): void {
  if (!Number.isInteger(byteOffset) || byteOffset < 0 || byteOffset + length > size)
    throw new RangeError(`flash: ${length} bytes at ${byteOffset} are not within ${size}`);
}

/** Throws `RangeError` for what is not a block of the partition. */
export function checkBlock({ blocks }: FlashStatus, block: number): void {
  if (!Number.isInteger(block) || block < 0 || block >= blocks)
    throw new RangeError(`flash: ${block} is not a block from 0 to ${blocks - 1}`);
}
