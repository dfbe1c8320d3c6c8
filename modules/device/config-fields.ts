// SPDX-License-Identifier: Apache-2.0
// Checks of single fields. All throw `TypeError` for a missing field or a value of the wrong type, `RangeError` for one out of range; the
// message begins with the path.

import type { Text } from "../core/ports.js";

export type Section = Readonly<Record<string, unknown>>;

/** The members of an object that has no others than `fields`. */
export function section(value: unknown, path: string, fields: readonly string[]): Section {
  if (value === undefined) throw new TypeError(`${path}: missing`);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${path}: not an object`);
  for (const field of Object.keys(value)) {
    if (!fields.includes(field))
      throw new RangeError(`${path}.${field}: no such field; there are ${fields.join(", ")}`);
  }
  return value as Section;
}

/** A string of `min` to `max` characters. */
export function text(value: unknown, path: string, min: number, max: number): string {
  if (value === undefined) throw new TypeError(`${path}: missing`);
  if (typeof value !== "string") throw new TypeError(`${path}: not a string`);
  if (value.length < min || value.length > max)
    throw new RangeError(`${path}: ${value.length} characters, not ${min} to ${max}`);
  return value;
}

/** One of some names. */
export function choice<const T extends string>(value: unknown, path: string, names: readonly T[]): T {
  const found = names.find((name) => name === value);
  if (found === undefined) throw new RangeError(`${path}: not one of ${names.join(", ")}`);
  return found;
}

/** A string of `min` to `max` bytes in UTF-8. */
export function octets(value: unknown, path: string, min: number, max: number, utf8: Text): string {
  const string = text(value, path, 1, max);
  const length = utf8.byteLength(string);
  if (length < min || length > max) throw new RangeError(`${path}: ${length} octets, not ${min} to ${max}`);
  return string;
}

/** What makes something of a section of the configuration: its mistakes are told with where that section is. */
export function located<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${path}: ${error.message}`);
    if (error instanceof TypeError) throw new TypeError(`${path}: ${error.message}`);
    throw error;
  }
}
