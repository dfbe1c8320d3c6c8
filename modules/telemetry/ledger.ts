// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";

/** A place in the queue: a position, and the time of the datum before it. */
export interface Place {
  position: number;
  time: Milliseconds;
}

export function move(into: Place, from: Readonly<Place>): void {
  into.position = from.position;
  into.time = from.time;
}

/** The queue that the ranges are of. */
export interface Releasing {
  /** Oldest datum that is kept. */
  readonly head: Readonly<Place>;
  /** Forgets everything before a place, `count` data. */
  release(place: Readonly<Place>, count: number): void;
}

/** Data between two places that were published and not yet released. */
export class Range {
  readonly start: Place = { position: 0, time: 0 };
  readonly end: Place = { position: 0, time: 0 };
  count = 0;
  /** Of these, data that gave way in the queue since. */
  gone = 0;
  token = 0;
  isAcknowledged = false;
}

/**
 * What was published, in order of the queue: a few ranges that are made once and used in turn. The server may acknowledge in any
 * order; data are released from the front, and what it acknowledged ahead of its turn is not published again.
 */
export class Ledger {
  readonly #ranges: Range[] = [];
  #size = 0;
  #nextToken = 0;

  constructor(window: number) {
    for (let index = 0; index < window; index += 1) this.#ranges.push(new Range());
  }

  get isFull(): boolean {
    return this.room === 0;
  }

  /** Ranges that can be added. */
  get room(): number {
    return this.#ranges.length - this.#size;
  }

  /** Messages that wait for their acknowledgement. */
  get messages(): number {
    let messages = 0;
    for (let index = 0; index < this.#size; index += 1) if (!this.#at(index).isAcknowledged) messages += 1;
    return messages;
  }

  /** Data in those messages, whether the queue still has them or not. */
  get data(): number {
    let data = 0;
    for (let index = 0; index < this.#size; index += 1) {
      const range = this.#at(index);
      if (!range.isAcknowledged) data += range.count;
    }
    return data;
  }

  /** Data of all ranges that the queue still has. */
  get kept(): number {
    let kept = 0;
    for (let index = 0; index < this.#size; index += 1) kept += this.#at(index).count - this.#at(index).gone;
    return kept;
  }

  /** Notes a range of `count` data that is published, keeping the order of the queue; returns its token. Only while not full. */
  add(start: Readonly<Place>, end: Readonly<Place>, count: number): number {
    if (this.isFull) throw new RangeError("ledger: full");
    const range = this.#at(this.#size);
    move(range.start, start);
    move(range.end, end);
    range.count = count;
    range.gone = 0;
    range.token = this.#nextToken;
    range.isAcknowledged = false;
    this.#nextToken = (this.#nextToken + 1) % 0x4000_0000;
    this.#size += 1;
    this.#sortIn(range);
    return range.token;
  }

  /** The number of data acknowledged with a token, -1 for one that is not, or no longer, in the ledger. */
  acknowledge(token: number): number {
    const range = this.#find(token);
    if (range === undefined) return -1;
    range.isAcknowledged = true;
    return range.count;
  }

  /** The range that was published with a token and not acknowledged; undefined when the ledger has none. */
  rangeOf(token: number): Readonly<Range> | undefined {
    return this.#find(token);
  }

  /** Forgets a range that was not acknowledged, so that its data are published again; returns how many cannot be: they are gone. */
  forget(token: number): number {
    const range = this.#find(token);
    if (range === undefined) return 0;
    this.#remove(range);
    return range.gone;
  }

  /** Where the first range ends; 0 when there is none. */
  get firstEnd(): number {
    return this.#size > 0 ? this.#at(0).end.position : 0;
  }

  /** Gives up on the first range, which the queue wants to be rid of; returns how many of its data the queue lacks already. */
  abandonFirst(): number {
    const first = this.#ranges[0];
    if (this.#size === 0 || first === undefined) return 0;
    this.#remove(first);
    return first.gone;
  }

  /** The queue gives up the datum at a position. True when it was published, so that its fate is not known yet. */
  giveUp(position: number): boolean {
    for (let index = 0; index < this.#size; index += 1) {
      const range = this.#at(index);
      if (range.start.position > position) return false;
      if (range.end.position <= position) continue;
      range.gone += 1;
      return true;
    }
    return false;
  }

  /**
   * Takes the acknowledged ranges off the front, once the head of the queue has reached their start, and releases those of their
   * data that the queue still has.
   */
  settle(queue: Releasing): void {
    while (this.#size > 0) {
      const first = this.#at(0);
      if (!first.isAcknowledged || first.start.position > queue.head.position) return;
      queue.release(first.end, first.count - first.gone);
      this.#remove(first);
    }
  }

  /** Moves a place behind every range that it lies in, acknowledged or under way; returns where the next range begins. */
  advance(from: Place): number {
    for (let index = 0; index < this.#size; index += 1) {
      const range = this.#at(index);
      if (range.end.position <= from.position) continue;
      if (range.start.position > from.position) return range.start.position;
      move(from, range.end);
    }
    return Number.POSITIVE_INFINITY;
  }

  #at(index: number): Range {
    return this.#ranges[index] as Range;
  }

  #find(token: number): Range | undefined {
    for (let index = 0; index < this.#size; index += 1) {
      const range = this.#at(index);
      if (range.token === token && !range.isAcknowledged) return range;
    }
    return undefined;
  }

  #sortIn(range: Range): void {
    let index = this.#size - 1;
    for (; index > 0; index -= 1) {
      const before = this.#at(index - 1);
      if (before.start.position <= range.start.position) break;
      this.#ranges[index] = before;
    }
    this.#ranges[index] = range;
  }

  #remove(range: Range): void {
    this.#size -= 1;
    for (let at = this.#ranges.indexOf(range); at < this.#size; at += 1) this.#ranges[at] = this.#at(at + 1);
    this.#ranges[this.#size] = range;
  }
}
