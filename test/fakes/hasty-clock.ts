// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../modules/core/ports.js";

/** A clock that runs `haste` times as fast as another, so that minutes of pauses pass in seconds. */
export function hasty(clock: Clock, haste: number): Clock {
  return {
    timer(callback) {
      const timer = clock.timer(callback);
      return { start: (delay) => timer.start(delay / haste), stop: () => timer.stop() };
    },
    ticks: () => (clock.ticks() * haste) | 0,
    elapsed: (since) => (clock.ticks() * haste - since) | 0,
  };
}
