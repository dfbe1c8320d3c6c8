import type { Value } from "../json/value.js";
import type { Point } from "./point.js";

export interface Sample extends Value {
  readonly ts: number;
}

export interface HistoryQuery {
  /** Inclusive. */
  readonly startTs: number;
  /** Exclusive. */
  readonly endTs: number;
  readonly limit: number;
  readonly order: "ASC" | "DESC";
}

/** History kept per key; beyond it the oldest samples go. */
export const maxSamplesPerKey = 20_000;

/** The samples of all devices, by key, in order of time. A second sample of the same instant replaces the first. */
export class Timeseries {
  readonly #devices = new Map<string, Map<string, Sample[]>>();

  put(deviceId: string, points: readonly Point[]): void {
    const series = this.#devices.get(deviceId) ?? new Map<string, Sample[]>();
    this.#devices.set(deviceId, series);
    for (const [key, ts, type, text] of points) {
      const samples = series.get(key) ?? [];
      series.set(key, samples);
      insert(samples, { ts, type, text });
    }
  }

  keys(deviceId: string): string[] {
    return [...(this.#devices.get(deviceId)?.keys() ?? [])];
  }

  all(deviceId: string, key: string): readonly Sample[] {
    return this.#devices.get(deviceId)?.get(key) ?? [];
  }

  latest(deviceId: string, key: string): Sample | undefined {
    return this.all(deviceId, key).at(-1);
  }

  history(deviceId: string, key: string, { startTs, endTs, limit, order }: HistoryQuery): Sample[] {
    const samples = this.all(deviceId, key);
    const from = firstAtOrAfter(samples, startTs);
    const to = Math.max(from, firstAtOrAfter(samples, endTs));
    if (order === "ASC") return samples.slice(from, Math.min(to, from + limit));
    return samples.slice(Math.max(from, to - limit), to).reverse();
  }

  deleteDevice(deviceId: string): void {
    this.#devices.delete(deviceId);
  }
}

function insert(samples: Sample[], sample: Sample): void {
  const index = firstAtOrAfter(samples, sample.ts);
  samples.splice(index, samples[index]?.ts === sample.ts ? 1 : 0, sample);
  if (samples.length > maxSamplesPerKey) samples.shift();
}

function firstAtOrAfter(samples: readonly Sample[], ts: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.ts ?? ts) < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}
