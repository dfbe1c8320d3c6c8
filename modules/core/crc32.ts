// SPDX-License-Identifier: Apache-2.0

/** One entry per half byte: a table of 256 would be 4 KB of slots on XS, none would take eight steps a byte. */
const table: readonly number[] = Object.freeze([
  0x00000000,
  0x1db71064,
  0x3b6e20c8,
  0x26d930ac,
  0x76dc4190,
  0x6b6b51f4,
  0x4db26158,
  0x5005713c,
  0xedb88320 | 0,
  0xf00f9344 | 0,
  0xd6d6a3e8 | 0,
  0xcb61b38c | 0,
  0x9b64c2b0 | 0,
  0x86d3d2d4 | 0,
  0xa00ae278 | 0,
  0xbdbdf21c | 0,
]);

/** State of a checksum of nothing. */
export const crcStart = -1;

/** State after one more byte. */
export function crcStep(state: number, byte: number): number {
  const half = (state >>> 4) ^ (table[(state ^ byte) & 15] as number);
  return (half >>> 4) ^ (table[(half ^ (byte >>> 4)) & 15] as number);
}

/** State after the bytes from `start` to before `end`: on XS a call for each of them would cost a third more. */
export function crcSteps(state: number, bytes: Uint8Array, start: number, end: number): number {
  let next = state;
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index] as number;
    next = (next >>> 4) ^ (table[(next ^ byte) & 15] as number);
    next = (next >>> 4) ^ (table[(next ^ (byte >>> 4)) & 15] as number);
  }
  return next;
}

/** CRC-32 of IEEE 802.3 (polynomial 0x04C11DB7, reflected), as an unsigned integer. */
export function crcEnd(state: number): number {
  return ~state >>> 0;
}
