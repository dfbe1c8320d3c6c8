// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import { type ByteSource, type Ring, readVarint, varintLength } from "./ring.js";

/** Longest text of a string or JSON value in bytes, quotes and escapes included. */
export const maxTextBytes = 1_024;

/**
 * How a datum lies in the ring:
 *
 *   kind (1 byte) | key (1) | source (1, absent for the device itself) |
 *   milliseconds since the datum before it (varint, absent for the same instant) | value
 *
 * Most of what is measured has a few decimals. A number of up to three is an integer of tenths and so on: a zigzag varint, 2
 * bytes for 21.5 as for -8191. Any other number is a float64. Both take at most 8 bytes; with 6 bytes of time, which is over a
 * century between two data, a number comes to 16 bytes at the very most, and to 4 or 5 as a rule. That of a sub-device takes one more.
 */
export const Kind = Object.freeze({
  // Below `number`, the kind is how many decimals there are.
  integer: 0,
  tenths: 1,
  hundredths: 2,
  thousandths: 3,
  number: 4,
  false: 5,
  true: 6,
  json: 7,
} as const);
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Beside the kind in its byte: the datum is of the same instant as the one before it. */
export const isSameInstant = 8;

/** The same, beside both: the datum is of a sub-device. */
export const hasSource = 16;

const powers: readonly number[] = Object.freeze([1, 10, 100, 1000]);

/** The largest magnitude whose zigzag form takes seven varint bytes. */
const maxUnits = 2 ** 48 - 1;

/** One datum, unpacked; a reader fills the same one again and again. */
export class Datum {
  key = 0;
  /** Number of the sub-device, 0 for the device itself. */
  source = 0;
  time: Milliseconds = 0;
  kind: Kind = Kind.integer;
  /** Of a number; for the kinds of decimals, in their units. */
  value = 0;
  /** Of JSON text: where it lies and its length in bytes. */
  textPosition = 0;
  textLength = 0;
  /** Where the value begins, behind kind, key, source and time. */
  valuePosition = 0;
  /** Position behind the datum. */
  end = 0;
}

/** The shortest kind that keeps a finite number exactly. Minus zero becomes zero. */
export function kindOf(value: number): Kind {
  // Counted, because an iterator would be garbage for every datum.
  for (let kind = 0; kind < Kind.number; kind += 1) {
    const units = unitsOf(value, kind as Kind);
    if (Math.abs(units) > maxUnits) break;
    // XS does not round what is nearer to zero than 2.3e-308.
    if (Number.isInteger(units) && units / (powers[kind] as number) === value) return kind as Kind;
  }
  return Kind.number;
}

/** What `writeRecord` takes for a number of that kind. */
export function unitsOf(value: number, kind: Kind): number {
  const power = powers[kind];
  return power === undefined ? value : Math.round(value * power);
}

export function recordLength(
  kind: Kind,
  value: number,
  delta: Milliseconds,
  textLength: number,
  source: number,
): number {
  const names = source === 0 ? 2 : 3;
  const head = delta === 0 ? names : names + varintLength(delta);
  if (kind < Kind.number) return head + varintLength(zigzag(value));
  if (kind === Kind.number) return head + 8;
  return kind === Kind.json ? head + varintLength(textLength) + textLength : head;
}

/** Writes all but the bytes of a JSON text, and returns the position for those. */
export function writeRecord(
  ring: Ring,
  position: number,
  kind: Kind,
  key: number,
  delta: Milliseconds,
  value: number,
  textLength: number,
  source: number,
): number {
  const first = delta === 0 ? kind + isSameInstant : kind;
  let at = position + 2;
  ring.set(position + 1, key);
  if (source === 0) ring.set(position, first);
  else {
    ring.set(position, first + hasSource);
    ring.set(at, source);
    at += 1;
  }
  if (delta !== 0) at = ring.setVarint(at, delta);
  if (kind < Kind.number) return ring.setVarint(at, zigzag(value));
  if (kind === Kind.number) ring.setFloat64(at, value);
  else if (kind === Kind.json) return ring.setVarint(at, textLength);
  return at;
}

/** Reads the datum at a position, given the time of the one before it. */
export function readRecord(from: ByteSource, position: number, timeBefore: Milliseconds, into: Datum): void {
  let first = from.get(position);
  const kind = (first % isSameInstant) as Kind;
  let at = position + 2;
  into.kind = kind;
  into.key = from.get(position + 1);
  into.time = timeBefore;
  if (first < hasSource) into.source = 0;
  else {
    first -= hasSource;
    into.source = from.get(at);
    at += 1;
  }
  if (first < isSameInstant) {
    const delta = readVarint(from, at);
    into.time += delta;
    at += varintLength(delta);
  }
  into.valuePosition = at;
  if (kind < Kind.number) {
    const coded = readVarint(from, at);
    into.value = fromZigzag(coded);
    at += varintLength(coded);
  } else if (kind === Kind.number) {
    into.value = from.getFloat64(at);
    at += 8;
  } else if (kind === Kind.json) {
    into.textLength = readVarint(from, at);
    into.textPosition = at + varintLength(into.textLength);
    at = into.textPosition + into.textLength;
  }
  into.end = at;
}

/** Maps 0, -1, 1, -2 ... to 0, 1, 2, 3 ... */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function fromZigzag(coded: number): number {
  return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
}
