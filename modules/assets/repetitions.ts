// SPDX-License-Identifier: Apache-2.0

import { fingerprint } from "../core/fingerprint.js";

/** Copies of an event come together, one for each filter that it matches. */
const remembered = 16;

/**
 * Tells copies of an event: the server sends one for each filter that it matches, and for subscriptions of a connection before. An event
 * has its time in it, so that the same bytes are the same event.
 */
export class Repetitions {
  readonly #prints = new Int32Array(remembered);
  #count = 0;

  /** Whether these bytes were among the last few. They are from now on. */
  has(payload: Uint8Array, byteLength: number): boolean {
    const print = fingerprint(payload, byteLength);
    const known = Math.min(this.#count, remembered);
    for (let index = 0; index < known; index += 1) if (this.#prints[index] === print) return true;
    this.#prints[this.#count % remembered] = print;
    this.#count += 1;
    return false;
  }
}
