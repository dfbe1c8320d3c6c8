import { RateLimitFault } from "../core/faults.js";

/** Limits per device in ThingsBoard's form, `capacity:seconds` and more after commas; null is unlimited. */
export interface Limits {
  readonly messages: string | null;
  readonly telemetryMessages: string | null;
  readonly telemetryDataPoints: string | null;
}

export const noLimits: Limits = { messages: null, telemetryMessages: null, telemetryDataPoints: null };

/** The token buckets of one device. They outlive its sessions. */
export class RateLimits {
  readonly #messages: Bucket[];
  readonly #telemetryMessages: Bucket[];
  readonly #telemetryDataPoints: Bucket[];

  /** @throws {RangeError} a limit is not in ThingsBoard's form */
  constructor(limits: Limits) {
    this.#messages = parseBuckets("messages", limits.messages);
    this.#telemetryMessages = parseBuckets("telemetryMessages", limits.telemetryMessages);
    this.#telemetryDataPoints = parseBuckets("telemetryDataPoints", limits.telemetryDataPoints);
  }

  /** @throws {RateLimitFault} a message with this many data points is over the limit */
  spend(dataPoints = 0): void {
    if (dataPoints === 0) {
      if (!take(this.#messages, 1)) throw exceeded("messages");
    } else {
      if (!take(this.#telemetryMessages, 1)) throw exceeded("telemetryMessages");
      if (!take(this.#telemetryDataPoints, dataPoints)) throw exceeded("telemetryDataPoints");
    }
  }

  /** @returns false if a message without data points is over the limit */
  trySpend(): boolean {
    return take(this.#messages, 1);
  }
}

/** Refills evenly, not at the end of its period. */
class Bucket {
  readonly #capacity: number;
  readonly #period: number;
  #tokens: number;
  #refilled = Date.now();

  constructor(capacity: number, seconds: number) {
    this.#capacity = capacity;
    this.#period = seconds * 1000;
    this.#tokens = capacity;
  }

  has(count: number): boolean {
    const now = Date.now();
    const refill = ((now - this.#refilled) / this.#period) * this.#capacity;
    this.#tokens = Math.min(this.#capacity, this.#tokens + refill);
    this.#refilled = now;
    return this.#tokens >= count;
  }

  take(count: number): void {
    this.#tokens -= count;
  }
}

function take(buckets: readonly Bucket[], count: number): boolean {
  if (!buckets.every((bucket) => bucket.has(count))) return false;
  for (const bucket of buckets) bucket.take(count);
  return true;
}

function exceeded(name: keyof Limits): RateLimitFault {
  return new RateLimitFault(`rate limit ${name} exceeded`);
}

function parseBuckets(name: keyof Limits, text: string | null): Bucket[] {
  if (!text) return [];
  return text.split(",").map((part) => {
    const [, capacity, seconds] = /^([1-9]\d*):([1-9]\d*)$/.exec(part) ?? [];
    if (!capacity) throw new RangeError(`limits.${name}: expected "capacity:seconds[,...]", got "${text}"`);
    return new Bucket(Number(capacity), Number(seconds));
  });
}
