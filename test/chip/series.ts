// SPDX-License-Identifier: Apache-2.0

import type { Sample } from "./cloud.js";

/** The longest time between two samples that follow each other in one boot, in milliseconds; 0 where there are none. */
export function longestGap(samples: readonly Sample[]): number {
  let longest = 0;
  for (let index = 1; index < samples.length; index += 1) {
    const [before, after] = [samples[index - 1], samples[index]];
    if (before && after && before.boot === after.boot) longest = Math.max(longest, after.time - before.time);
  }
  return longest;
}
