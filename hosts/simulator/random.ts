// SPDX-License-Identifier: Apache-2.0

/** Xorshift (Marsaglia, 2003), seeded by the time: the simulator's `Math.random` begins alike in every run. */
export function createRandom(): () => number {
  let state = Date.now() >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
