// SPDX-License-Identifier: Apache-2.0

import Time from "time";
import SdkTimer from "timer";
import type { Clock, Milliseconds, Timer } from "../../modules/core/ports.js";
import type { Guard } from "./guard.js";
import type { Resource, Resources } from "./resource.js";

/** The SDK counts in 32 bits with a sign. */
const longestDelay = 0x7fff_ffff;

/** The SDK takes a repeating timer with the interval 0 for one that is over. */
const shortestDelay = 1;

/**
 * One SDK timer that is armed again and again. It always repeats, because a one-shot SDK timer is gone after it fired, and
 * with equal intervals, because the Linux timer of SDK 8.2.3 fires twice where they differ and its callback arms it.
 */
class XsTimer implements Timer, Resource {
  readonly #timer: SdkTimer;

  constructor(guard: Guard, callback: () => void) {
    this.#timer = SdkTimer.repeat((timer) => {
      SdkTimer.schedule(timer);
      guard.enter(callback, undefined);
    }, longestDelay);
    SdkTimer.schedule(this.#timer);
  }

  start(delay: Milliseconds): void {
    const interval = Math.min(Math.max(delay, shortestDelay), longestDelay);
    // Disarmed first: on the chip a timer that is already due would otherwise still fire in this turn.
    SdkTimer.schedule(this.#timer);
    SdkTimer.schedule(this.#timer, interval, interval);
  }

  stop(): void {
    SdkTimer.schedule(this.#timer);
  }

  close(): void {
    SdkTimer.clear(this.#timer);
  }
}

export function createClock(guard: Guard, resources?: Resources): Clock {
  return {
    timer: (callback) => {
      const timer = new XsTimer(guard, callback);
      resources?.add(timer);
      return timer;
    },
    ticks,
    elapsed: (since) => (ticks() - since) | 0,
  };
}

/** A wrapping 32-bit integer on every platform, as on the chip: the simulator has milliseconds since 1970. */
function ticks(): number {
  return Time.ticks | 0;
}
