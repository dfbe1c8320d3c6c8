// SPDX-License-Identifier: Apache-2.0

import type { FailureLog } from "../core/failure-log.js";
import type { Clock, Milliseconds, Timer } from "../core/ports.js";
import { runHandler } from "../core/run-handler.js";
import type { VitalSign, Vitals } from "./vitals.js";

/** Ten samples a second to one a day. */
export const shortestPeriod: Milliseconds = 100;
export const longestPeriod: Milliseconds = 86_400_000;

/** Records a sample of all vital signs at a period. */
export class VitalsReport {
  readonly #timer: Timer;
  #period: Milliseconds = 0;
  #isSuspended = false;

  /** `record` gets the vital signs of one instant by their keys; `failures` gets what it throws, and what a source does. */
  constructor(
    vitals: Vitals,
    clock: Clock,
    failures: FailureLog,
    record: (sample: Readonly<Record<string, VitalSign>>) => void,
  ) {
    this.#timer = clock.timer(() => {
      this.#timer.start(this.#period);
      // One instant for all of them, so that the server's rules find them together. Without a prototype: trap T5.
      const sample: Record<string, VitalSign> = Object.create(null);
      // Sources of the application are asked last: one that throws takes nothing away from those before it.
      runHandler(failures, () =>
        vitals.measure((key, value) => {
          sample[key] = value;
        }),
      );
      runHandler(failures, () => record(sample));
    });
  }

  /** 0 while there is no report. */
  get period(): Milliseconds {
    return this.#period;
  }

  /** From now on a sample each `period`, the first one soon; 0 ends that. Throws `TypeError` or `RangeError`. */
  start(period: Milliseconds): void {
    if (typeof period !== "number") throw new TypeError("period: not a number");
    if (period !== 0 && !(period >= shortestPeriod && period <= longestPeriod))
      throw new RangeError(`period: neither 0 nor ${shortestPeriod} to ${longestPeriod} ms`);
    this.#period = period;
    if (period === 0) this.#timer.stop();
    else if (!this.#isSuspended) this.#timer.start(0);
  }

  /** No more samples until `resume`. */
  suspend(): void {
    this.#isSuspended = true;
    this.#timer.stop();
  }

  /** Goes on where it was suspended. Idempotent. */
  resume(): void {
    if (!this.#isSuspended) return;
    this.#isSuspended = false;
    this.start(this.#period);
  }
}
