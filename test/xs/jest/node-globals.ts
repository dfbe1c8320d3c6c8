// SPDX-License-Identifier: Apache-2.0
// What tests and their npm packages take from Node. The portable modules cannot: they are compiled with no types but their own.

import { Buffer } from "node:buffer";
import { encodeWellFormed } from "../../../hosts/desktop/xs/text.js";

const noRealTime = () => {
  throw new Error("a unit test must not take real time");
};

/** Encodes lone surrogates as the standard says, which the engine's own does not. */
class StandardTextEncoder extends TextEncoder {
  override encode(source = ""): Uint8Array<ArrayBuffer> {
    return encodeWellFormed(source) as Uint8Array<ArrayBuffer>;
  }
}

Object.assign(globalThis, {
  TextEncoder: StandardTextEncoder,
  Buffer,
  global: globalThis,
  self: globalThis,
  console: {},
  setTimeout: noRealTime,
  clearTimeout: noRealTime,
  process: { env: {}, nextTick: (step: () => void) => void Promise.resolve().then(step) },
});
