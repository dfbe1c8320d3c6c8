// SPDX-License-Identifier: Apache-2.0

import TextDecoder from "text/decoder";
import type { Text } from "../../modules/core/ports.js";
import { Utf8 } from "./utf8.js";

/** Allocates nothing but the strings it returns; beyond ASCII a view too, for the SDK's decoder. */
export function createText(): Text {
  const utf8 = new Utf8();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    encodeInto: (text, into, offset) => utf8.encodeInto(text, into, offset),
    decode: (bytes, start, end) => utf8.decodeASCII(bytes, start, end) ?? decoder.decode(bytes.subarray(start, end)),
    byteLength: (text) => utf8.byteLength(text),
  };
}
