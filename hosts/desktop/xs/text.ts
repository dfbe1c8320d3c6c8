// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../../../modules/core/ports.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const replacement: readonly number[] = [0xef, 0xbf, 0xbd];

/** The engine encodes a lone surrogate as if it were a character: ED, then a byte from A0. U+FFFD has three bytes as well. */
export function encodeWellFormed(source: string): Uint8Array {
  const bytes = encoder.encode(source);
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
    if ((bytes[at + 1] as number) >= 0xa0) bytes.set(replacement, at);
  }
  return bytes;
}

/** The engine's `encodeInto` miscounts what it read of a text with surrogates, so that the end cannot be told: not used. */
export const text: Text = {
  encodeInto(source, into, offset) {
    const bytes = encodeWellFormed(source);
    if (offset + bytes.length > into.length) return -1;
    into.set(bytes, offset);
    return bytes.length;
  },
  decode: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  byteLength: (source) => encoder.encode(source).length,
};
