// SPDX-License-Identifier: Apache-2.0
// What is left in NOR flash where the power went during a write or an erase.

const erased = 255;
const ways = 8;

/** Leaves in `target`, which is erased, what a torn write of `from` may leave. The same `tear` leaves the same. */
export function tearWrite(target: Uint8Array, from: Uint8Array, tear: number): void {
  const random = createRandom(tear);
  const { length } = from;
  const border = length === 0 ? 0 : random() % length;
  switch (tear % ways) {
    case 0:
      return;
    case 1:
      target.set(from);
      return;
    case 2:
      target.set(from.subarray(0, border));
      return;
    case 3:
      target.set(from.subarray(0, border));
      clearSomeBits(target, from, border, random());
      return;
    case 4:
      clearSomeBits(target, from, 0, random());
      return;
    case 5:
      target.set(from.subarray(0, border));
      clearSomeBits(target, from, border, random());
      scatter(target, from, border + 1, random);
      return;
    case 6:
      target.set(from);
      clearSomeBits(target, from, length - 1, random());
      return;
    default:
      scatter(target, from, 0, random);
  }
}

/** Leaves in `block` what a torn erase may leave. The same `tear` leaves the same. */
export function tearErase(block: Uint8Array, tear: number): void {
  const random = createRandom(tear);
  const border = 1 + (random() % (block.length - 1));
  switch (tear % ways) {
    case 0:
      return;
    case 1:
      block.fill(erased);
      return;
    case 2:
      block.fill(erased, 0, border);
      return;
    case 3:
      block.fill(erased, border);
      return;
    case 4:
      // Chips clear every bit before they erase.
      block.fill(0);
      return;
    case 5:
      for (let index = 0; index < block.length; index++) block[index] = (block[index] as number) | random();
      return;
    case 6:
      for (let index = 0; index < block.length; index++) block[index] = random();
      return;
    default:
      block.fill(erased);
      block[border] = random();
      block[random() % block.length] = random();
  }
}

/** The byte on which the chip was at work: of the bits to clear, those of `kept` are not. */
function clearSomeBits(target: Uint8Array, from: Uint8Array, index: number, kept: number): void {
  if (index >= 0 && index < from.length) target[index] = (from[index] as number) | kept;
}

/** Writes about every fourth byte. */
function scatter(target: Uint8Array, from: Uint8Array, start: number, random: () => number): void {
  for (let index = start; index < from.length; index++) if (random() % 4 === 0) target[index] = from[index] as number;
}

/** Bytes from Marsaglia's xorshift, of which the low bits of neighbouring seeds are no more alike than others. */
function createRandom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 8;
  };
}
