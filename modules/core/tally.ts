// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "./errors.js";

/** Counts failures by reason; as many entries as there are reasons, at the most. */
export class Tally {
  readonly #counts = new Map<Reason, number>();

  add(reason: Reason): void {
    this.#counts.set(reason, this.of(reason) + 1);
  }

  of(reason: Reason): number {
    return this.#counts.get(reason) ?? 0;
  }

  get total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  forEach(visit: (reason: Reason, count: number) => void): void {
    for (const [reason, count] of this.#counts) visit(reason, count);
  }
}
