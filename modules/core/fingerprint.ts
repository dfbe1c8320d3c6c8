// SPDX-License-Identifier: Apache-2.0

/** FNV-1a over the bytes of a message, to tell a repetition from another one. */
export function fingerprint(bytes: Uint8Array, byteLength: number): number {
  let hash = 0x811c9dc5 ^ byteLength;
  for (let at = 0; at < byteLength; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash | 0;
}
