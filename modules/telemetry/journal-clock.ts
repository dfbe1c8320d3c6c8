// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import type { Journal } from "./journal.js";
import { FrameKind } from "./journal-layout.js";
import { Datum, readRecord } from "./record.js";
import { SectorWalk } from "./sector-walk.js";

/**
 * Finds the wall-clock time of data that were stored before their boot knew it. When that boot never did, it is taken to have
 * ended when the next one began: the data keep their order and their distances, and are dated too late rather than not at all.
 */
export class JournalClock {
  readonly #journal: Journal;
  readonly #walk: SectorWalk;
  readonly #datum = new Datum();
  /** What the last search was for. */
  #boot = -1;
  /** The first clock it found, not a number where only the present boot can tell; and how long before that the boot began. */
  #clock: Milliseconds = Number.NaN;
  #lead: Milliseconds = 0;
  #isGuess = false;
  /** Whether the clock that `find` returned is such a guess. */
  isEstimated = false;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#walk = new SectorWalk(journal.flash, journal.window);
  }

  /** Wall-clock time of uptime 0 for the data frame at hand; not a number while nobody can know. */
  find(at: SectorWalk): Milliseconds {
    this.isEstimated = false;
    if (!Number.isNaN(at.clock)) return at.clock;
    if (at.boot === this.#journal.boot) return this.#journal.clock;
    if (at.boot !== this.#boot) {
      this.#boot = -1;
      this.#search(at);
      this.#boot = at.boot;
    }
    this.isEstimated = this.#isGuess;
    return (Number.isNaN(this.#clock) ? this.#journal.clock : this.#clock) - this.#lead;
  }

  /** Goes on from the frame at hand to the first that has a clock, adding up what the boots in between have lasted. */
  #search(at: SectorWalk): void {
    const walk = this.#walk;
    let boot = at.boot;
    let newest: Milliseconds = 0;
    this.#lead = 0;
    for (let { sequence } = at; sequence <= this.#journal.newest; sequence += 1) {
      if (!walk.open(sequence)) continue;
      for (let isFrame = true; isFrame; isFrame = this.#step()) {
        if (sequence === at.sequence && walk.offset < at.offset) continue;
        if (walk.boot !== boot) {
          this.#lead += newest;
          newest = 0;
          boot = walk.boot;
        }
        this.#isGuess = boot !== at.boot;
        this.#clock = walk.clock;
        if (!Number.isNaN(walk.clock)) return;
        if (walk.look() && walk.kind === FrameKind.data) newest = Math.max(newest, this.#lastTime());
      }
    }
    if (boot !== this.#journal.boot) this.#lead += newest;
    this.#isGuess = true;
  }

  #step(): boolean {
    if (!this.#walk.look()) return false;
    this.#walk.next();
    return true;
  }

  /** Uptime of the last datum in the data frame at hand. */
  #lastTime(): Milliseconds {
    const { count, dataBase, dataPosition } = this.#walk;
    let position = dataPosition;
    let time = dataBase;
    for (let index = 0; index < count; index += 1) {
      readRecord(this.#journal.window, position, time, this.#datum);
      position = this.#datum.end;
      ({ time } = this.#datum);
    }
    return time;
  }
}
