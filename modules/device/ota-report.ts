// SPDX-License-Identifier: Apache-2.0

import type { UpdateKeys } from "../cloud/dialect.js";
import type { Clock, LogSink, Milliseconds } from "../core/ports.js";
import type { PackageName } from "../ota/target.js";
import type { UpdateReport, UpdateState } from "../ota/update-report.js";
import type { Telemetry } from "../telemetry/telemetry.js";

/** Between two reports of progress. */
const progressPeriod: Milliseconds = 10_000;

/** Between two states: the platform keeps one value of a key and a millisecond. */
const statePause: Milliseconds = 10;

/** Characters of an error that telemetry takes whatever they are. */
const maxSafeLength = 80;

/** Tells of an update by telemetry, so that nothing of it is lost, nor its order, however long the device is offline. */
export class OtaReport implements UpdateReport {
  readonly #telemetry: Telemetry;
  readonly #keys: UpdateKeys;
  readonly #clock: Clock;
  readonly #log: LogSink;
  /** Those that wait, the oldest first; a handful at the most. */
  readonly #states: (readonly [state: UpdateState, error: string])[] = [];
  #isPausing = false;
  #progressAt: number | undefined;
  #percent = -1;

  constructor(telemetry: Telemetry, keys: UpdateKeys, clock: Clock, log: LogSink) {
    this.#telemetry = telemetry;
    this.#keys = keys;
    this.#clock = clock;
    this.#log = log;
  }

  onState(state: UpdateState, error: string): void {
    this.#log.write("info", "ota.state", `${this.#keys.state} ${state}`);
    this.#percent = -1;
    this.#states.push([state, error]);
    if (!this.#isPausing) this.#recordNext();
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
    if (!this.#tell({ [currentTitle]: title, [currentVersion]: version }))
      this.#log.write("warning", "ota.untold", `${currentTitle}, ${currentVersion}: too long`);
  }

  /** False for a text that is too long, as the server's words may be when they are escaped. */
  #tell(values: Readonly<Record<string, string>>): boolean {
    try {
      this.#telemetry.record(values);
      return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return false;
    }
  }

  #recordNext(): void {
    const next = this.#states.shift();
    this.#isPausing = next !== undefined;
    if (next === undefined) return;
    const { state: stateKey, error: errorKey } = this.#keys;
    const [state, error] = next;
    if (!this.#tell({ [stateKey]: state, [errorKey]: error }))
      this.#tell({ [stateKey]: state, [errorKey]: error.slice(0, maxSafeLength) });
    this.#clock.timer(() => this.#recordNext()).start(statePause);
  }
}
