// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { Clock, KeyValueStore, Milliseconds, Timer } from "../core/ports.js";

const key = "failedBoots";

/** A run this long has not failed at its start, whatever ends it. */
const stablePeriod: Milliseconds = 60_000;

/** Boots in a row that ended by themselves soon after they began. */
const maxFailedBoots = 3;

/** Ways to end that are the firmware's own fault. */
const failures: readonly string[] = Object.freeze(["panic", "watchdog"]);

export interface FailedBootsOptions {
  readonly clock: Clock;
  readonly storage: KeyValueStore;
  /** As `System.resetReason`. */
  readonly resetReason: string;
  /** Where the store failed. */
  readonly failures: FailureLog;
}

/**
 * Counts boots that ended in a panic or by the watchdog, until one lasts a minute; that it had lasted is not known of the first. After
 * three in a row the device is to start without the application; a restart that was asked for, or the power, gives the application one
 * more chance. Writes nothing while all is well.
 */
export class FailedBoots {
  /** The application is not to run. */
  readonly isSafeMode: boolean;
  readonly #options: FailedBootsOptions;
  readonly #timer: Timer;
  #count: number;

  constructor(options: FailedBootsOptions) {
    this.#options = options;
    const last = this.#load();
    const hasFailed = failures.includes(options.resetReason);
    this.#count = hasFailed ? Math.min(maxFailedBoots, last + 1) : Math.min(maxFailedBoots - 1, last);
    if (this.#count !== last) this.#store();
    this.isSafeMode = this.#count === maxFailedBoots;
    this.#timer = options.clock.timer(() => this.#onStable());
  }

  /** The application is about to run. */
  start(): void {
    if (!this.isSafeMode && this.#count > 0) this.#timer.start(stablePeriod);
  }

  #onStable(): void {
    this.#count = 0;
    this.#store();
  }

  #load(): number {
    let count = 0;
    this.#attempt(() => {
      const [stored = 0] = this.#options.storage.read(key) ?? [];
      count = stored <= maxFailedBoots ? stored : 0;
    });
    return count;
  }

  #store(): void {
    this.#attempt(() => this.#options.storage.write(key, Uint8Array.of(this.#count)));
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#options.failures.add(error.reason, error.message);
    }
  }
}
