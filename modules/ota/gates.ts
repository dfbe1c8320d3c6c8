// SPDX-License-Identifier: Apache-2.0

import type { LogSink, Milliseconds } from "../core/ports.js";
import { type Maintenance, MaintenanceWindow } from "./maintenance.js";

export interface GatesOptions {
  /** Milliseconds since 1970-01-01 UTC, undefined where the clock is not known. */
  readonly clockUtc: () => Milliseconds | undefined;
  /** Reports vital signs by their names; what is no number is none. */
  readonly measure: (report: (key: string, value: unknown) => void) => void;
  readonly log: LogSink;
  /** Undefined: at any time. */
  readonly maintenance?: Maintenance | undefined;
  /** Bytes that have to be free. */
  readonly minimumFreeHeap?: number | undefined;
  /** Percent that have to be left. */
  readonly minimumBattery?: number | undefined;
  /** Vital sign of the free memory. Default "freeHeap". */
  readonly heapKey?: string;
  /** Vital sign of the battery, in percent. Default "battery". */
  readonly batteryKey?: string;
}

/** When an update may go on. Without conditions: always. */
export class Gates {
  readonly #options: GatesOptions;
  readonly #window: MaintenanceWindow | undefined;
  /** Vital signs that were found missing, each of which is logged once. */
  readonly #missing = new Set<string>();

  /** Throws `RangeError` as `MaintenanceWindow` does. */
  constructor(options: GatesOptions) {
    this.#options = options;
    if (options.maintenance !== undefined) this.#window = new MaintenanceWindow(options.maintenance);
  }

  /**
   * What is in the way right now, in words for people; undefined for nothing. A vital sign that the platform does not report is in nobody's
   * way, or a device would never be updated that cannot tell; a clock that is not known is, for it will be.
   */
  obstacle(): string | undefined {
    return this.#closedWindow() ?? this.#lowVitalSign();
  }

  #closedWindow(): string | undefined {
    if (this.#window === undefined) return undefined;
    const now = this.#options.clockUtc();
    if (now === undefined) return "the clock is not known yet";
    return this.#window.isOpen(now) ? undefined : `outside of the maintenance window ${this.#window}`;
  }

  #lowVitalSign(): string | undefined {
    const { measure, minimumFreeHeap, minimumBattery, heapKey = "freeHeap", batteryKey = "battery" } = this.#options;
    if (minimumFreeHeap === undefined && minimumBattery === undefined) return undefined;
    let heap: number | undefined;
    let battery: number | undefined;
    measure((key, value) => {
      if (typeof value !== "number" || !Number.isFinite(value)) return;
      if (key === heapKey) heap = value;
      if (key === batteryKey) battery = value;
    });
    return this.#under("battery", battery, minimumBattery, " %") ?? this.#under("free heap", heap, minimumFreeHeap, "");
  }

  #under(name: string, value: number | undefined, minimum: number | undefined, unit: string): string | undefined {
    if (minimum === undefined) return undefined;
    if (value === undefined) {
      this.#noteMissing(name);
      return undefined;
    }
    return value < minimum ? `${name} ${Math.floor(value)}${unit}, under ${minimum}${unit}` : undefined;
  }

  #noteMissing(name: string): void {
    if (this.#missing.has(name)) return;
    this.#missing.add(name);
    this.#options.log.write("warning", "ota.gates", `${name} unknown: not waited for`);
  }
}
