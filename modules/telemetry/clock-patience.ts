// SPDX-License-Identifier: Apache-2.0

import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import type { UptimeClock } from "./uptime-clock.js";

/**
 * The journal keeps its data, so that they can wait longer for their time than those in the queue: so long in all live sessions of a
 * boot together, or they would wait for ever where sessions are short.
 */
const backlogPatience: Milliseconds = 600_000;

/** How long a live session waits for the wall clock before data go without their time: of the queue first, later of the journal. */
export class ClockPatience {
  readonly #clock: Clock;
  readonly #wallClock: UptimeClock;
  readonly #log: LogSink;
  readonly #patience: Milliseconds;
  readonly #onOver: () => void;
  readonly #timer: Timer;
  #isOver = false;
  #backlogRest: Milliseconds = backlogPatience;
  /** The reading of `ticks` when that began to count. */
  #since = 0;

  /** `onOver` is called each time that something need not wait any longer. */
  constructor(clock: Clock, wallClock: UptimeClock, log: LogSink, patience: Milliseconds, onOver: () => void) {
    this.#clock = clock;
    this.#wallClock = wallClock;
    this.#log = log;
    this.#patience = patience;
    this.#onOver = onOver;
    this.#timer = clock.timer(() => this.#onTimer());
  }

  /** Whether the queue waits. */
  get isWaiting(): boolean {
    return !this.#wallClock.isKnown && !this.#isOver;
  }

  /** Whether data of the journal wait where nothing tells their time. In each session as long as the queue: a new network may tell it. */
  get isBacklogWaiting(): boolean {
    return !this.#isOver || this.#backlogRest > 0;
  }

  onOpen(): void {
    this.#isOver = false;
  }

  onLive(): void {
    if (!this.#wallClock.isKnown) this.#timer.start(this.#patience);
  }

  onClosed(): void {
    this.#timer.stop();
    if (!this.#isOver || this.#wallClock.isKnown) return;
    this.#backlogRest = Math.max(0, this.#backlogRest - this.#clock.elapsed(this.#since));
  }

  #onTimer(): void {
    if (this.#wallClock.isKnown) return;
    if (this.#isOver) this.#backlogRest = 0;
    else {
      this.#isOver = true;
      this.#since = this.#clock.ticks();
      if (this.#backlogRest > 0) this.#timer.start(this.#backlogRest);
      this.#log.write("warning", "telemetry.undated", "the server stamps the data", "time-unavailable");
    }
    this.#onOver();
  }
}
