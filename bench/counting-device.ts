// SPDX-License-Identifier: Apache-2.0

import type { LogEntry } from "../hosts/node/log.js";
import { DeviceProcess, type DeviceProcessOptions } from "./device-process.js";
import { type Count, countEvent } from "./machine/count.js";

export interface CountingDeviceOptions extends DeviceProcessOptions, Count {}

/** A device that counts. */
export class CountingDevice extends DeviceProcess {
  constructor(options: CountingDeviceOptions) {
    super("bench/firmware.ts", options, [`--period=${options.period / 1_000}`, `--first=${options.first}`]);
  }

  /** Behind the number of the last datum that was recorded. */
  get recorded(): number {
    return countIn(this.entries);
  }

  /** Behind the number of the last datum that was reported as stored: a report is about everything that was recorded until then. */
  get reported(): number {
    return countIn(
      this.entries.slice(
        0,
        this.entries.findLastIndex(({ event }) => event === "telemetry.stored"),
      ),
    );
  }

  /** Data that were reported as stored. */
  get stored(): number {
    return this.entries
      .filter(({ event }) => event === "telemetry.stored")
      .reduce((sum, { detail }) => sum + Number.parseInt(detail, 10), 0);
  }
}

function countIn(entries: readonly LogEntry[]): number {
  return Number(entries.findLast(({ event }) => event === countEvent)?.detail ?? 0);
}
