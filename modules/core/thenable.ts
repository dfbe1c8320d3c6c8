// SPDX-License-Identifier: Apache-2.0

/** Something with a `then`: the result will come later. */
export interface Thenable {
  then(onResult: (value: unknown) => void, onError: (error: unknown) => void): unknown;
}

/** Throws what the getter of `then` throws. */
export function isThenable(value: unknown): value is Thenable {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
