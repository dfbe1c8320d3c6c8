// SPDX-License-Identifier: Apache-2.0

/** Something that decides for itself what it equals, as `expect.any(Number)`. */
export interface Matcher {
  readonly describe: string;
  accepts(value: unknown): boolean;
}

export class AsymmetricMatcher implements Matcher {
  readonly describe: string;
  readonly accepts: (value: unknown) => boolean;

  constructor(describe: string, accepts: (value: unknown) => boolean) {
    this.describe = describe;
    this.accepts = accepts;
  }
}

/** Jest's `toEqual`: deep, types of objects and members that are undefined do not count. */
export function isEqual(actual: unknown, expected: unknown): boolean {
  if (expected instanceof AsymmetricMatcher) return expected.accepts(actual);
  if (Object.is(actual, expected)) return true;
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) return false;
  if (actual instanceof Error && expected instanceof Error) return actual.message === expected.message;
  if (kindOf(actual) !== kindOf(expected)) return false;
  if (ArrayBuffer.isView(actual) || Array.isArray(actual)) return areElements(actual, expected, isEqual);
  if (actual instanceof Map) return isMapEqual(actual, expected as Map<unknown, unknown>);
  if (actual instanceof Set) return isSetEqual(actual, expected as Set<unknown>);
  const [left, right] = [definedMembers(actual), definedMembers(expected)];
  return left.length === right.length && isSubset(actual, expected, isEqual);
}

/** Jest's `toMatchObject`: what `expected` has must be there, in arrays element by element. */
export function isMatch(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(actual) && Array.isArray(expected)) return areElements(actual, expected, isMatch);
  if (kindOf(expected) !== "object" || typeof actual !== "object" || actual === null) return isEqual(actual, expected);
  return isSubset(actual, expected as object, isMatch);
}

function isSubset(actual: object, expected: object, compare: (a: unknown, b: unknown) => boolean): boolean {
  return definedMembers(expected).every((name) => compare(member(actual, name), member(expected, name)));
}

function member(object: object, name: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[name];
}

function definedMembers(object: object): string[] {
  return Object.keys(object).filter((name) => member(object, name) !== undefined);
}

function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null || value instanceof AsymmetricMatcher) return "other";
  if (ArrayBuffer.isView(value)) return "bytes";
  if (Array.isArray(value)) return "array";
  if (value instanceof Map) return "map";
  if (value instanceof Set) return "set";
  return value instanceof Date ? "date" : "object";
}

function areElements(actual: object, expected: object, compare: (a: unknown, b: unknown) => boolean): boolean {
  const [left, right] = [actual as ArrayLike<unknown>, expected as ArrayLike<unknown>];
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (!compare(left[index], right[index])) return false;
  return true;
}

function isMapEqual(actual: ReadonlyMap<unknown, unknown>, expected: ReadonlyMap<unknown, unknown>): boolean {
  if (actual.size !== expected.size) return false;
  for (const [key, value] of expected) if (!actual.has(key) || !isEqual(actual.get(key), value)) return false;
  return true;
}

function isSetEqual(actual: ReadonlySet<unknown>, expected: ReadonlySet<unknown>): boolean {
  return actual.size === expected.size && [...expected].every((value) => actual.has(value));
}
