// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";

/** Sessions in a row that must end with the same data under way before these are suspected, and again before one is convicted. */
const strikesToSuspect = 3;

/**
 * The same for a datum while nothing else is acknowledged in between: a server that acknowledges nothing may be out of order. At
 * the longest pause between two sessions that is 25 minutes.
 */
const strikesWithoutWitness = 12;

/** Ends of a session that say nothing about what was published. */
const innocentEnds: readonly Reason[] = Object.freeze([
  "session-stopped",
  "wifi-lost",
  "connack-timeout",
  "closed-before-connack",
  "refused-protocol",
  "refused-identifier",
  "refused-unavailable",
  "refused-credentials",
  "refused-authorization",
]);

/**
 * Finds the datum that a server ends the session for: the oldest batch that was under way at each end is halved, again and again,
 * until it is one datum. While there is a suspect, it is published alone, and nothing else is blamed. Positions are those of the
 * queue that the data are in.
 */
export class Bisection {
  #start = -1;
  /** Behind what is suspected; nothing is while it is not behind the start. */
  #end = -1;
  #strikes = 0;
  #maxCount = Number.POSITIVE_INFINITY;
  #hasWitness = false;
  readonly #areSingle: boolean;

  /** `areSingle`: each datum has a message of its own. Then there are no other suspects, whose acknowledgement would say little. */
  constructor(areSingle = false) {
    this.#areSingle = areSingle;
  }

  /** Whether the data from a position on are suspected. */
  isSuspect(position: number): boolean {
    return position < this.#end;
  }

  /** Where the suspects end. */
  get end(): number {
    return this.#end;
  }

  /** Most suspects that one message may hold. */
  get maxCount(): number {
    return this.#maxCount;
  }

  /** Whether a single datum is accused, and nothing else was acknowledged since: it would tell a poisoned datum from a sick server. */
  get lacksWitness(): boolean {
    return this.#end >= 0 && this.#strikes > 0 && !this.#hasWitness;
  }

  /** Something else was acknowledged. */
  onWitness(): void {
    this.#hasWitness = true;
  }

  /** Everything before a position was acknowledged, or is gone. */
  onProgress(position: number): void {
    if (position <= this.#start) return;
    if (position >= this.#end) this.#clear();
    else {
      this.#start = position;
      this.#strikes = 0;
    }
  }

  /**
   * A session ended with a batch under way, a suspected one by itself. `weight` is what that proves, 0 to 1. True when the batch is
   * a single datum and guilty.
   */
  onEnded(start: number, end: number, count: number, reason: Reason, weight: number): boolean {
    if (weight === 0 || innocentEnds.includes(reason)) return false;
    if (this.#end < 0) {
      this.#strikes = start === this.#start ? this.#strikes + weight : weight;
      this.#start = start;
      if (this.#strikes >= strikesToSuspect) this.#suspect(end, count);
      return false;
    }
    if (!this.isSuspect(start)) return false;
    this.#start = start;
    if (count > 1) {
      this.#suspect(end, count);
      return false;
    }
    this.#end = end;
    if (this.#strikes === 0 && !this.#areSingle) this.#hasWitness = false;
    this.#strikes += weight;
    return this.#strikes >= (this.#hasWitness ? strikesToSuspect : strikesWithoutWitness);
  }

  #suspect(end: number, count: number): void {
    this.#hasWitness = false;
    this.#end = end;
    this.#maxCount = Math.ceil(count / 2);
    this.#strikes = 0;
  }

  #clear(): void {
    this.#start = -1;
    this.#end = -1;
    this.#strikes = 0;
    this.#maxCount = Number.POSITIVE_INFINITY;
  }
}
