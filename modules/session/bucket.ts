// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds } from "../core/ports.js";

/** A token bucket that refills evenly, as the server's does. */
export class Bucket {
  readonly capacity: number;
  readonly period: Milliseconds;
  readonly #clock: Clock;
  #level: number;
  #updatedAt: number;

  constructor(clock: Clock, capacity: number, period: Milliseconds, spent: number) {
    this.#clock = clock;
    this.capacity = capacity;
    this.period = period;
    this.#level = capacity - spent;
    this.#updatedAt = clock.ticks();
  }

  /** Time until `count` may pass and leave `kept` behind, 0 for now. More than the bucket holds passes when it is full. */
  waitFor(count: number, kept: number): Milliseconds {
    const elapsed = this.#clock.elapsed(this.#updatedAt);
    // Negative after the clock's span: 24 days fill every bucket.
    const gain = elapsed < 0 ? this.capacity : (elapsed * this.capacity) / this.period;
    this.#level = Math.min(this.capacity, this.#level + gain);
    this.#updatedAt = this.#clock.ticks();
    const missing = Math.min(count + kept * this.capacity, this.capacity) - this.#level;
    return missing <= 0 ? 0 : Math.ceil((missing * this.period) / this.capacity);
  }

  take(count: number): void {
    this.#level -= count;
  }
}
