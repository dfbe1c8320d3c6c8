// SPDX-License-Identifier: Apache-2.0

import type { Json } from "./json.js";

/** As deep as the scanner reads, so that what was sent can be read back. */
const maxDepth = 16;

/**
 * A copy that later changes of the original do not reach. Members that are undefined are left out, as JSON does.
 * Throws `TypeError` for what JSON cannot express and `RangeError` for more than 16 levels (a cycle, as a rule); the message
 * begins with `path`.
 */
export function copyJson(value: unknown, path: string, depth = 0): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${path}: ${value} is not a JSON number`);
    return value;
  }
  if (typeof value !== "object") throw new TypeError(`${path}: ${typeof value} is not a JSON value`);
  if (depth >= maxDepth) throw new RangeError(`${path}: more than ${maxDepth} levels`);
  if (Array.isArray(value)) return value.map((element) => copyJson(element, path, depth + 1));
  if (!isObject(value)) throw new TypeError(`${path}: neither a plain object nor an array nor a Map`);
  const copy = new Map<string, Json>();
  const members: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  for (const [name, member] of members) {
    if (typeof name !== "string") throw new TypeError(`${path}: a name is not a string`);
    if (member !== undefined) copy.set(name, copyJson(member, path, depth + 1));
  }
  return copy;
}

function isObject(value: object): boolean {
  if (value instanceof Map) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Same JSON value; the order of an object's members does not matter. It does not recurse. */
export function isSameJson(one: Json, other: Json): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object") return false;
  const left: Json[] = [one];
  const right: Json[] = [other];
  while (left.length > 0) {
    if (!pairUp(left.pop() ?? null, right.pop() ?? null, left, right)) return false;
  }
  return true;
}

/** Compares one level and appends what is beneath it to both lists. */
function pairUp(one: Json, other: Json, left: Json[], right: Json[]): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false;
    // One by one: as arguments of a single call they would all lie on the engine's stack.
    for (const value of one) left.push(value);
    for (const value of other) right.push(value);
    return true;
  }
  if (!(one instanceof Map && other instanceof Map) || one.size !== other.size) return false;
  for (const [name, value] of one) {
    const counterpart: Json | undefined = other.get(name);
    if (counterpart === undefined) return false;
    left.push(value);
    right.push(counterpart);
  }
  return true;
}
