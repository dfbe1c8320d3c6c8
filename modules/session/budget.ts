// SPDX-License-Identifier: Apache-2.0

import type { RateLimit, RateLimits } from "../cloud/dialect.js";
import type { Clock, Milliseconds } from "../core/ports.js";
import { Bucket } from "./bucket.js";

/** Share of the server's limits that is used: its clock and its counting of packets are not ours. */
const share = 0.8;

/** Whoever was refused is told when it may go, but not before the others; it is no longer waited for when it has changed its mind. */
const graceTime: Milliseconds = 1_000;

/** What may pass under one set of the server's rate limits. 0 data points are any message that is no telemetry. */
export class Budget {
  readonly #clock: Clock;
  #messages: Bucket[];
  #telemetryMessages: Bucket[];
  #dataPoints: Bucket[];
  /** Sent since the session began, in messages, telemetry messages and data points. */
  #spentMessages = 0;
  #spentTelemetryMessages = 0;
  #spentDataPoints = 0;
  /** Data that keep nothing were refused, and so long after that have the first claim to what comes back. */
  #owedFor: Milliseconds = 0;
  #owedAt = 0;

  /** The first limits are used to the full. */
  constructor(clock: Clock, limits: RateLimits) {
    this.#clock = clock;
    this.#messages = this.#fill(limits.messages, [], 1, 0);
    this.#telemetryMessages = this.#fill(limits.telemetryMessages, [], 1, 0);
    this.#dataPoints = this.#fill(limits.telemetryDataPoints, [], 1, 0);
  }

  /** Data points that can ever pass at once. */
  get maxDataPoints(): number {
    return smallest(this.#dataPoints);
  }

  /** Messages that can ever pass at once, of telemetry or not. */
  get maxMessages(): number {
    return Math.min(smallest(this.#messages), smallest(this.#telemetryMessages));
  }

  /** A session begins. Levels stay: the server's do, too. */
  begin(): void {
    this.#spentMessages = 0;
    this.#spentTelemetryMessages = 0;
    this.#spentDataPoints = 0;
  }

  end(): void {
    this.#owedFor = 0;
  }

  /** Buckets that stay the same keep their level; a new one starts with what this session has sent already. */
  apply(limits: RateLimits): void {
    const { messages, telemetryMessages, telemetryDataPoints } = limits;
    this.#messages = this.#fill(messages, this.#messages, share, this.#spentMessages);
    this.#telemetryMessages = this.#fill(
      telemetryMessages,
      this.#telemetryMessages,
      share,
      this.#spentTelemetryMessages,
    );
    this.#dataPoints = this.#fill(telemetryDataPoints, this.#dataPoints, share, this.#spentDataPoints);
  }

  /**
   * Time until so many messages with so many data points in all may pass and leave a part of each limit unused, 0 for now. Data that
   * leave something wait for those that were refused and leave nothing.
   */
  waitFor(dataPoints: number, messages: number, kept: number): Milliseconds {
    if (dataPoints === 0) return longestWait(this.#messages, messages, kept);
    const wait = Math.max(
      longestWait(this.#telemetryMessages, messages, kept),
      longestWait(this.#dataPoints, dataPoints, kept),
    );
    if (kept > 0) return Math.max(wait, this.#owed);
    this.#owedFor = wait > 0 ? wait + graceTime : 0;
    this.#owedAt = this.#clock.ticks();
    return wait;
  }

  spend(dataPoints: number, messages: number): void {
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

  get #owed(): Milliseconds {
    const elapsed = this.#clock.elapsed(this.#owedAt);
    return elapsed >= 0 && elapsed < this.#owedFor ? this.#owedFor - elapsed : 0;
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

function smallest(buckets: readonly Bucket[]): number {
  let capacity = Number.POSITIVE_INFINITY;
  for (let index = 0; index < buckets.length; index += 1)
    capacity = Math.min(capacity, (buckets[index] as Bucket).capacity);
  return capacity;
}
