// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { waitFor } from "../simulator/waiting.js";
import type { Bench } from "./bench.js";
import { longestGap } from "./series.js";

/** Samples have to come until at least so long after `from`, in milliseconds: every outage is longer. */
const reach = 5_000;

/**
 * From the last sample before `from` until one that is taken from now on, one each `period` milliseconds, without a gap, and all of
 * them in one session.
 */
export async function expectGapless(bench: Bench, from: number, period: number): Promise<void> {
  const { dropped, disconnects } = await bench.cloud.vitals();
  assert.equal(dropped, 0);
  const to = await bench.cloud.deviceTime();
  let gap = 0;
  await waitFor({ what: "samples without a gap", seconds: 40 }, async () => {
    const samples = await bench.cloud.samples(from);
    gap = longestGap(samples);
    return gap < 2.5 * period && (samples.at(-1)?.time ?? 0) > Math.max(to, from + reach) ? true : undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${gap} ms without one`);
  });
  const { disconnects: ended } = await bench.cloud.vitals();
  assert.equal(ended, disconnects, "a session ended while they were delivered");
}
