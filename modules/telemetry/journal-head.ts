// SPDX-License-Identifier: Apache-2.0

import { FrameKind, type JournalPlace, sectorHeaderLength } from "./journal-layout.js";
import type { SectorWalk } from "./sector-walk.js";

/** In the last free block, acknowledgements may take an eighth of it and three quarters of what their data took. */
const slackPerBlock = 1 / 8;
const partOfData = 3 / 4;

/** Beyond that, so many data are acknowledged together. */
const leastStep = 16;

/** Kind, key and one byte of value; in bytes. */
const shortestDatum = 3;

/** Where that begins which the server does not have; it goes on through the journal as data are acknowledged. */
export class JournalHead {
  readonly #walk: SectorWalk;
  readonly place: JournalPlace = { sequence: 0, offset: sectorHeaderLength, index: 0 };
  /** Data that were acknowledged while the flash could not be read, so that the place is not behind them. */
  #owed = 0;
  /** Where it was when it was stored last, and how many data it has gone on since. */
  #storedSequence = -1;
  #unstored = 0;
  readonly #slack: number;

  /** The walk is its own until `forget`. */
  constructor(walk: SectorWalk, blockLength: number) {
    this.#walk = walk;
    this.#slack = blockLength * slackPerBlock;
  }

  /**
   * Whether it is to be stored where the last free block has to take the acknowledgements of a whole block of data; `used` bytes of it
   * are taken.
   */
  isDue(used: number): boolean {
    const { sequence, offset, index } = this.place;
    const isAhead = used <= (offset + index * shortestDatum) * partOfData + this.#slack;
    return isAhead || sequence !== this.#storedSequence || this.#unstored >= leastStep;
  }

  noteStored(): void {
    this.#storedSequence = this.place.sequence;
    this.#unstored = 0;
  }

  /** Finds its way anew: the walk was used by somebody else, or failed. */
  forget(): void {
    this.#walk.sequence = -1;
  }

  /** To the first frame of a sector. */
  moveTo(sequence: number): void {
    this.place.sequence = sequence;
    this.place.offset = sectorHeaderLength;
    this.place.index = 0;
  }

  /** Goes on by `count` data. Throws `DeviceError`, and then `settle` does the rest. */
  advance(count: number, newest: number): void {
    this.#owed += count;
    this.#unstored += count;
    const { place } = this;
    const walk = this.#walk;
    while (this.#seekData(newest) && this.#owed > 0) {
      const left = walk.count - place.index;
      if (this.#owed < left) {
        place.index += this.#owed;
        break;
      }
      walk.next();
      this.#owed -= left;
      place.index = 0;
      place.offset = walk.offset;
    }
    this.#owed = 0;
  }

  /** Does what an `advance` could not. Throws `DeviceError`. */
  settle(newest: number): void {
    if (this.#owed === 0) return;
    try {
      this.advance(0, newest);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Data that were ever written before this, modulo 2^32; `newest` is the newest sector, which is there. */
  total(newest: number): number {
    while (!this.#walk.open(this.place.sequence) && this.place.sequence < newest) this.moveTo(this.place.sequence + 1);
    const total = this.#totalInSector();
    this.forget();
    return total;
  }

  /** Data from here to the end of its sector. */
  get rest(): number {
    const walk = this.#walk;
    if (!walk.open(this.place.sequence)) return 0;
    const total = this.#totalInSector();
    while (walk.look()) walk.next();
    const rest = (walk.total - total) >>> 0;
    this.forget();
    return rest;
  }

  #totalInSector(): number {
    const { place } = this;
    const walk = this.#walk;
    while (walk.offset < place.offset && walk.look()) walk.next();
    return (walk.total + place.index) >>> 0;
  }

  /** Goes on to the next data frame, so that sectors without any are free. False at the end of the journal. */
  #seekData(newest: number): boolean {
    const { place } = this;
    const walk = this.#walk;
    if (walk.sequence !== place.sequence && walk.open(place.sequence))
      while (walk.offset < place.offset && walk.look()) walk.next();
    for (;;) {
      while (walk.sequence === place.sequence && walk.look()) {
        if (walk.kind === FrameKind.data) return true;
        walk.next();
        place.offset = walk.offset;
      }
      if (place.sequence >= newest) return false;
      this.moveTo(place.sequence + 1);
      walk.open(place.sequence);
    }
  }
}
