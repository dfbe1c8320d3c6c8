// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Reason } from "../../../modules/core/errors.js";
import { Bisection } from "../../../modules/telemetry/bisection.js";

/** Ends `count` sessions with one batch under way. True when the last end convicts it. */
function end(bisection: Bisection, count: number, start: number, stop: number, size = stop - start): boolean {
  let isGuilty = false;
  for (let strike = 0; strike < count; strike += 1) {
    expect(isGuilty).toBe(false);
    isGuilty = bisection.onEnded(start, stop, size, "connection-closed", 1);
  }
  return isGuilty;
}

describe("Bisection", () => {
  test("suspects what was under way at three ends in a row", () => {
    const bisection = new Bisection();
    end(bisection, 2, 0, 100);
    expect(bisection.isSuspect(0)).toBe(false);
    end(bisection, 1, 0, 100);
    expect(bisection.isSuspect(0)).toBe(true);
    expect(bisection.isSuspect(99)).toBe(true);
    expect(bisection.isSuspect(100)).toBe(false);
    expect(bisection.maxCount).toBe(50);
  });

  test("does not add up ends with different data under way", () => {
    const bisection = new Bisection();
    for (let start = 0; start < 50; start += 1) {
      end(bisection, 2, start, start + 100);
      expect(bisection.isSuspect(start)).toBe(false);
    }
  });

  test("begins anew when some of the data are acknowledged, and not when others are", () => {
    const bisection = new Bisection();
    end(bisection, 2, 10, 100);
    bisection.onProgress(10);
    end(bisection, 1, 10, 100);
    expect(bisection.isSuspect(10)).toBe(true);
    const other = new Bisection();
    end(other, 2, 10, 100);
    other.onProgress(11);
    end(other, 2, 11, 100);
    expect(other.isSuspect(11)).toBe(false);
    end(other, 1, 11, 100);
    expect(other.isSuspect(11)).toBe(true);
  });

  test.each([
    "session-stopped",
    "wifi-lost",
    "connack-timeout",
    "refused-protocol",
    "refused-identifier",
    "refused-unavailable",
    "refused-credentials",
    "refused-authorization",
  ] as Reason[])("takes no notice of an end by %s", (reason) => {
    const bisection = new Bisection();
    for (let session = 0; session < 100; session += 1) expect(bisection.onEnded(0, 1, 1, reason, 1)).toBe(false);
    expect(bisection.isSuspect(0)).toBe(false);
    end(bisection, 3, 0, 1);
    for (let session = 0; session < 100; session += 1) expect(bisection.onEnded(0, 1, 1, reason, 1)).toBe(false);
  });

  test("takes ends for as much as they weigh", () => {
    const bisection = new Bisection();
    for (let session = 0; session < 11; session += 1) bisection.onEnded(0, 1, 1, "connection-closed", 0.25);
    for (let session = 0; session < 11; session += 1) bisection.onEnded(0, 1, 1, "connection-closed", 0);
    expect(bisection.isSuspect(0)).toBe(false);
    bisection.onEnded(0, 1, 1, "connection-closed", 0.25);
    expect(bisection.isSuspect(0)).toBe(true);
  });

  test.each([1, 2, 3, 7, 8, 100, 1_000])(
    "halves a batch of %d down to any of its data, and convicts no other",
    (size) => {
      for (let guilty = 0; guilty < size; guilty += Math.max(1, Math.floor(size / 50))) {
        const bisection = new Bisection();
        let head = 0;
        let ends = 3;
        end(bisection, 3, 0, size);
        for (let isGuilty = false; !isGuilty; ) {
          const stop = Math.min(head + bisection.maxCount, bisection.end);
          if (head <= guilty && guilty < stop) {
            ends += 1;
            isGuilty = bisection.onEnded(head, stop, stop - head, "connection-closed", 1);
            expect(isGuilty && head !== guilty).toBe(false);
            bisection.onWitness();
          } else {
            head = stop;
            bisection.onProgress(head);
          }
        }
        expect(head).toBe(guilty);
        expect(ends).toBeLessThanOrEqual(6 + Math.ceil(Math.log2(size)));
      }
    },
  );

  test("convicts a single datum after three ends with a witness and twelve without", () => {
    const alone = new Bisection();
    end(alone, 3, 5, 6);
    expect(alone.lacksWitness).toBe(false);
    expect(end(alone, 11, 5, 6)).toBe(false);
    expect(alone.lacksWitness).toBe(true);
    expect(end(alone, 1, 5, 6)).toBe(true);
    const witnessed = new Bisection();
    end(witnessed, 3, 5, 6);
    // Too early: the server may have fallen ill since.
    witnessed.onWitness();
    expect(end(witnessed, 4, 5, 6)).toBe(false);
    witnessed.onWitness();
    expect(witnessed.lacksWitness).toBe(false);
    expect(end(witnessed, 1, 5, 6)).toBe(true);
  });

  test("begins anew with the next datum", () => {
    const bisection = new Bisection();
    end(bisection, 3, 0, 2);
    end(bisection, 2, 0, 1);
    bisection.onWitness();
    bisection.onProgress(1);
    expect(bisection.isSuspect(1)).toBe(false);
    expect(end(bisection, 3, 1, 2)).toBe(false);
    expect(end(bisection, 2, 1, 2)).toBe(false);
  });

  test("blames nothing else while there is a suspect", () => {
    const bisection = new Bisection();
    end(bisection, 3, 0, 10);
    end(bisection, 2, 0, 1);
    expect(end(bisection, 20, 1, 2)).toBe(false);
    expect(bisection.isSuspect(1)).toBe(false);
    bisection.onWitness();
    expect(end(bisection, 1, 0, 1)).toBe(true);
  });

  test("has no suspects any more when they are acknowledged, or gone", () => {
    const bisection = new Bisection();
    end(bisection, 3, 0, 10);
    bisection.onProgress(9);
    expect(bisection.isSuspect(9)).toBe(true);
    bisection.onProgress(10);
    expect(bisection.isSuspect(10)).toBe(false);
    end(bisection, 2, 10, 20);
    expect(bisection.isSuspect(10)).toBe(false);
  });
});
