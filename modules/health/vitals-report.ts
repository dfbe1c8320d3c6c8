// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds, Timer } from "../core/ports.js";
import type { VitalSign, Vitals } from "./vitals.js";

/** Ten samples a second to one a day. */
export const shortestPeriod: Milliseconds = 100;
export const longestPeriod: Milliseconds = 86_400_000;

/** Records a sample of all vital signs at a period. */
export class VitalsReport {
  readonly #timer: Timer;
  #period: Milliseconds = 0;

  /** `record` gets the vital signs of one instant by their keys. */
  constructor(vitals: Vitals, clock: Clock, record: (sample: Readonly<Record<string, VitalSign>>) => void) {
    this.#timer = clock.timer(() => {
      this.#timer.start(this.#period);
      // One instant for all of them, so that the server's rules find them together.
      const sample: Record<string, VitalSign> = {};
      vitals.measure((key, value) => {
        sample[key] = value;
      });
      record(sample);
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
    else this.#timer.start(0);
  }
}
