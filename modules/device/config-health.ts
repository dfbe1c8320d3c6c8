// SPDX-License-Identifier: Apache-2.0
// The fields of the configuration that say what the device tells of its own health.

import { integer } from "../core/integer.js";
import type { Milliseconds } from "../core/ports.js";
import { type RemoteLogLevel, remoteLogLevels } from "../health/remote-log.js";
import { longestPeriod, shortestPeriod } from "../health/vitals-report.js";
import { choice, section } from "./config-fields.js";

export interface HealthConfig {
  /** A sample of all vital signs goes out as telemetry so often, 100 ms to 24 h; 0 for none, the default. */
  readonly period?: Milliseconds;
  /** The server gets the log lines of this level and of the worse ones, unless the shared attribute `logLevel` says otherwise. Default "off". */
  readonly logLevel?: RemoteLogLevel;
  /** Lines in a minute at the most, 1 to 600, unless the shared attribute `logRate` says otherwise. Default 60. */
  readonly logRate?: number;
}

export type CompleteHealth = Readonly<Required<HealthConfig>>;

/** Throws `TypeError` or `RangeError` naming the field. */
export function completeHealth(value: unknown): CompleteHealth {
  const health = section(value ?? {}, "config.health", ["period", "logLevel", "logRate"]);
  const period = integer(health.period ?? 0, "config.health.period", 0, longestPeriod);
  if (period !== 0 && period < shortestPeriod)
    throw new RangeError(`config.health.period: neither 0 nor ${shortestPeriod} to ${longestPeriod}`);
  return Object.freeze({
    period,
    logLevel: choice(health.logLevel ?? "off", "config.health.logLevel", remoteLogLevels),
    logRate: integer(health.logRate ?? 60, "config.health.logRate", 1, 600),
  });
}
