// SPDX-License-Identifier: Apache-2.0

import type { UpdateKeys } from "../cloud/dialect.js";
import type { Clock, LogSink, Milliseconds } from "../core/ports.js";
import type { PackageName } from "../ota/target.js";
import type { UpdateReport, UpdateState } from "../ota/update-report.js";
import type { Telemetry } from "../telemetry/telemetry.js";

/** Between two reports of progress. */
const progressPeriod: Milliseconds = 10_000;

/** Tells of an update by telemetry, so that nothing of it is lost, nor its order, however long the device is offline. */
export class OtaReport implements UpdateReport {
  readonly #telemetry: Telemetry;
  readonly #keys: UpdateKeys;
  readonly #clock: Clock;
  readonly #log: LogSink;
  #progressAt: number | undefined;
  #percent = -1;

  constructor(telemetry: Telemetry, keys: UpdateKeys, clock: Clock, log: LogSink) {
    this.#telemetry = telemetry;
    this.#keys = keys;
    this.#clock = clock;
    this.#log = log;
  }

  onState(state: UpdateState, error: string): void {
    const { state: stateKey, error: errorKey } = this.#keys;
    this.#log.write("info", "ota.state", `${stateKey} ${state}`);
    this.#telemetry.record({ [stateKey]: state, [errorKey]: error });
    this.#percent = -1;
  }

  onProgress(percent: number): void {
    if (percent === this.#percent) return;
    if (this.#progressAt !== undefined) {
      const elapsed = this.#clock.elapsed(this.#progressAt);
      if (elapsed >= 0 && elapsed < progressPeriod) return;
    }
    this.#progressAt = this.#clock.ticks();
    this.#percent = percent;
    this.#telemetry.record(this.#keys.progress, percent);
  }

  onCurrent({ title, version }: PackageName): void {
    const { currentTitle, currentVersion } = this.#keys;
    this.#telemetry.record({ [currentTitle]: title, [currentVersion]: version });
  }
}
