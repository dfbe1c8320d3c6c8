// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds, Timer } from "../../modules/core/ports.js";

interface Armed {
  due: Milliseconds | undefined;
  /** Which start it was: of two that are due at once the earlier comes first. */
  order: number;
  readonly callback: () => void;
}

/** A clock that moves only when told to. `origin` is the first reading of `ticks`, near 2^31 to try the wrap. */
export class FakeClock implements Clock {
  readonly #timers: Armed[] = [];
  readonly #origin: number;
  #now: Milliseconds = 0;
  #starts = 0;

  constructor(origin = 0) {
    this.#origin = origin;
  }

  /** Milliseconds advanced since construction. */
  get now(): Milliseconds {
    return this.#now;
  }

  /** Timers that were ever made. */
  get timers(): number {
    return this.#timers.length;
  }

  timer(callback: () => void): Timer {
    const armed: Armed = { due: undefined, order: 0, callback };
    this.#timers.push(armed);
    return {
      start: (delay) => {
        armed.due = this.#now + Math.max(0, delay);
        this.#starts += 1;
        armed.order = this.#starts;
      },
      stop: () => {
        armed.due = undefined;
      },
    };
  }

  ticks(): number {
    return (this.#origin + this.#now) | 0;
  }

  elapsed(since: number): Milliseconds {
    return (this.ticks() - since) | 0;
  }

  /** Runs everything that falls due within `span`, in order of time. */
  advance(span: Milliseconds): void {
    const end = this.#now + span;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.due ?? this.#now);
      next.due = undefined;
      next.callback();
    }
    this.#now = end;
  }

  /** Milliseconds until the next timer, undefined when none is armed. */
  get pending(): Milliseconds | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next?.due === undefined ? undefined : next.due - this.#now;
  }

  #next(end: Milliseconds): Armed | undefined {
    let earliest: Armed | undefined;
    for (const armed of this.#timers) {
      if (armed.due === undefined || armed.due > end) continue;
      if (earliest?.due === undefined || armed.due < earliest.due) earliest = armed;
      else if (armed.due === earliest.due && armed.order < earliest.order) earliest = armed;
    }
    return earliest;
  }
}
