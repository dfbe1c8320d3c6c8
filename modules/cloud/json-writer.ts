// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../core/ports.js";
import { escapeGrowth, escapeInPlace } from "./json-escape.js";
import { plainNumber } from "./json-number.js";
import { writeTree } from "./json-tree.js";

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const colon = 0x3a;

/** Below this a loop costs less than the view that copying in one go takes. */
const smallCopy = 64;

/** In a mark, beside the length in units of 4. */
const needsCommaFlag = 1;
const hasOverflowedFlag = 2;

const maxCapacity = 1_048_576;

/**
 * Writes JSON without white space into one buffer that is used again for every document. It puts the commas; that brackets
 * match and names stand in objects only is the caller's business. What does not fit sets `hasOverflowed`, and from then on
 * nothing is written: every method returns false until `rewind` or `reset`.
 */
export class JsonWriter {
  /** The document is its first `byteLength` bytes. */
  readonly bytes: Uint8Array;
  readonly #text: Text;
  #length = 0;
  #needsComma = false;
  #hasOverflowed = false;

  /** `capacity` in bytes, 1 to 1,048,576. Throws `RangeError` otherwise. */
  constructor(text: Text, capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > maxCapacity)
      throw new RangeError(`capacity: not an integer from 1 to ${maxCapacity}`);
    this.#text = text;
    this.bytes = new Uint8Array(capacity);
  }

  get byteLength(): number {
    return this.#length;
  }

  get hasOverflowed(): boolean {
    return this.#hasOverflowed;
  }

  reset(): void {
    this.rewind(0);
  }

  /** The state of the document, for `rewind`. */
  mark(): number {
    return this.#length * 4 + (this.#needsComma ? needsCommaFlag : 0) + (this.#hasOverflowed ? hasOverflowedFlag : 0);
  }

  /** Takes back all that was written since `mark`, an overflow included. */
  rewind(mark: number): void {
    const flags = mark % 4;
    this.#length = (mark - flags) / 4;
    this.#needsComma = (flags & needsCommaFlag) !== 0;
    this.#hasOverflowed = (flags & hasOverflowedFlag) !== 0;
  }

  beginObject(): boolean {
    return this.#open(0x7b);
  }

  endObject(): boolean {
    return this.#close(0x7d);
  }

  beginArray(): boolean {
    return this.#open(0x5b);
  }

  endArray(): boolean {
    return this.#close(0x5d);
  }

  /** Instead of `endArray`, where the document is one array with one element: leaves the element alone. */
  unwrapArray(): void {
    this.bytes.copyWithin(0, 1, this.#length);
    this.#length -= 1;
  }

  /** Name of the member whose value follows. `isPlain` says that nothing in it needs escaping, which saves looking. */
  name(name: string, isPlain = false): boolean {
    const at = this.#place(3);
    const end = at < 0 ? -1 : this.#putString(at, name, isPlain, 1);
    if (end < 0) return false;
    this.bytes[end] = colon;
    this.#length = end + 1;
    this.#needsComma = false;
    return true;
  }

  /**
   * A scalar. Numbers are written so that a platform keeps them numbers: plain decimals, at most 16 of them (rounded).
   * Throws `RangeError` for NaN and the infinities.
   */
  value(value: string | number | boolean | null): boolean {
    if (typeof value === "number") return this.#number(value);
    if (typeof value !== "string") return this.json(String(value));
    const at = this.#place(2);
    return at >= 0 && this.#finish(this.#putString(at, value, false, 0));
  }

  /** The number `units` / 10^`decimals`, without ever making a string. `units` is a safe integer. */
  decimal(units: number, decimals: number): boolean {
    let rest = Math.abs(units);
    let digits = 1;
    for (let power = 10; power <= rest; power *= 10) digits += 1;
    if (digits <= decimals) digits = decimals + 1;
    const size = digits + (units < 0 ? 1 : 0) + (decimals > 0 ? 1 : 0);
    const first = this.#place(size);
    if (first < 0) return false;
    const { bytes } = this;
    let at = first + size;
    for (let written = 0; written < digits; written += 1) {
      if (written === decimals && written > 0) {
        at -= 1;
        bytes[at] = point;
      }
      const digit = rest % 10;
      rest = (rest - digit) / 10;
      at -= 1;
      bytes[at] = zero + digit;
    }
    if (units < 0) bytes[first] = minus;
    return this.#finish(first + size);
  }

  /** A value that is JSON text already, taken as it is. */
  json(json: string): boolean {
    const at = this.#place(1);
    if (at < 0) return false;
    const length = this.#text.encodeInto(json, this.bytes, at);
    return this.#finish(length < 0 ? -1 : at + length);
  }

  /** A value that is JSON text already: `length` bytes of `from`, from `offset` on. */
  raw(from: Uint8Array, offset: number, length: number): boolean {
    const at = this.#place(length);
    if (at < 0) return false;
    const { bytes } = this;
    if (length < smallCopy)
      for (let index = 0; index < length; index += 1) bytes[at + index] = from[offset + index] as number;
    else bytes.set(from.subarray(offset, offset + length), at);
    return this.#finish(at + length);
  }

  /**
   * Any JSON value: scalars, arrays, plain objects, Maps with string keys; at most 16 levels. Undefined members are left out.
   * Throws, and takes back what it wrote: `TypeError` for what JSON has no word for and for a cycle, `RangeError` for a number
   * that is not finite and for too many levels. The message begins with the path of the culprit, beginning with `label`.
   */
  tree(value: unknown, label = "value"): boolean {
    const mark = this.mark();
    let isWritten = false;
    try {
      writeTree(this, value, label);
      isWritten = true;
    } finally {
      if (!isWritten) this.rewind(mark);
    }
    return !this.#hasOverflowed;
  }

  #number(value: number): boolean {
    if (Number.isSafeInteger(value)) return this.decimal(value, 0);
    if (!Number.isFinite(value)) throw new RangeError(`value: ${value} is not a JSON number`);
    return this.json(plainNumber(value));
  }

  /** Where a value of at least `size` bytes begins, behind the comma that it may need; -1 when it does not fit. */
  #place(size: number): number {
    const at = this.#needsComma ? this.#length + 1 : this.#length;
    if (this.#hasOverflowed || at + size > this.bytes.length) {
      this.#hasOverflowed = true;
      return -1;
    }
    if (this.#needsComma) this.bytes[this.#length] = comma;
    return at;
  }

  /** A value ends at `end`, or did not fit when that is negative. */
  #finish(end: number): boolean {
    if (end < 0 || end > this.bytes.length) {
      this.#hasOverflowed = true;
      return false;
    }
    this.#length = end;
    this.#needsComma = true;
    return true;
  }

  #open(bracket: number): boolean {
    const at = this.#place(1);
    if (at < 0) return false;
    this.bytes[at] = bracket;
    this.#length = at + 1;
    this.#needsComma = false;
    return true;
  }

  #close(bracket: number): boolean {
    this.#needsComma = false;
    const at = this.#place(1);
    if (at < 0) return false;
    this.bytes[at] = bracket;
    return this.#finish(at + 1);
  }

  /** Writes a string with its quotes at `at`, with `spare` bytes behind it; returns its end, -1 when it does not fit. */
  #putString(at: number, value: string, isPlain: boolean, spare: number): number {
    const { bytes } = this;
    const start = at + 1;
    const length = this.#text.encodeInto(value, bytes, start);
    const growth = length < 0 || isPlain ? 0 : escapeGrowth(bytes, start, start + length);
    const end = start + length + growth + 1;
    if (length < 0 || end + spare > this.bytes.length) {
      this.#hasOverflowed = true;
      return -1;
    }
    if (growth > 0) escapeInPlace(bytes, start, start + length, growth);
    bytes[at] = quote;
    bytes[end - 1] = quote;
    return end;
  }
}
