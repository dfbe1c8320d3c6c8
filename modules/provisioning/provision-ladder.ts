// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";

/** Waits before the first nine attempts. */
const steps: readonly Milliseconds[] = Object.freeze([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000]);

/** After those, for ever: a random time between the two, so that a fleet that starts at one moment does not come back as one. */
const shortestSlow: Milliseconds = 600_000;
const longestSlow: Milliseconds = 1_200_000;

/** When a device without credentials asks for some: after 0, 1, 2, 4, … 128 s, nine attempts in all, then every 10 to 20 minutes. */
export class ProvisionLadder {
  readonly #random: () => number;
  #step = 0;

  /** `random` gives unsigned 32-bit numbers. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Whether the next wait is one of the slow ones. */
  get isSlow(): boolean {
    return this.#step >= steps.length;
  }

  /** The wait before the next attempt. */
  next(): Milliseconds {
    const wait = steps[this.#step];
    if (wait === undefined)
      return Math.round(shortestSlow + (longestSlow - shortestSlow) * (this.#random() / 0x1_0000_0000));
    this.#step += 1;
    return wait;
  }

  /** Trying again soon would not help: goes to the slow waits at once. */
  giveUpHaste(): void {
    this.#step = steps.length;
  }

  reset(): void {
    this.#step = 0;
  }
}
