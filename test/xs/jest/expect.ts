// SPDX-License-Identifier: Apache-2.0

import { AsymmetricMatcher, isEqual, isMatch } from "./equality.js";
import { show } from "./show.js";

type Kind = new (...args: never[]) => object;

/** Jest's matchers, as far as the unit tests use them. One that is missing is a TypeError, so nothing passes unseen. */
class Expectation {
  readonly #actual: unknown;
  readonly #isNegated: boolean;

  constructor(actual: unknown, isNegated = false) {
    this.#actual = actual;
    this.#isNegated = isNegated;
  }

  get not(): Expectation {
    return new Expectation(this.#actual, !this.#isNegated);
  }

  toBe(expected: unknown): void {
    this.#report(Object.is(this.#actual, expected), "to be", expected);
  }

  toEqual(expected: unknown): void {
    this.#report(isEqual(this.#actual, expected), "to equal", expected);
  }

  toStrictEqual(expected: unknown): void {
    this.toEqual(expected);
  }

  toMatchObject(expected: unknown): void {
    this.#report(isMatch(this.#actual, expected), "to match", expected);
  }

  toBeUndefined(): void {
    this.toBe(undefined);
  }

  toBeNull(): void {
    this.toBe(null);
  }

  toBeNaN(): void {
    this.toBe(Number.NaN);
  }

  toBeDefined(): void {
    this.#report(this.#actual !== undefined, "to be defined", undefined);
  }

  toBeTruthy(): void {
    this.#report(Boolean(this.#actual), "to be truthy", true);
  }

  toBeFalsy(): void {
    this.#report(!this.#actual, "to be falsy", false);
  }

  toBeInstanceOf(kind: Kind): void {
    this.#report(this.#actual instanceof kind, "to be an instance of", kind);
  }

  toBeGreaterThan(bound: number): void {
    this.#report((this.#actual as number) > bound, "to be over", bound);
  }

  toBeGreaterThanOrEqual(bound: number): void {
    this.#report((this.#actual as number) >= bound, "to be at least", bound);
  }

  toBeLessThan(bound: number): void {
    this.#report((this.#actual as number) < bound, "to be under", bound);
  }

  toBeLessThanOrEqual(bound: number): void {
    this.#report((this.#actual as number) <= bound, "to be at most", bound);
  }

  toBeCloseTo(expected: number, digits = 2): void {
    this.#report(Math.abs((this.#actual as number) - expected) < 10 ** -digits / 2, "to be close to", expected);
  }

  toHaveLength(length: number): void {
    this.#report((this.#actual as ArrayLike<unknown>).length === length, "to have the length", length);
  }

  toContain(part: unknown): void {
    const actual = this.#actual as string | Iterable<unknown>;
    const isThere = typeof actual === "string" ? actual.includes(String(part)) : [...actual].includes(part);
    this.#report(isThere, "to contain", part);
  }

  toContainEqual(part: unknown): void {
    this.#report(
      [...(this.#actual as Iterable<unknown>)].some((each) => isEqual(each, part)),
      "to contain",
      part,
    );
  }

  toMatch(pattern: RegExp | string): void {
    const actual = String(this.#actual);
    this.#report(typeof pattern === "string" ? actual.includes(pattern) : pattern.test(actual), "to match", pattern);
  }

  toThrow(expected?: Kind | RegExp | string | Error): void {
    const outcome = attempt(this.#actual as () => void);
    this.#report(outcome.hasThrown && isExpectedError(outcome.error, expected), "to throw", expected, outcome.error);
  }

  #report(isTrue: boolean, relation: string, expected: unknown, actual = this.#actual): void {
    if (isTrue !== this.#isNegated) return;
    throw new Error(`${show(actual)} was expected ${this.#isNegated ? "not " : ""}${relation} ${show(expected)}`);
  }
}

function attempt(step: () => void): { readonly hasThrown: boolean; readonly error?: unknown } {
  try {
    step();
    return { hasThrown: false };
  } catch (error) {
    return { hasThrown: true, error };
  }
}

function isExpectedError(error: unknown, expected: Kind | RegExp | string | Error | undefined): boolean {
  if (expected === undefined) return true;
  if (typeof expected === "function") return error instanceof expected;
  const message = error instanceof Error ? error.message : String(error);
  if (typeof expected === "string") return message.includes(expected);
  return expected instanceof RegExp ? expected.test(message) : message === expected.message;
}

export function expect(actual: unknown): Expectation {
  return new Expectation(actual);
}

expect.any = (kind: Kind) =>
  new AsymmetricMatcher(
    `any ${kind.name}`,
    (value) => typeof value === kind.name.toLowerCase() || (typeof value === "object" && value instanceof kind),
  );
expect.anything = () => new AsymmetricMatcher("anything", (value) => value !== undefined && value !== null);
expect.stringContaining = (part: string) =>
  new AsymmetricMatcher(`text with ${part}`, (value) => typeof value === "string" && value.includes(part));
expect.objectContaining = (part: object) =>
  new AsymmetricMatcher(`object with ${show(part)}`, (value) => isMatch(value, part));
expect.arrayContaining = (parts: readonly unknown[]) =>
  new AsymmetricMatcher(
    `array with ${show(parts)}`,
    (value) => Array.isArray(value) && parts.every((part) => value.some((each) => isEqual(each, part))),
  );
