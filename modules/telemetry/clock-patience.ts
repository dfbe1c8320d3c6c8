// SPDX-License-Identifier: Apache-2.0

import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import type { UptimeClock } from "./uptime-clock.js";

/** The journal keeps its data, so that they can wait longer for their time than those in the queue. */
const backlogPatience: Milliseconds = 600_000;

/** How long a live session waits for the wall clock before data go without their time: of the queue first, later of the journal. */
export class ClockPatience {
  readonly #wallClock: UptimeClock;
  readonly #log: LogSink;
  readonly #patience: Milliseconds;
  readonly #onOver: () => void;
  readonly #timer: Timer;
  #isOver = false;
  #isBacklogOver = false;

  /** `onOver` is called each time that something need not wait any longer. */
  constructor(clock: Clock, wallClock: UptimeClock, log: LogSink, patience: Milliseconds, onOver: () => void) {
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

  /** Whether data of the journal wait where nothing tells their time. */
  get isBacklogWaiting(): boolean {
    return !this.#isBacklogOver;
  }

  onOpen(): void {
    this.#isOver = false;
    this.#isBacklogOver = false;
  }

  onLive(): void {
    if (!this.#wallClock.isKnown) this.#timer.start(this.#patience);
  }

  onClosed(): void {
    this.#timer.stop();
  }

  #onTimer(): void {
    if (this.#wallClock.isKnown) return;
    if (this.#isOver) this.#isBacklogOver = true;
    else {
      this.#isOver = true;
      this.#timer.start(backlogPatience);
      this.#log.write("warning", "telemetry.undated", "the server stamps the data", "time-unavailable");
    }
    this.#onOver();
  }
}
