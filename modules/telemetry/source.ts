// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import type { Recorder, TelemetryValue } from "./recorder.js";
import type { ReportRule } from "./report-rule.js";

/** The data of one sub-device; all of it goes for the device's own data, too. It takes some 64 bytes of XS heap while somebody has it. */
export class Source {
  readonly #recorder: Recorder;
  readonly #number: number;

  constructor(recorder: Recorder, number: number) {
    this.#recorder = recorder;
    this.#number = number;
  }

  /** As `Telemetry.record`; `RangeError` also for a key that the platform has reserved in data of sub-devices. */
  record(key: string, value: TelemetryValue): boolean;
  record(values: Readonly<Record<string, TelemetryValue>>): boolean;
  record(keyOrValues: string | Readonly<Record<string, TelemetryValue>>, value?: TelemetryValue): boolean {
    return this.#recorder.record(this.#number, keyOrValues, value);
  }

  /** As `Telemetry.setRule`, for the keys of this sub-device alone. The first rule takes some 430 bytes of XS heap, another 150. */
  setRule(key: string, rule: ReportRule | undefined): void {
    this.#recorder.setRule(this.#number, key, rule);
  }

  /** As `Telemetry.overrideRule`, for the keys of this sub-device alone. */
  overrideRule(key: string, rule: Json | undefined): string | undefined {
    return this.#recorder.overrideRule(this.#number, key, rule);
  }
}
