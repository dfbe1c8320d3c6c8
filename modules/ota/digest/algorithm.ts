// SPDX-License-Identifier: Apache-2.0

import type { DigestAlgorithm } from "../../core/ports.js";

/** Every algorithm, with the bytes of its digest. */
const lengths: Readonly<Record<DigestAlgorithm, number>> = Object.freeze({
  MD5: 16,
  SHA256: 32,
  SHA384: 48,
  SHA512: 64,
  CRC32: 4,
  MURMUR3_32: 4,
  MURMUR3_128: 16,
});

/** Their order is stored in checkpoints. */
export const digestAlgorithms: readonly DigestAlgorithm[] = Object.freeze([
  "MD5",
  "SHA256",
  "SHA384",
  "SHA512",
  "CRC32",
  "MURMUR3_32",
  "MURMUR3_128",
]);

/** Exactly as ThingsBoard writes it. */
export function isDigestAlgorithm(name: unknown): name is DigestAlgorithm {
  return digestAlgorithms.some((algorithm) => algorithm === name);
}

/** Bytes of a digest; its text has two digits for each. */
export function digestLength(algorithm: DigestAlgorithm): number {
  return lengths[algorithm];
}
