// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "./errors.js";
import type { Clock, LogSink, Milliseconds } from "./ports.js";
import { Tally } from "./tally.js";

/** A peer that sends nonsense for hours shall be seen in the log, but not fill it. */
const interval: Milliseconds = 60_000;

/** Characters of a detail that are logged; it may quote the peer. */
const maxDetailLength = 120;

/** Counts every failure and logs the first of each reason in a minute, with the count. */
export class FailureLog {
  readonly counts = new Tally();
  readonly #clock: Clock;
  readonly #log: LogSink;
  readonly #event: string;
  /** Made with the first failure. */
  #loggedAt: Map<Reason, number> | undefined;

  /** `event` is what it logs under, "<room>.<step>". */
  constructor(clock: Clock, log: LogSink, event: string) {
    this.#clock = clock;
    this.#log = log;
    this.#event = event;
  }

  add(reason: Reason, detail: string): void {
    this.counts.add(reason);
    this.#loggedAt ??= new Map();
    const loggedAt = this.#loggedAt.get(reason);
    if (loggedAt !== undefined) {
      const elapsed = this.#clock.elapsed(loggedAt);
      if (elapsed >= 0 && elapsed < interval) return;
    }
    this.#loggedAt.set(reason, this.#clock.ticks());
    const count = this.counts.of(reason);
    // Before it is cut, or half a secret would not be known for one.
    const safe = this.#log.veiled?.(detail) ?? detail;
    this.#log.write("warning", this.#event, `${safe.slice(0, maxDetailLength)}, count ${count}`, reason);
  }
}

/** The text of anything that can be thrown; it does not throw itself, whatever the getters of that thing do. */
export function describeError(error: unknown): string {
  try {
    if (error instanceof Error) return String(error.message);
  } catch {
    return "threw an error without a text";
  }
  return typeof error === "string" ? error : `threw ${typeof error}`;
}
