// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Backoff } from "../../../modules/core/backoff.js";

describe("Backoff", () => {
  test("doubles the longest pause up to the cap", () => {
    const backoff = new Backoff(() => 0xffff_ffff, 1_000, 10_000);
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  test("spreads the pauses over nine tenths of the window, and never below a tenth", () => {
    const pauses = [0, 0x8000_0000, 0xffff_ffff].map((random) => new Backoff(() => random, 1_000, 8_000).next());
    expect(pauses).toEqual([100, 550, 1_000]);
  });

  test("starts anew after a reset", () => {
    const backoff = new Backoff(() => 0xffff_ffff, 1_000, 10_000);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(1_000);
  });
});
