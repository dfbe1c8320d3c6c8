// SPDX-License-Identifier: Apache-2.0

import { Backoff } from "../core/backoff.js";
import type { Reason } from "../core/errors.js";
import type { Clock, LogSink, Milliseconds, Timer, TimeSource } from "../core/ports.js";

/** Often enough that `elapsed` stays in its range of 2^31 ms, rare enough not to matter. */
const uptimePollPeriod = 86_400_000;

/** A 20 ppm crystal drifts half a second in this time, so that the tolerance is passed once in half a day. */
const refreshPeriod = 6 * 3_600_000;

const firstRetry = 2_000;
const longestRetry = 300_000;

/**
 * A refresh that differs by less changes nothing: a datum that is published again then keeps the time it had, and the server
 * stores it once.
 */
const tolerance = 1_000;

/** 2020-01-01 UTC. A source that answers with an earlier time does not know it, as an unset clock after power-on. */
const earliestPlausibleEpoch = 1_577_836_800_000;

export interface WallClockOptions {
  readonly clock: Clock;
  readonly time: TimeSource;
  readonly random: () => number;
  readonly log: LogSink;
  /** The wall clock became known, or was corrected by more than a second. */
  readonly onKnown?: () => void;
}

/** Uptime that never wraps, and what it is in wall-clock time once the platform's time source has answered. */
export class WallClock {
  readonly #clock: Clock;
  readonly #time: TimeSource;
  readonly #log: LogSink;
  readonly #backoff: Backoff;
  readonly #timer: Timer;
  readonly #pollTimer: Timer;
  readonly #onKnown: (() => void) | undefined;
  /** The reading of `ticks` at which the uptime was `#base`. */
  #anchor: number;
  #base: Milliseconds = 0;
  #offset: Milliseconds | undefined = undefined;
  #isRequesting = false;
  #hasNetwork = false;

  constructor(options: WallClockOptions) {
    this.#clock = options.clock;
    this.#time = options.time;
    this.#log = options.log;
    this.#onKnown = options.onKnown;
    this.#backoff = new Backoff(options.random, firstRetry, longestRetry);
    this.#anchor = this.#clock.ticks();
    this.#timer = this.#clock.timer(() => this.#request());
    this.#pollTimer = this.#clock.timer(() => this.#poll());
    this.#pollTimer.start(uptimePollPeriod);
  }

  /** Milliseconds since construction; monotonic, and never wraps. */
  uptime(): Milliseconds {
    return this.#base + this.#clock.elapsed(this.#anchor);
  }

  /** Wall-clock time of an instant of uptime, also of one before the clock was known; undefined while it is not. */
  epoch(uptime: Milliseconds): Milliseconds | undefined {
    return this.#offset === undefined ? undefined : Math.round(this.#offset + uptime);
  }

  get isKnown(): boolean {
    return this.#offset !== undefined;
  }

  /** With the network the source is asked, and asked again by backoff until it answers; then every six hours. */
  setNetwork(up: boolean): void {
    this.#hasNetwork = up;
    if (!up) {
      this.#timer.stop();
      return;
    }
    this.#backoff.reset();
    this.#timer.start(0);
  }

  #request(): void {
    if (this.#isRequesting || !this.#hasNetwork) return;
    this.#isRequesting = true;
    this.#time.request(
      (epoch) => this.#onTime(epoch),
      (reason) => this.#retry(reason),
    );
  }

  #onTime(epoch: Milliseconds): void {
    if (!(epoch >= earliestPlausibleEpoch)) {
      this.#retry("time-unavailable");
      return;
    }
    this.#isRequesting = false;
    this.#backoff.reset();
    if (this.#hasNetwork) this.#timer.start(refreshPeriod);
    const offset = epoch - this.uptime();
    const before = this.#offset;
    if (before !== undefined && Math.abs(offset - before) < tolerance) return;
    this.#offset = offset;
    const event = before === undefined ? "clock.known" : "clock.corrected";
    this.#log.write("info", event, new Date(epoch).toISOString());
    this.#onKnown?.();
  }

  #retry(reason: Reason): void {
    this.#isRequesting = false;
    if (!this.#hasNetwork) return;
    const pause = this.#backoff.next();
    this.#log.write("warning", "clock.unknown", `asking again in ${pause} ms`, reason);
    this.#timer.start(pause);
  }

  #poll(): void {
    this.#base = this.uptime();
    this.#anchor = this.#clock.ticks();
    this.#pollTimer.start(uptimePollPeriod);
  }
}
