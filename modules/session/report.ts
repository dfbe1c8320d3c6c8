// SPDX-License-Identifier: Apache-2.0

import { describeError, FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink } from "../core/ports.js";
import type { Tally } from "../core/tally.js";

/** Counts what goes wrong without ending a session. */
export class Report {
  readonly #failures: FailureLog;
  readonly #log: LogSink;
  /** Messages from the server. */
  received = 0;
  /** Of these, messages that reached no handler. */
  dropped = 0;

  constructor(clock: Clock, log: LogSink) {
    this.#failures = new FailureLog(clock, log, "session.failure");
    this.#log = log;
  }

  get counts(): Tally {
    return this.#failures.counts;
  }

  onMessage(topic: string, isKnown: boolean): void {
    this.received += 1;
    if (isKnown) return;
    this.dropped += 1;
    this.#failures.add("unknown-topic", topic);
  }

  onDropped(topic: string, byteLength: number): void {
    this.received += 1;
    this.dropped += 1;
    this.#failures.add("payload-too-large", `${topic}, ${byteLength} bytes`);
  }

  /** A handler of the application or of a feature threw. */
  onFailed(error: unknown): void {
    this.#failures.add("handler-failed", describeError(error));
  }

  /** Every refused filter is logged: there are few, and the device is deaf to each. */
  onRefused(filter: string): void {
    this.#failures.counts.add("subscription-refused");
    this.#log.write("error", "session.subscription", filter, "subscription-refused");
  }
}
