// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "./ports.js";

/**
 * Exponential backoff with full jitter: the n-th pause is a random share of `first` x 2^n, capped.
 * Full jitter spreads a fleet that lost its server at one instant evenly over the window, so that it does not return as one.
 */
export class Backoff {
  readonly #random: () => number;
  readonly #first: Milliseconds;
  readonly #cap: Milliseconds;
  #window: Milliseconds;

  /** `random` gives unsigned 32-bit numbers. */
  constructor(random: () => number, first: Milliseconds, cap: Milliseconds) {
    this.#random = random;
    this.#first = first;
    this.#cap = cap;
    this.#window = first;
  }

  /** The next pause, from a tenth of the window (so that it is never a busy loop) up to the whole of it. */
  next(): Milliseconds {
    const window = this.#window;
    this.#window = Math.min(window * 2, this.#cap);
    const floor = window / 10;
    return Math.round(floor + (window - floor) * (this.#random() / 0x1_0000_0000));
  }

  reset(): void {
    this.#window = this.#first;
  }
}
