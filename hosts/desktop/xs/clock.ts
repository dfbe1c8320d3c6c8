// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds, Timer } from "../../../modules/core/ports.js";

interface Armed {
  due: Milliseconds | undefined;
  /** The turn in which it was armed; it does not run in the same one. */
  turn: number;
  /** Which start it was: of two that are due at once the earlier comes first. */
  order: number;
  readonly callback: () => void;
}

/** Timers of the machine on the time that comes with each delivery. The board wakes the machine for the next one. */
export class XsClock implements Clock {
  readonly #timers: Armed[] = [];
  #now: Milliseconds = 0;
  #turn = 0;
  #starts = 0;

  /** The board's monotonic time, which stands still during a delivery. */
  get now(): Milliseconds {
    return this.#now;
  }

  set now(now: Milliseconds) {
    this.#now = now;
    this.#turn += 1;
  }

  timer(callback: () => void): Timer {
    const armed: Armed = { due: undefined, turn: 0, order: 0, callback };
    this.#timers.push(armed);
    return {
      start: (delay) => {
        armed.due = this.#now + Math.max(0, delay);
        armed.turn = this.#turn;
        this.#starts += 1;
        armed.order = this.#starts;
      },
      stop: () => {
        armed.due = undefined;
      },
    };
  }

  ticks(): number {
    return this.#now | 0;
  }

  elapsed(since: number): Milliseconds {
    return (this.ticks() - since) | 0;
  }

  /** When the machine wants to be woken, undefined where nothing is armed. */
  get nextDue(): Milliseconds | undefined {
    let due: Milliseconds | undefined;
    for (const armed of this.#timers) {
      if (armed.due !== undefined && (due === undefined || armed.due < due)) due = armed.due;
    }
    return due;
  }

  /** Runs what is due, in order of time. */
  run(): void {
    for (let armed = this.#nextArmed(); armed; armed = this.#nextArmed()) {
      armed.due = undefined;
      armed.callback();
    }
  }

  #nextArmed(): Armed | undefined {
    let earliest: Armed | undefined;
    for (const armed of this.#timers) {
      if (armed.due === undefined || armed.due > this.#now || armed.turn === this.#turn) continue;
      if (earliest?.due === undefined || armed.due < earliest.due) earliest = armed;
      else if (armed.due === earliest.due && armed.order < earliest.order) earliest = armed;
    }
    return earliest;
  }
}
