// SPDX-License-Identifier: Apache-2.0

import { escapeGrowth } from "../cloud/json-escape.js";
import type { Text } from "../core/ports.js";
import { isWellFormed } from "../core/well-formed.js";

/** ThingsBoard takes no longer names of devices. */
const maxNameBytes = 255;

/** The source of the device's own data. */
export const ownSource = 0;

/** Knows the names of the sub-devices that data are of, by their numbers. */
export interface SourceNames {
  /** Empty for a number that nobody has. */
  sourceOf(number: number): string;
  /** Whether nothing in the name needs escaping in JSON, as far as is known. */
  isPlain(number: number): boolean;
}

/**
 * Numbers the sub-devices, 1 to `capacity`; 0 is the device itself. A name that was seen once keeps its number for ever. It takes 17
 * bytes of XS heap and the text of the name, which is the caller's own string; a `Map` would take 48 more, and names are looked
 * up once each, not for every datum.
 */
export class SourceTable implements SourceNames {
  readonly #text: Text;
  readonly #names: string[] = [];
  readonly #isPlain: Uint8Array;
  /** Most sub-devices that can get a number. */
  readonly capacity: number;
  /** Where `encode` leaves a name. */
  readonly bytes = new Uint8Array(maxNameBytes);

  constructor(text: Text, capacity: number) {
    this.#text = text;
    this.capacity = capacity;
    this.#isPlain = new Uint8Array(capacity);
  }

  /** The number of a name, or -1 when the table is full. Throws `TypeError` for what is no string, `RangeError` for one that is blank or over 255 bytes. */
  numberOf(name: unknown): number {
    if (typeof name !== "string") throw new TypeError("source: not a string");
    const known = this.find(name);
    if (known > 0) return known;
    if (name.trim() === "") throw new RangeError("source: blank");
    // Two of them could become the same name on the wire.
    if (!isWellFormed(name)) throw new RangeError("source: half a surrogate pair");
    if (this.#text.byteLength(name) > maxNameBytes) throw new RangeError(`source: longer than ${maxNameBytes} bytes`);
    const index = this.#names.length;
    if (index >= this.capacity) return -1;
    this.#names.push(name);
    this.#isPlain[index] = escapeGrowth(this.bytes, 0, this.encode(index + 1)) === 0 ? 1 : 0;
    return index + 1;
  }

  /** The number of a name, or 0 where it has none yet. */
  find(name: string): number {
    return this.#names.indexOf(name) + 1;
  }

  /** Leaves the UTF-8 of a name in `bytes`; returns its length. */
  encode(number: number): number {
    return Math.max(0, this.#text.encodeInto(this.sourceOf(number), this.bytes, 0));
  }

  sourceOf(number: number): string {
    return number === ownSource ? "" : (this.#names[number - 1] ?? "");
  }

  isPlain(number: number): boolean {
    return this.#isPlain[number - 1] === 1;
  }
}
