// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds, Timer } from "./ports.js";

/**
 * A clock for objects of which one is alive at a time and takes one timer: a timer is never given back, so that each would keep
 * its object for ever. They share one; the latest to ask has it.
 */
export class SoleTimer implements Clock {
  readonly #clock: Clock;
  readonly #timer: Timer;
  #callback: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = clock.timer(() => this.#callback?.());
  }

  timer(callback: () => void): Timer {
    this.#timer.stop();
    this.#callback = callback;
    return this.#timer;
  }

  /** Lets go of the object that has the timer. */
  release(): void {
    this.#timer.stop();
    this.#callback = undefined;
  }

  ticks(): number {
    return this.#clock.ticks();
  }

  elapsed(since: number): Milliseconds {
    return this.#clock.elapsed(since);
  }
}
