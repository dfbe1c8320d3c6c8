// SPDX-License-Identifier: Apache-2.0

import type { Clock, Milliseconds, Timer } from "./ports.js";

/** What `elapsed` of the port can tell. */
const longestDelay: Milliseconds = 0x7fff_ffff;

class SharedTimer implements Timer {
  readonly callback: () => void;
  readonly #clock: SharedClock;
  /** The armed one that falls due after this one. */
  next: SharedTimer | undefined;
  isArmed = false;
  /** A reading of `ticks`. */
  due = 0;
  /** In which it was armed; it does not run in the same one. */
  turn = 0;

  constructor(clock: SharedClock, callback: () => void) {
    this.#clock = clock;
    this.callback = callback;
  }

  start(delay: Milliseconds): void {
    this.#clock.arm(this, delay);
  }

  stop(): void {
    this.#clock.disarm(this);
  }
}

/**
 * Timers that share one of the platform's. There it takes memory for each, and keeps it for ever; here a timer that is not armed is
 * known to its owner alone, and goes with it. They run as those of the platform do: in the order of time, and of two that are due at
 * once the one that was started first.
 */
export class SharedClock implements Clock {
  readonly #clock: Clock;
  readonly #timer: Timer;
  /** Of those that are armed, the one that falls due first. */
  #first: SharedTimer | undefined;
  #turn = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = clock.timer(() => this.#run());
  }

  timer(callback: () => void): Timer {
    return new SharedTimer(this, callback);
  }

  ticks(): number {
    return this.#clock.ticks();
  }

  elapsed(since: number): Milliseconds {
    return this.#clock.elapsed(since);
  }

  /** For a timer of this clock. */
  arm(timer: SharedTimer, delay: Milliseconds): void {
    const first = this.#first;
    this.#remove(timer);
    timer.isArmed = true;
    timer.due = (this.#clock.ticks() + Math.ceil(Math.min(Math.max(0, delay), longestDelay))) | 0;
    timer.turn = this.#turn;
    this.#insert(timer);
    if (this.#first === timer || this.#first !== first) this.#schedule();
  }

  /** For a timer of this clock. */
  disarm(timer: SharedTimer): void {
    const first = this.#first;
    this.#remove(timer);
    if (this.#first !== first) this.#schedule();
  }

  #insert(timer: SharedTimer): void {
    const remaining = this.#remaining(timer);
    let before: SharedTimer | undefined;
    let after = this.#first;
    while (after !== undefined && this.#remaining(after) <= remaining) {
      before = after;
      after = after.next;
    }
    timer.next = after;
    if (before === undefined) this.#first = timer;
    else before.next = timer;
  }

  #remove(timer: SharedTimer): void {
    if (!timer.isArmed) return;
    timer.isArmed = false;
    let before = this.#first;
    if (before === timer) this.#first = timer.next;
    while (before !== undefined && before.next !== timer) before = before.next;
    if (before !== undefined) before.next = timer.next;
    timer.next = undefined;
  }

  #remaining({ due }: SharedTimer): Milliseconds {
    return -this.#clock.elapsed(due);
  }

  #schedule(): void {
    if (this.#first === undefined) this.#timer.stop();
    else this.#timer.start(Math.max(0, this.#remaining(this.#first)));
  }

  #run(): void {
    this.#turn += 1;
    try {
      for (let due = this.#nextDue; due !== undefined; due = this.#nextDue) {
        this.#remove(due);
        due.callback();
      }
    } finally {
      // Those that were armed meanwhile, and those behind one that has thrown.
      this.#schedule();
    }
  }

  get #nextDue(): SharedTimer | undefined {
    const first = this.#first;
    return first !== undefined && first.turn !== this.#turn && this.#remaining(first) <= 0 ? first : undefined;
  }
}
