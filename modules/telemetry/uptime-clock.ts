// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";

/** What telemetry asks of the clocks: data are sampled in uptime, and dated when they are sent. */
export interface UptimeClock {
  /** Milliseconds since some moment before the first datum; it never goes backwards and never wraps around. */
  uptime(): Milliseconds;
  /** Wall-clock time of an instant of uptime, also of one from before it was known; undefined while it is not. */
  epoch(uptime: Milliseconds): Milliseconds | undefined;
  /** Whether `epoch` gives a time. */
  readonly isKnown: boolean;
}
