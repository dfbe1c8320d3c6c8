// SPDX-License-Identifier: Apache-2.0

import { Backoff } from "../../core/backoff.js";
import type { Retry } from "../../core/errors.js";
import type { Milliseconds } from "../../core/ports.js";

/** In vain, one after the other: with the longest pauses a server may be away for six minutes. */
const maxFailures = 10;
/** A server that says no may be about to get the package. */
const maxRefusals = 3;

/** How often a download was tried in vain, and when to try again. */
export class Attempts {
  readonly #soon: Backoff;
  readonly #slowly: Backoff;
  #failures = 0;
  #refusals = 0;

  constructor(random: () => number) {
    this.#soon = new Backoff(random, 1_000, 128_000);
    this.#slowly = new Backoff(random, 30_000, 900_000);
  }

  /** Something new has come. */
  reset(): void {
    this.#failures = 0;
    this.#refusals = 0;
    this.#soon.reset();
    this.#slowly.reset();
  }

  /** The pause before the next; undefined where there shall be none. */
  pauseAfter(retry: Retry): Milliseconds | undefined {
    this.#failures += 1;
    if (retry === "slowly") this.#refusals += 1;
    if (retry === "never" || this.#failures >= maxFailures || this.#refusals >= maxRefusals) return undefined;
    return retry === "slowly" ? this.#slowly.next() : this.#soon.next();
  }
}
