// SPDX-License-Identifier: Apache-2.0

import type { JsonWriter } from "./json-writer.js";

/** As deep as the scanner reads, so that what was sent can be read back. */
const maxDepth = 16;

/** An array or object that is being written. */
class Level {
  readonly container: object;
  /** Names of the members, undefined for an array. */
  readonly names: readonly string[] | undefined;
  readonly count: number;
  at = -1;

  constructor(container: object, path: () => string) {
    this.container = container;
    this.names = Array.isArray(container) ? undefined : namesOf(container, path);
    this.count = Array.isArray(container) ? container.length : (this.names?.length ?? 0);
  }

  get value(): unknown {
    const { container, names, at } = this;
    if (Array.isArray(container)) return container[at];
    const name = names?.[at] ?? "";
    return container instanceof Map ? container.get(name) : (container as Readonly<Record<string, unknown>>)[name];
  }

  get step(): string {
    return this.names === undefined ? `[${this.at}]` : `.${this.names[this.at]}`;
  }
}

/**
 * Writes any JSON value: scalars, arrays, plain objects and Maps with string keys. Members that are undefined are left out, as
 * JSON does, but an element of an array cannot be. Stops early when the writer overflows.
 * Throws `TypeError` for what JSON has no word for and for a cycle, `RangeError` for a number that is not finite and for more
 * than 16 levels; the message begins with the path, whose first part is `label`. It does not recurse: XS's stack is small.
 */
export function writeTree(writer: JsonWriter, root: unknown, label: string): void {
  const levels: Level[] = [];
  const path = (): string => label + levels.map((level) => level.step).join("");
  let value = root;
  for (;;) {
    if (typeof value === "object" && value !== null) levels.push(open(writer, value, levels, path));
    else writeScalar(writer, value, levels.length === 0, path);
    let level = levels[levels.length - 1];
    while (level !== undefined && level.at + 1 >= level.count) {
      if (level.names === undefined) writer.endArray();
      else writer.endObject();
      levels.pop();
      level = levels[levels.length - 1];
    }
    if (level === undefined || writer.hasOverflowed) return;
    level.at += 1;
    if (level.names !== undefined) writer.name(level.names[level.at] ?? "");
    value = level.value;
  }
}

function open(writer: JsonWriter, container: object, levels: readonly Level[], path: () => string): Level {
  if (levels.some((level) => level.container === container)) throw new TypeError(`${path()}: cyclic`);
  if (levels.length >= maxDepth) throw new RangeError(`${path()}: more than ${maxDepth} levels`);
  const level = new Level(container, path);
  if (level.names === undefined) writer.beginArray();
  else writer.beginObject();
  return level;
}

function writeScalar(writer: JsonWriter, value: unknown, isRoot: boolean, path: () => string): void {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`${path()}: ${value} is not a JSON number`);
    // Inside of a value a platform keeps the text, so nothing needs rounding there.
    if (isRoot || Number.isSafeInteger(value)) writer.value(value);
    else writer.json(String(value));
  } else if (typeof value === "string" || typeof value === "boolean" || value === null) writer.value(value);
  else throw new TypeError(`${path()}: ${typeof value} is not a JSON value`);
}

function namesOf(container: object, path: () => string): readonly string[] {
  if (container instanceof Map) {
    const names: unknown[] = [...container.keys()];
    if (!names.every((name) => typeof name === "string"))
      throw new TypeError(`${path()}: a Map with a key that is not a string`);
    return names.filter((name) => container.get(name) !== undefined);
  }
  const prototype: unknown = Object.getPrototypeOf(container);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain) throw new TypeError(`${path()}: neither a plain object nor an array nor a Map`);
  const members = container as Readonly<Record<string, unknown>>;
  return Object.keys(members).filter((name) => members[name] !== undefined);
}
