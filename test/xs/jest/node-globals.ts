// SPDX-License-Identifier: Apache-2.0
// What tests and their npm packages take from Node. The portable modules cannot: they are compiled with no types but their own.

import { Buffer } from "node:buffer";

const noRealTime = () => {
  throw new Error("a unit test must not take real time");
};

Object.assign(globalThis, {
  Buffer,
  global: globalThis,
  self: globalThis,
  console: {},
  setTimeout: noRealTime,
  clearTimeout: noRealTime,
  process: { env: {}, nextTick: (step: () => void) => void Promise.resolve().then(step) },
});
