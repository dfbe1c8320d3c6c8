// SPDX-License-Identifier: Apache-2.0

/** More than this cannot be made up for, so that a backlog that was held up does not hold up the queue in its turn. */
const whole = 100;

/** How much of the messages the backlog may claim while new data compete for them. In whole percent, so that no rounding adds up. */
export class BacklogClaim {
  /** What a message of the queue's adds to the claim, and what one of the backlog's takes off. */
  readonly #growth: number;
  readonly #cost: number;
  #claim = 0;

  /** `share` is above 0 and not over 1. */
  constructor(share: number) {
    this.#growth = Math.round(share * whole);
    this.#cost = Math.max(1, whole - this.#growth);
  }

  /** Whether the next message is the backlog's. */
  get isDue(): boolean {
    return this.#claim >= this.#cost;
  }

  /** The queue published a message while the backlog had one, too. */
  grow(): void {
    this.#claim = Math.min(whole, this.#claim + this.#growth);
  }

  /** The backlog published a message. */
  spend(): void {
    this.#claim = Math.max(0, this.#claim - this.#cost);
  }
}
