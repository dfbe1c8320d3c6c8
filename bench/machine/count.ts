// SPDX-License-Identifier: Apache-2.0
// What the firmware that counts is told, and what it says. Shared by both sides.

/** A log line for each datum, with the number behind it. */
export const countEvent = "bench.count";

/** What the firmware is told besides its configuration. */
export interface Count {
  /** Milliseconds between two data. */
  readonly period: number;
  /** Number of the first datum. */
  readonly first: number;
}
