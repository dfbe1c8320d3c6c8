import type { Entry, ValueType } from "../json/value.js";

/** A value at an instant, in the short form of the log. */
export type Point = readonly [key: string, ts: number, type: ValueType, text: string];

export function pointsAt(ts: number, entries: readonly Entry[]): Point[] {
  return entries.map(([key, { type, text }]) => [key, ts, type, text]);
}
