// SPDX-License-Identifier: Apache-2.0

/** Marsaglia's xorshift128, seeded by the board: the engine's own `Math.random` begins alike in every process. */
export function createRandom(a: number, b: number, c: number, d: number): () => number {
  const state = new Uint32Array([a, b, c, d | 1]);
  return () => {
    const [x = 0, y = 0, z = 0, w = 0] = state;
    const t = x ^ (x << 11);
    state[0] = y;
    state[1] = z;
    state[2] = w;
    state[3] = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return state[3] ?? 0;
  };
}
