// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../../../modules/core/ports.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The engine's `encodeInto` miscounts what it read of a text with surrogates, so that the end cannot be told: not used. */
export const text: Text = {
  encodeInto(source, into, offset) {
    const bytes = encoder.encode(source);
    if (offset + bytes.length > into.length) return -1;
    into.set(bytes, offset);
    return bytes.length;
  },
  decode: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  byteLength: (source) => encoder.encode(source).length,
};
