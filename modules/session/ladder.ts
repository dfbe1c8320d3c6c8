// SPDX-License-Identifier: Apache-2.0

import { Backoff } from "../core/backoff.js";
import { type Reason, retryOf } from "../core/errors.js";
import type { Clock, Milliseconds, Timer } from "../core/ports.js";

/** A server that means to throw the device out does so in less than this. */
const kickTime = 5_000;
/** A session that has lasted so long has shown that the network and the server are in order. */
const stableTime = 60_000;
/** Delay of an attempt that nothing stands in the way of, so that a fleet does not act as one. */
const jitter = 250;

/** When to try again. */
export class Ladder {
  readonly #random: () => number;
  readonly #soon: Backoff;
  readonly #slowly: Backoff;
  readonly #rarely: Backoff;
  readonly #lockout: Milliseconds;
  readonly #timer: Timer;
  #isYoung = false;

  /** `lockout`: see `SessionOptions`. */
  constructor(clock: Clock, random: () => number, lockout: Milliseconds = 0) {
    this.#random = random;
    this.#soon = new Backoff(random, 1_000, 128_000);
    this.#slowly = new Backoff(random, 30_000, 900_000);
    this.#rarely = new Backoff(random, 600_000, 3_600_000);
    this.#lockout = lockout;
    this.#timer = clock.timer(() => this.#onTimer());
  }

  /**
   * A server that closes without a word right after it accepted has a reason, although MQTT 3.1.1 cannot tell it; and one that locks
   * clients out has, where it does not even answer to CONNECT (`isUnanswered`).
   */
  nameEnd(reason: Reason, isUnanswered = false): Reason {
    const isClosed = reason === "connection-closed" || reason === "connection-reset";
    if (isClosed && isUnanswered && this.#lockout > 0) return "closed-before-connack";
    return isClosed && this.#isYoung ? "closed-after-connack" : reason;
  }

  onAccepted(): void {
    this.#isYoung = true;
    this.#timer.start(kickTime);
  }

  onEnded(): void {
    this.#isYoung = false;
    this.#timer.stop();
  }

  /** Pause before the next attempt; undefined is the first one, or the first with a network again. */
  pauseAfter(reason: Reason | undefined): Milliseconds {
    if (reason === undefined) return Math.floor((jitter * this.#random()) / 0x1_0000_0000);
    const retry = retryOf(reason);
    if (retry === "never") return this.#rarely.next();
    const pause = retry === "slowly" ? this.#slowly.next() : this.#soon.next();
    return reason === "closed-before-connack" ? this.#lockout + pause : pause;
  }

  #onTimer(): void {
    if (this.#isYoung) {
      this.#isYoung = false;
      this.#timer.start(stableTime - kickTime);
      return;
    }
    this.#soon.reset();
    this.#slowly.reset();
    this.#rarely.reset();
  }
}
