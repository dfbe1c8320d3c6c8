// SPDX-License-Identifier: Apache-2.0
// Assertions for suites that run on XS as well as under jest: nothing but ECMAScript.

export function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** Compares primitives, and arrays and typed arrays element by element. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [show(actual), show(expected)];
  if (is !== should) throw new Error(`${what}: ${is}, not ${should}`);
}

export function throws(step: () => void, kind: new (...args: never[]) => Error, what: string): void {
  try {
    step();
  } catch (error) {
    if (error instanceof kind) return;
    throw new Error(`${what}: threw ${String(error)}, not ${kind.name}`);
  }
  throw new Error(`${what}: did not throw ${kind.name}`);
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes [${value.join(" ")}]`;
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (value instanceof Map) return `Map ${show([...value])}`;
  return typeof value === "string" ? `"${value}"` : String(value);
}
