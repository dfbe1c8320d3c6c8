// SPDX-License-Identifier: Apache-2.0
// Words of 32 bits in bytes. What reads whole blocks does it in its own loop: a call costs XS more than what it does here.

const digits = "0123456789abcdef";

export function putLittleEndian(bytes: Uint8Array, offset: number, word: number): void {
  for (let index = 0; index < 4; index += 1) bytes[offset + index] = word >>> (8 * index);
}

export function putBigEndian(bytes: Uint8Array, offset: number, word: number): void {
  for (let index = 0; index < 4; index += 1) bytes[offset + index] = word >>> (24 - 8 * index);
}

/** Eight digits, those of the lowest byte first. */
export function hexLittleEndian(word: number): string {
  return hexOfByte(word) + hexOfByte(word >>> 8) + hexOfByte(word >>> 16) + hexOfByte(word >>> 24);
}

/** Eight digits, those of the highest byte first. */
export function hexBigEndian(word: number): string {
  return hexOfByte(word >>> 24) + hexOfByte(word >>> 16) + hexOfByte(word >>> 8) + hexOfByte(word);
}

function hexOfByte(byte: number): string {
  return digits.charAt((byte >>> 4) & 15) + digits.charAt(byte & 15);
}
