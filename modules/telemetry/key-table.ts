// SPDX-License-Identifier: Apache-2.0

import { escapeGrowth } from "../cloud/json-escape.js";
import type { Text } from "../core/ports.js";

/** ThingsBoard refuses longer keys after it has acknowledged them (KvUtils.validate), so that no device would ever learn. */
const maxKeyBytes = 255;

/** Knows the keys that data have by their numbers. */
export interface KeyNames {
  keyOf(number: number): string;
  /** Whether nothing in the key needs escaping in JSON, as far as is known. */
  isPlain(number: number): boolean;
}

const noProblem = (): undefined => undefined;

/** Numbers the telemetry keys, 0 to `maxKeys` - 1. A key that was seen once keeps its number for ever. */
export class KeyTable implements KeyNames {
  readonly #text: Text;
  readonly #maxKeys: number;
  readonly #problemOf: (key: string) => string | undefined;
  readonly #numbers = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #isPlain: Uint8Array;
  /** Where `encode` leaves a key. */
  readonly bytes = new Uint8Array(maxKeyBytes);

  /** `problemOf` tells what the platform has against a key. */
  constructor(text: Text, maxKeys: number, problemOf: (key: string) => string | undefined = noProblem) {
    this.#text = text;
    this.#maxKeys = maxKeys;
    this.#problemOf = problemOf;
    this.#isPlain = new Uint8Array(maxKeys);
  }

  /** Throws `TypeError` for what is no string, `RangeError` for one that is blank, longer than 255 bytes, or against the platform's rules. */
  check(key: unknown): asserts key is string {
    if (typeof key !== "string") throw new TypeError("key: not a string");
    if (this.#numbers.has(key)) return;
    if (key.trim() === "") throw new RangeError("key: blank");
    if (this.#text.byteLength(key) > maxKeyBytes) throw new RangeError(`key: longer than ${maxKeyBytes} bytes`);
    const problem = this.#problemOf(key);
    if (problem !== undefined) throw new RangeError(`key: "${key}" ${problem}`);
  }

  /** The number of a checked key, or -1 when the table is full. */
  numberOf(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#keys.length;
    if (number >= this.#maxKeys) return -1;
    const length = this.#text.encodeInto(key, this.bytes, 0);
    this.#isPlain[number] = length >= 0 && escapeGrowth(this.bytes, 0, length) === 0 ? 1 : 0;
    this.#numbers.set(key, number);
    this.#keys.push(key);
    return number;
  }

  /** The number of a key, or -1 where it has none yet. */
  find(key: string): number {
    return this.#numbers.get(key) ?? -1;
  }

  /** Most keys that can get a number. */
  get capacity(): number {
    return this.#maxKeys;
  }

  /** Leaves the UTF-8 of a key in `bytes`; returns its length. */
  encode(number: number): number {
    return Math.max(0, this.#text.encodeInto(this.keyOf(number), this.bytes, 0));
  }

  keyOf(number: number): string {
    return this.#keys[number] ?? "";
  }

  /** Whether nothing in the key needs escaping in JSON. */
  isPlain(number: number): boolean {
    return this.#isPlain[number] === 1;
  }
}
