// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../core/ports.js";
import type { Json } from "./json.js";
import { unescapeString } from "./json-unescape.js";

/** No platform nests deeper; each level costs one entry of a list, not of the engine's small stack. */
const defaultMaxDepth = 16;

/** Far above what a device asks for in one message; a Map entry takes about 3 slots. */
const defaultMaxMembers = 512;

/** A double prints in at most 24 characters; what is longer only keeps the engine busy. */
const maxNumberLength = 64;

const noBytes: Uint8Array = new Uint8Array(0);

export interface JsonScannerOptions {
  readonly text: Text;
  /** Nested arrays and objects, 1 to 64. Default 16. */
  readonly maxDepth?: number;
  /** Members and elements of a whole message, 1 to 65,535. Default 512. */
  readonly maxMembers?: number;
}

type Container = Json[] | Map<string, Json>;

/**
 * Reads JSON (RFC 8259, strictly) from bytes. Objects become Maps, so that no name becomes a property name; of equal names
 * the last wins. Invalid UTF-8 becomes U+FFFD, and so does half a surrogate pair. It does not recurse and does not throw.
 */
export class JsonScanner {
  readonly #text: Text;
  readonly #maxDepth: number;
  readonly #maxMembers: number;
  readonly #containers: Container[] = [];
  /** The name under which the next value goes into the container of the same depth. */
  readonly #names: string[] = [];
  #bytes: Uint8Array = noBytes;
  #at = 0;
  #end = 0;
  #members = 0;

  constructor(options: JsonScannerOptions) {
    this.#text = options.text;
    this.#maxDepth = limit(options.maxDepth ?? defaultMaxDepth, "maxDepth", 64);
    this.#maxMembers = limit(options.maxMembers ?? defaultMaxMembers, "maxMembers", 65_535);
  }

  /**
   * The value that fills `bytes` from `start` up to `end`. Undefined for anything else: not JSON, more than one value, a number
   * that is not finite or longer than 64 characters, or one of the limits exceeded.
   */
  scan(bytes: Uint8Array, start: number, end: number): Json | undefined {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#members = 0;
    const value = this.#document();
    const isWhole = this.#peek() === -1;
    this.#containers.length = 0;
    this.#names.length = 0;
    this.#bytes = noBytes;
    return isWhole ? value : undefined;
  }

  #document(): Json | undefined {
    for (;;) {
      const value = this.#value();
      if (value === undefined) return undefined;
      if (isOpen(value, this.#containers)) continue;
      const root = this.#complete(value);
      if (root !== pending) return root;
    }
  }

  /** A scalar, an empty container, or a container that was just opened and now expects its first value. */
  #value(): Json | undefined {
    switch (this.#peek()) {
      case 0x7b:
        return this.#openObject();
      case 0x5b:
        return this.#openArray();
      case 0x22:
        return this.#string();
      case 0x74:
        return this.#word("true") ? true : undefined;
      case 0x66:
        return this.#word("false") ? false : undefined;
      case 0x6e:
        return this.#word("null") ? null : undefined;
      default:
        return this.#number();
    }
  }

  /** Puts a value where it belongs and closes what ends after it: the root, or `pending` when another value has to follow. */
  #complete(value: Json): Json | undefined {
    let complete = value;
    for (;;) {
      const container = this.#containers[this.#containers.length - 1];
      if (container === undefined) return complete;
      this.#members += 1;
      if (this.#members > this.#maxMembers) return undefined;
      const isObject = container instanceof Map;
      if (isObject) container.set(this.#names[this.#names.length - 1] ?? "", complete);
      else container.push(complete);
      const next = this.#peek();
      this.#at += 1;
      if (next === 0x2c) return !isObject || this.#name() ? pending : undefined;
      if (next !== (isObject ? 0x7d : 0x5d)) return undefined;
      this.#containers.pop();
      this.#names.pop();
      complete = container;
    }
  }

  #openObject(): Json | undefined {
    if (this.#containers.length >= this.#maxDepth) return undefined;
    this.#at += 1;
    const object = new Map<string, Json>();
    if (this.#peek() === 0x7d) {
      this.#at += 1;
      return object;
    }
    this.#containers.push(object);
    this.#names.push("");
    return this.#name() ? object : undefined;
  }

  #openArray(): Json | undefined {
    if (this.#containers.length >= this.#maxDepth) return undefined;
    this.#at += 1;
    const array: Json[] = [];
    if (this.#peek() === 0x5d) {
      this.#at += 1;
      return array;
    }
    this.#containers.push(array);
    this.#names.push("");
    return array;
  }

  #name(): boolean {
    if (this.#peek() !== 0x22) return false;
    const name = this.#string();
    if (name === undefined || this.#peek() !== 0x3a) return false;
    this.#at += 1;
    this.#names[this.#names.length - 1] = name;
    return true;
  }

  #string(): string | undefined {
    const bytes = this.#bytes;
    const end = this.#end;
    const start = this.#at + 1;
    let hasEscape = false;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] as number;
      if (byte === 0x22) {
        this.#at = at + 1;
        return hasEscape ? unescapeString(this.#text, bytes, start, at) : this.#text.decode(bytes, start, at);
      }
      if (byte < 0x20) return undefined;
      if (byte === 0x5c) {
        hasEscape = true;
        at += 1;
      }
    }
    return undefined;
  }

  #number(): number | undefined {
    const bytes = this.#bytes;
    const start = this.#at;
    const isNegative = bytes[start] === 0x2d;
    const first = isNegative ? start + 1 : start;
    let at = this.#digits(first);
    const count = at - first;
    if (count === 0 || (count > 1 && bytes[first] === 0x30)) return undefined;
    const fraction = at < this.#end && bytes[at] === 0x2e ? this.#digits(at + 1) : at;
    if (fraction === at + 1) return undefined;
    at = this.#exponent(fraction);
    if (at === -1 || at - start > maxNumberLength) return undefined;
    this.#at = at;
    if (at === first + count && count <= 15) return isNegative ? -this.#integer(first, at) : this.#integer(first, at);
    const value = Number(this.#text.decode(bytes, start, at));
    return Number.isFinite(value) ? value : undefined;
  }

  #integer(start: number, end: number): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let at = start; at < end; at += 1) value = value * 10 + (bytes[at] as number) - 0x30;
    return value;
  }

  /** Where the exponent that may begin at `start` ends, -1 where it has no digits. */
  #exponent(start: number): number {
    const bytes = this.#bytes;
    const byte = bytes[start];
    if (start >= this.#end || (byte !== 0x65 && byte !== 0x45)) return start;
    const sign = bytes[start + 1];
    const first = sign === 0x2b || sign === 0x2d ? start + 2 : start + 1;
    const end = this.#digits(first);
    return end > first ? end : -1;
  }

  /** Where the digits that may begin at `start` end. */
  #digits(start: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = start;
    while (at < end && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at += 1;
    return at;
  }

  #word(word: string): boolean {
    const end = this.#at + word.length;
    if (end > this.#end || this.#text.decode(this.#bytes, this.#at, end) !== word) return false;
    this.#at = end;
    return true;
  }

  /** The next byte that is not white space, without taking it; -1 at the end. */
  #peek(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    while (at < end) {
      const byte = bytes[at] as number;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.#at = at;
        return byte;
      }
      at += 1;
    }
    this.#at = at;
    return -1;
  }
}

/** Stands for "not complete yet"; never part of a result. */
const pending: Json = Object.freeze([]);

function isOpen(value: Json, containers: readonly Container[]): boolean {
  return typeof value === "object" && value !== null && value === containers[containers.length - 1];
}

function limit(value: number, name: string, max: number): number {
  if (typeof value !== "number") throw new TypeError(`${name}: not a number`);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new RangeError(`${name}: not an integer from 1 to ${max}`);
  return value;
}
