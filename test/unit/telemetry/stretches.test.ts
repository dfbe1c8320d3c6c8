// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Stretches } from "../../../modules/telemetry/stretches.js";

/** Where the stretches of a sub-device begin, found from its first one. */
function positions(stretches: Stretches, first: number): number[] {
  const { place } = stretches;
  const found: number[] = [];
  for (let index = first; index >= 0; index = stretches.next(index)) {
    stretches.moveTo(index);
    expect(place.time).toBe(place.position * 2);
    found.push(place.position);
  }
  return found;
}

function add(stretches: Stretches, source: number, position: number): void {
  stretches.add(source, { position, time: position * 2 });
}

describe("Stretches", () => {
  test("finds those of a sub-device from its first one on", () => {
    const stretches = new Stretches(100);
    const start = 2 ** 40;
    for (const [index, source] of [7, 255, 7, 1, 255, 7].entries()) add(stretches, source, start + index * 1_000);
    expect([0, 1, 2, 3, 4, 5].filter((index) => stretches.isFirst(index))).toEqual([0, 1, 3]);
    expect(positions(stretches, 0)).toEqual([start, start + 2_000, start + 5_000]);
    expect(positions(stretches, 1)).toEqual([start + 1_000, start + 4_000]);
    expect(positions(stretches, 3)).toEqual([start + 3_000]);
    expect([stretches.sourceOf(1), stretches.sourceCount, stretches.count]).toEqual([255, 3, 6]);
    expect([stretches.has(1), stretches.has(2)]).toEqual([true, false]);
  });

  test("takes the newest ones back as if they had never been", () => {
    const stretches = new Stretches(100);
    for (const [index, source] of [1, 2, 1, 3, 2].entries()) {
      if (index === 2) stretches.mark();
      add(stretches, source, index);
    }
    stretches.rewind();
    expect([stretches.has(3), stretches.sourceCount, stretches.isNewestFirst]).toEqual([false, 2, true]);
    expect(positions(stretches, 0)).toEqual([0]);
    add(stretches, 2, 9);
    expect([positions(stretches, 0), positions(stretches, 1)]).toEqual([[0], [1, 9]]);
    expect(stretches.isNewestFirst).toBe(false);
  });

  test("begins anew for each message", () => {
    const stretches = new Stretches(2);
    add(stretches, 1, 5);
    add(stretches, 1, 6);
    expect(stretches.isFull).toBe(true);
    stretches.clear();
    expect([stretches.isFull, stretches.has(1), stretches.sourceCount]).toEqual([false, false, 0]);
    add(stretches, 1, 90);
    expect([stretches.isFirst(0), positions(stretches, 0)]).toEqual([true, [90]]);
  });

  test("holds as many as a message has data, and 128 at the most", () => {
    for (const [maxCount, capacity] of [
      [1, 1],
      [100, 100],
      [1_000, 128],
    ] as const) {
      const stretches = new Stretches(maxCount);
      while (!stretches.isFull) add(stretches, 1 + (stretches.count % 3), stretches.count);
      expect(stretches.count).toBe(capacity);
    }
  });
});
