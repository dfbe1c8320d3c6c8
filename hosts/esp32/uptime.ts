// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds } from "../../modules/core/ports.js";

/** A reading is due within 24.8 days of the last one; the timer sees to that where nobody asks. */
const pollPeriod = 86_400_000;

/** Time since start that does not wrap. */
export class Uptime {
  readonly #clock: Clock;
  #last: number;
  #total: Milliseconds = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = clock.ticks();
    const timer = clock.timer(() => {
      this.read();
      timer.start(pollPeriod);
    });
    timer.start(pollPeriod);
  }

  read(): Milliseconds {
    const now = this.#clock.ticks();
    this.#total += this.#clock.elapsed(this.#last);
    this.#last = now;
    return this.#total;
  }
}
