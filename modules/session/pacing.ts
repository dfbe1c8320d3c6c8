// SPDX-License-Identifier: Apache-2.0

import type { RateLimits, SessionLimits } from "../cloud/dialect.js";
import type { Clock, Milliseconds, Timer } from "../core/ports.js";
import { Budget } from "./budget.js";
import { uncounted } from "./link.js";

/** Until the server has told its limits. In the range that public servers grant a device, and a gateway for all its sub-devices. */
export const localLimits: SessionLimits = Object.freeze({
  maxPayload: undefined,
  maxInflight: undefined,
  messages: Object.freeze([Object.freeze({ count: 20, period: 1_000 }), Object.freeze({ count: 600, period: 60_000 })]),
  telemetryMessages: Object.freeze([
    Object.freeze({ count: 20, period: 1_000 }),
    Object.freeze({ count: 600, period: 60_000 }),
  ]),
  telemetryDataPoints: Object.freeze([]),
});

const unlimited: RateLimits = Object.freeze({
  messages: Object.freeze([]),
  telemetryMessages: Object.freeze([]),
  telemetryDataPoints: Object.freeze([]),
});

/**
 * Keeps the device under the rate limits of its server, which ends the session of a device that is over them. The sub-devices of a
 * gateway share limits of their own, and the server counts what one message tells of several of them as a message of each.
 */
export class Pacing {
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #own: Budget;
  /** Made with the first message of a sub-device. */
  #subDevices: Budget | undefined;
  /** The server's limits for them, undefined until it has told them. */
  #subLimits: RateLimits | undefined;
  #maxDataPoints = Number.POSITIVE_INFINITY;
  /** The wait that the timer runs for, and when it began; 0 while it does not run. */
  #armedFor: Milliseconds = 0;
  #armedAt = 0;

  /** `onReady` follows an `admit` that was refused, when it is worth trying again. */
  constructor(clock: Clock, onReady: () => void) {
    this.#clock = clock;
    this.#timer = clock.timer(() => {
      this.#armedFor = 0;
      onReady();
    });
    this.#own = new Budget(clock, localLimits);
  }

  /** Data points that can ever pass in one message without exceeding a limit, be it of the device or of its sub-devices. */
  get maxDataPoints(): number {
    return this.#maxDataPoints;
  }

  /** Sub-devices that one message can ever be of without exceeding a limit. */
  get maxDevices(): number {
    return this.#budgetOfSubDevices.maxMessages;
  }

  /** A session begins, and the server has counted its opening as so many messages. Levels stay: the server's do, too. */
  begin(messages: number): void {
    this.#own.begin();
    this.#subDevices?.begin();
    this.#own.spend(0, messages);
  }

  end(): void {
    this.#armedFor = 0;
    this.#own.end();
    this.#subDevices?.end();
    this.#timer.stop();
  }

  /** Buckets that stay the same keep their level; a new one starts with what this session has sent already. */
  apply(limits: SessionLimits): void {
    const subLimits = limits.subDevices ?? unlimited;
    this.#subLimits = subLimits;
    this.#own.apply(limits);
    this.#subDevices?.apply(subLimits);
    this.#maxDataPoints = this.#own.maxDataPoints;
    if (this.#subDevices !== undefined)
      this.#maxDataPoints = Math.min(this.#maxDataPoints, this.#subDevices.maxDataPoints);
  }

  /**
   * Whether a publish of so many data points may go now, and leave a part of each limit unused, 0 to 1; 0 data points are any other
   * message. `devices` is the number of sub-devices that it is of, 0 for the device itself. Data that leave something wait for those
   * that were refused and leave nothing: a large batch would never find the limits as unused as it needs them while small messages
   * pass it by. When not, `onReady` follows.
   */
  admit(dataPoints: number, kept = 0, devices = 0): boolean {
    if (dataPoints === uncounted) return true;
    const wait =
      devices === 0
        ? this.#own.waitFor(dataPoints, 1, kept)
        : this.#budgetOfSubDevices.waitFor(dataPoints, devices, kept);
    if (wait > 0) this.#arm(wait);
    return wait === 0;
  }

  spend(dataPoints: number, devices = 0): void {
    if (dataPoints === uncounted) return;
    if (devices === 0) this.#own.spend(dataPoints, 1);
    else this.#budgetOfSubDevices.spend(dataPoints, devices);
  }

  get #budgetOfSubDevices(): Budget {
    if (this.#subDevices !== undefined) return this.#subDevices;
    const budget = new Budget(this.#clock, localLimits);
    this.#subDevices = budget;
    if (this.#subLimits !== undefined) budget.apply(this.#subLimits);
    this.#maxDataPoints = Math.min(this.#maxDataPoints, budget.maxDataPoints);
    return budget;
  }

  /** Of several refusals the shortest wait counts: who is still too early then is refused again, and arms the rest of its own. */
  #arm(wait: Milliseconds): void {
    if (this.#armedFor > 0 && wait >= this.#armedFor - this.#clock.elapsed(this.#armedAt)) return;
    this.#armedFor = wait;
    this.#armedAt = this.#clock.ticks();
    this.#timer.start(wait);
  }
}
