// SPDX-License-Identifier: Apache-2.0

import type { UpdateKeys } from "../cloud/dialect.js";
import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import type { PackageName } from "../ota/target.js";
import type { UpdateReport, UpdateState } from "../ota/update-report.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import type { UptimeClock } from "../telemetry/uptime-clock.js";

/** Between two reports of progress. */
const progressPeriod: Milliseconds = 10_000;

/** Between two states: the platform keeps one value of a key and a millisecond. */
const statePause: Milliseconds = 10;

/** How often it is looked whether the journal has been emptied. */
const journalPeriod: Milliseconds = 10_000;

/** Characters of an error that telemetry takes whatever they are. */
const maxSafeLength = 80;

export interface OtaReportOptions {
  readonly telemetry: Telemetry;
  readonly keys: UpdateKeys;
  readonly clock: Clock;
  readonly wallClock: Pick<UptimeClock, "isKnown">;
  readonly log: LogSink;
}

/**
 * Tells of an update by telemetry, so that nothing of it is lost, however long the device is offline. By their times the states are in
 * order wherever they waited. Without a clock their order is that in which they arrive, and the journal's arrive late: what was told
 * last is told once more behind those, or as soon as there is a clock.
 */
export class OtaReport implements UpdateReport {
  readonly #options: OtaReportOptions;
  /** Those that wait, the oldest first; a handful at the most. */
  readonly #states: (readonly [state: UpdateState, error: string])[] = [];
  #isPausing = false;
  #progressAt: number | undefined;
  #percent = -1;
  /** What was told last. */
  #current: PackageName | undefined;
  #state: readonly [state: UpdateState, error: string] | undefined;
  /** Made where something has to be told once more. */
  #repeatTimer: Timer | undefined;

  constructor(options: OtaReportOptions) {
    this.#options = options;
  }

  onState(state: UpdateState, error: string): void {
    const { log, keys } = this.#options;
    log.write("info", "ota.state", `${keys.state} ${state}`);
    this.#percent = -1;
    this.#states.push([state, error]);
    if (!this.#isPausing) this.#recordNext();
  }

  onProgress(percent: number): void {
    if (percent === this.#percent) return;
    const { clock, keys, telemetry } = this.#options;
    if (this.#progressAt !== undefined) {
      const elapsed = clock.elapsed(this.#progressAt);
      if (elapsed >= 0 && elapsed < progressPeriod) return;
    }
    this.#progressAt = clock.ticks();
    this.#percent = percent;
    telemetry.record(keys.progress, percent);
  }

  onCurrent(name: PackageName): void {
    this.#current = name;
    this.#recordCurrent(name);
    this.#watchJournal();
  }

  #recordNext(): void {
    const next = this.#states.shift();
    this.#isPausing = next !== undefined;
    if (next === undefined) return;
    this.#state = next;
    this.#recordState(...next);
    this.#watchJournal();
    this.#options.clock.timer(() => this.#recordNext()).start(statePause);
  }

  #recordCurrent({ title, version }: PackageName): void {
    const { keys, log } = this.#options;
    const { currentTitle, currentVersion } = keys;
    if (!this.#tell({ [currentTitle]: title, [currentVersion]: version }))
      log.write("warning", "ota.untold", `${currentTitle}, ${currentVersion}: too long`);
  }

  #recordState(state: UpdateState, error: string): void {
    const { state: stateKey, error: errorKey } = this.#options.keys;
    if (!this.#tell({ [stateKey]: state, [errorKey]: error }))
      this.#tell({ [stateKey]: state, [errorKey]: error.slice(0, maxSafeLength) });
  }

  /** False for a text that is too long, as the server's words may be when they are escaped. */
  #tell(values: Readonly<Record<string, string>>): boolean {
    try {
      this.#options.telemetry.record(values);
      return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return false;
    }
  }

  /** What was told may be overtaken by something older. */
  #watchJournal(): void {
    const { wallClock, telemetry, clock } = this.#options;
    if (wallClock.isKnown || telemetry.journaled === 0) return;
    this.#repeatTimer ??= clock.timer(() => this.#repeat());
    this.#repeatTimer.start(journalPeriod);
  }

  #repeat(): void {
    const { wallClock, telemetry } = this.#options;
    if (!wallClock.isKnown && telemetry.journaled > 0) {
      this.#repeatTimer?.start(journalPeriod);
      return;
    }
    if (this.#current !== undefined) this.#recordCurrent(this.#current);
    if (this.#state !== undefined) this.#recordState(...this.#state);
  }
}
