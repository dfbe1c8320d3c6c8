// SPDX-License-Identifier: Apache-2.0

/** One at a time: updates of two kinds do not compete for the link, and neither restarts under the other. */
export class Turn {
  #holder: object | undefined;

  /** Whether it is this one's turn. Idempotent. */
  take(who: object): boolean {
    this.#holder ??= who;
    return this.#holder === who;
  }

  /** Idempotent. */
  release(who: object): void {
    if (this.#holder === who) this.#holder = undefined;
  }
}
