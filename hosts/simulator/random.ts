// SPDX-License-Identifier: Apache-2.0

/** The first numbers of two seeds that differ in a few bits are much alike. */
const warmUp = 32;

/** Xorshift (Marsaglia, 2003), seeded by the time: the simulator's `Math.random` begins alike in every run. */
export function createRandom(): () => number {
  let state = Date.now() >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  for (let round = 0; round < warmUp; round++) next();
  return next;
}
