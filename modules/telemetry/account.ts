// SPDX-License-Identifier: Apache-2.0

import { describeError, type FailureLog } from "../core/failure-log.js";
import type { Milliseconds } from "../core/ports.js";

/**
 * Learns the key and, where that is known, the time of a datum that was given up because the server ends sessions for it. `source` is
 * the sub-device that it is of, undefined for the device itself.
 */
export type QuarantineHandler = (key: string, ts: Milliseconds | undefined, source: string | undefined) => void;

/** What became of the data, counted by everybody who carries them. */
export class Account {
  /** Data the server acknowledged. */
  delivered = 0;
  /** Data that were lost on their way: they gave way while they were published, or in the journal, or could not be read there. */
  dropped = 0;
  /** Data that no message could ever carry. */
  refused = 0;
  /** Data that the server ended sessions for. */
  quarantined = 0;
  /** Data that were published without a time of their own, repetitions included. */
  undated = 0;
  /** Messages published, repetitions included. */
  batches = 0;
  readonly #handlers: QuarantineHandler[] = [];

  onQuarantined(handler: QuarantineHandler): void {
    this.#handlers.push(handler);
  }

  /** A datum was given up. What a handler throws goes to `failures`. */
  tellQuarantined(failures: FailureLog, key: string, ts: Milliseconds | undefined, source: string | undefined): void {
    for (const handler of this.#handlers) {
      try {
        handler(key, ts, source);
      } catch (error) {
        failures.add("handler-failed", describeError(error));
      }
    }
  }
}
