// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "./errors.js";

/** Counts failures by reason; as many entries as there are reasons, at the most. */
export class Tally {
  /** Made with the first failure: most features never have one. */
  #counts: Map<Reason, number> | undefined;

  add(reason: Reason): void {
    this.#counts ??= new Map();
    this.#counts.set(reason, this.of(reason) + 1);
  }

  of(reason: Reason): number {
    return this.#counts?.get(reason) ?? 0;
  }

  get total(): number {
    let total = 0;
    this.forEach((_reason, count) => {
      total += count;
    });
    return total;
  }

  forEach(visit: (reason: Reason, count: number) => void): void {
    this.#counts?.forEach((count, reason) => {
      visit(reason, count);
    });
  }
}
