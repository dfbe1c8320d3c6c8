// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../../modules/core/ports.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export const text: Text = {
  encodeInto(source, into, offset) {
    const { read, written } = encoder.encodeInto(source, into.subarray(offset));
    return read === source.length ? written : -1;
  },
  decode: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  byteLength: (source) => Buffer.byteLength(source),
};
