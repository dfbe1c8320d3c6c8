// SPDX-License-Identifier: Apache-2.0

/** Which data of a queue were published before: everything up to a position, and one range ahead of its turn. */
export class Published {
  /** Behind the newest datum that was published in its turn: what lies before it may have reached the server. */
  upTo = 0;
  #aheadFrom = 0;
  #aheadUpTo = 0;

  /** Whether the datum at a position was published before. */
  has(position: number): boolean {
    return position < this.upTo || (position >= this.#aheadFrom && position < this.#aheadUpTo);
  }

  /** Where the data end that were published before, or were not, like the one at a position; `end` is where all of them end. */
  endOfKind(position: number, end: number): number {
    if (position < this.upTo) return this.upTo;
    if (position < this.#aheadFrom) return this.#aheadFrom;
    return position < this.#aheadUpTo ? this.#aheadUpTo : end;
  }

  /** Data were published, the oldest that waited or others. */
  note(from: number, upTo: number, isInTurn: boolean): void {
    if (isInTurn) {
      this.upTo = Math.max(this.upTo, upTo);
      return;
    }
    if (from < this.#aheadFrom || from > this.#aheadUpTo) {
      this.#aheadFrom = from;
      this.#aheadUpTo = from;
    }
    this.#aheadUpTo = Math.max(this.#aheadUpTo, upTo);
  }
}
