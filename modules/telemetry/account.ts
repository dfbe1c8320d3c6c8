// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";

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
  /** A datum that the server ends sessions for was given up; its time where that is known. */
  onQuarantined: ((key: string, ts: Milliseconds | undefined) => void) | undefined;
}
