// SPDX-License-Identifier: Apache-2.0

const offsetBasis = 0x811c_9dc5;
const prime = 0x0100_0193;

/** Stands for the first `length` bytes, fewer than 2^21: their FNV-1a hash of 32 bits and their number, in one safe integer. */
export function fingerprint(bytes: Uint8Array, length: number): number {
  let hash = offsetBasis;
  for (let index = 0; index < length; index += 1) hash = Math.imul(hash ^ (bytes[index] as number), prime);
  return length * 2 ** 32 + (hash >>> 0);
}
