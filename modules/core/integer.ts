// SPDX-License-Identifier: Apache-2.0

/** An option that must be an integer from `min` to `max`. Throws `TypeError` or `RangeError`; the message begins with its name. */
export function integer(value: unknown, name: string, min: number, max: number): number {
  if (typeof value !== "number") throw new TypeError(`${name}: not a number`);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${name}: not an integer from ${min} to ${max}`);
  return value;
}
