// SPDX-License-Identifier: Apache-2.0

import type { RateLimit, SessionLimits } from "../cloud/dialect.js";
import type { Clock, Milliseconds, Timer } from "../core/ports.js";
import { uncounted } from "./link.js";

/** Share of the server's limits that is used: its clock and its counting of packets are not ours. */
const share = 0.8;

/** Until the server has told its limits. In the range that public servers grant a device. */
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

/** Whoever was refused is told when it may go, but not before the others; it is no longer waited for when it has changed its mind. */
const graceTime: Milliseconds = 1_000;

/** A token bucket that refills evenly, as the server's does. */
class Bucket {
  readonly capacity: number;
  readonly period: Milliseconds;
  readonly #clock: Clock;
  #level: number;
  #updatedAt: number;

  constructor(clock: Clock, capacity: number, period: Milliseconds, spent: number) {
    this.#clock = clock;
    this.capacity = capacity;
    this.period = period;
    this.#level = capacity - spent;
    this.#updatedAt = clock.ticks();
  }

  /** Time until `count` may pass and leave `kept` behind, 0 for now. More than the bucket holds passes when it is full. */
  waitFor(count: number, kept: number): Milliseconds {
    const elapsed = this.#clock.elapsed(this.#updatedAt);
    // Negative after the clock's span: 24 days fill every bucket.
    const gain = elapsed < 0 ? this.capacity : (elapsed * this.capacity) / this.period;
    this.#level = Math.min(this.capacity, this.#level + gain);
    this.#updatedAt = this.#clock.ticks();
    const missing = Math.min(count + kept * this.capacity, this.capacity) - this.#level;
    return missing <= 0 ? 0 : Math.ceil((missing * this.period) / this.capacity);
  }

  take(count: number): void {
    this.#level -= count;
  }
}

/** Keeps the device under the rate limits of its server, which ends the session of a device that is over them. */
export class Pacing {
  readonly #clock: Clock;
  readonly #timer: Timer;
  #messages: Bucket[];
  #telemetryMessages: Bucket[];
  #dataPoints: Bucket[];
  /** Sent since the session began, in messages, telemetry messages and data points. */
  #spentMessages = 0;
  #spentTelemetryMessages = 0;
  #spentDataPoints = 0;
  #maxDataPoints = Number.POSITIVE_INFINITY;
  /** The wait that the timer runs for, and when it began; 0 while it does not run. */
  #armedFor: Milliseconds = 0;
  #armedAt = 0;
  /** Data that keep nothing were refused, and so long after that have the first claim to what comes back. */
  #owedFor: Milliseconds = 0;
  #owedAt = 0;

  /** `onReady` follows an `admit` that was refused, when it is worth trying again. */
  constructor(clock: Clock, onReady: () => void) {
    this.#clock = clock;
    this.#timer = clock.timer(() => {
      this.#armedFor = 0;
      onReady();
    });
    this.#messages = this.#fill(localLimits.messages, [], 1, 0);
    this.#telemetryMessages = this.#fill(localLimits.telemetryMessages, [], 1, 0);
    this.#dataPoints = [];
  }

  /** Data points that can ever pass in one message without exceeding a limit. */
  get maxDataPoints(): number {
    return this.#maxDataPoints;
  }

  /** A session begins, and the server has counted its opening as so many messages. Levels stay: the server's do, too. */
  begin(messages: number): void {
    this.#spentMessages = 0;
    this.#spentTelemetryMessages = 0;
    this.#spentDataPoints = 0;
    this.spend(0, messages);
  }

  end(): void {
    this.#armedFor = 0;
    this.#owedFor = 0;
    this.#timer.stop();
  }

  /** Buckets that stay the same keep their level; a new one starts with what this session has sent already. */
  apply(limits: SessionLimits): void {
    this.#messages = this.#fill(limits.messages, this.#messages, share, this.#spentMessages);
    this.#telemetryMessages = this.#fill(
      limits.telemetryMessages,
      this.#telemetryMessages,
      share,
      this.#spentTelemetryMessages,
    );
    this.#dataPoints = this.#fill(limits.telemetryDataPoints, this.#dataPoints, share, this.#spentDataPoints);
    this.#maxDataPoints = Number.POSITIVE_INFINITY;
    for (const { capacity } of this.#dataPoints) this.#maxDataPoints = Math.min(this.#maxDataPoints, capacity);
  }

  /**
   * Whether a publish of so many data points may go now, and leave a part of each limit unused, 0 to 1; 0 data points are any other
   * message. Data that leave something wait for those that were refused and leave nothing: a large batch would never find the limits
   * as unused as it needs them while small messages pass it by. When not, `onReady` follows.
   */
  admit(dataPoints: number, kept = 0): boolean {
    if (dataPoints === uncounted) return true;
    const wait = dataPoints === 0 ? longestWait(this.#messages, 1, kept) : this.#waitForData(dataPoints, kept);
    if (wait > 0) this.#arm(wait);
    return wait === 0;
  }

  #waitForData(dataPoints: number, kept: number): Milliseconds {
    const wait = Math.max(
      longestWait(this.#telemetryMessages, 1, kept),
      longestWait(this.#dataPoints, dataPoints, kept),
    );
    if (kept > 0) return Math.max(wait, this.#owed);
    this.#owedFor = wait > 0 ? wait + graceTime : 0;
    this.#owedAt = this.#clock.ticks();
    return wait;
  }

  get #owed(): Milliseconds {
    const elapsed = this.#clock.elapsed(this.#owedAt);
    return elapsed >= 0 && elapsed < this.#owedFor ? this.#owedFor - elapsed : 0;
  }

  /** Of several refusals the shortest wait counts: who is still too early then is refused again, and arms the rest of its own. */
  #arm(wait: Milliseconds): void {
    if (this.#armedFor > 0 && wait >= this.#armedFor - this.#clock.elapsed(this.#armedAt)) return;
    this.#armedFor = wait;
    this.#armedAt = this.#clock.ticks();
    this.#timer.start(wait);
  }

  spend(dataPoints: number, messages = 1): void {
    if (dataPoints === uncounted) return;
    if (dataPoints === 0) {
      this.#spentMessages += messages;
      take(this.#messages, messages);
      return;
    }
    this.#spentTelemetryMessages += messages;
    this.#spentDataPoints += dataPoints;
    take(this.#telemetryMessages, messages);
    take(this.#dataPoints, dataPoints);
  }

  #fill(limits: readonly RateLimit[], old: readonly Bucket[], used: number, spent: number): Bucket[] {
    return limits.map(({ count, period }) => {
      const capacity = Math.max(1, Math.floor(count * used));
      const same = old.find((bucket) => bucket.capacity === capacity && bucket.period === period);
      return same ?? new Bucket(this.#clock, capacity, period, spent);
    });
  }
}

// Loops by index: on XS an iteration by `of` allocates, and these run per message.
function longestWait(buckets: readonly Bucket[], count: number, kept: number): Milliseconds {
  let wait = 0;
  for (let index = 0; index < buckets.length; index += 1)
    wait = Math.max(wait, (buckets[index] as Bucket).waitFor(count, kept));
  return wait;
}

function take(buckets: readonly Bucket[], count: number): void {
  for (let index = 0; index < buckets.length; index += 1) (buckets[index] as Bucket).take(count);
}
