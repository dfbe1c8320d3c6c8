// SPDX-License-Identifier: Apache-2.0

/** Throws for what no platform stores: `TypeError` for what is not a string, `RangeError` for a blank or over-long name. */
export function checkName(name: unknown, option: string): asserts name is string {
  if (typeof name !== "string") throw new TypeError(`${option}: not a string`);
  if (name.trim() === "") throw new RangeError(`${option}: blank`);
  if (name.length > 255) throw new RangeError(`${option}: more than 255 characters`);
}

/** Names that are asked for travel in one string with commas between them. */
export function checkRequestedName(name: unknown, option: string): asserts name is string {
  checkName(name, option);
  if (name.includes(",")) throw new RangeError(`${option}: "${name}" has a comma`);
}
