// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { Milliseconds, Text } from "../core/ports.js";
import type { Journal } from "./journal.js";
import { JournalClock } from "./journal-clock.js";
import { JournalKeys } from "./journal-keys.js";
import { FrameKind } from "./journal-layout.js";
import { JournalSources } from "./journal-sources.js";
import type { Queue } from "./queue.js";
import { Datum, Kind, readRecord } from "./record.js";
import { SectorWalk } from "./sector-walk.js";
import type { SourceTable } from "./source-table.js";

/** "empty": the journal has no more. "unreadable": it should have. "failed": the flash could not be read this time. */
export type LoadOutcome = "loaded" | "undated" | "empty" | "unreadable" | "failed";

/** Copies data from the journal into a queue, a few hundred at a time; those of one load are of one boot. */
export class JournalReader {
  readonly keys: JournalKeys;
  /** Undefined where nobody asks whose data they are. */
  readonly sources: JournalSources | undefined;
  readonly #journal: Journal;
  readonly #walk: SectorWalk;
  readonly #clock: JournalClock;
  readonly #datum = new Datum();
  /** Data of the frame at hand that were copied. */
  #index = 0;
  /** Wall-clock time of uptime 0 for the data of the last load; not a number while it waits for the clock. */
  clock: Milliseconds = Number.NaN;

  constructor(journal: Journal, text: Text, sources: SourceTable | undefined) {
    this.keys = new JournalKeys(text);
    this.sources = sources && new JournalSources(text, sources);
    this.#journal = journal;
    this.#walk = new SectorWalk(journal.flash, journal.window, this.keys, this.sources);
    this.#clock = new JournalClock(journal);
  }

  /** Sector of the data of the last load. */
  get sequence(): number {
    return this.#walk.sequence;
  }

  /** Number of the boot that wrote them. */
  get boot(): number {
    return this.#walk.boot;
  }

  /** Whether the time of the last load's data is a guess. */
  get isEstimated(): boolean {
    return this.#clock.isEstimated;
  }

  /** Goes back to what is not acknowledged. */
  rewind(): void {
    this.#walk.sequence = -1;
  }

  /**
   * Fills an empty queue; `text` has room for the longest JSON text of a datum. With `mustBeDated`, nothing is loaded while the
   * data's time cannot be told: then `clock` is not a number.
   */
  load(queue: Queue, text: Uint8Array, mustBeDated: boolean): LoadOutcome {
    try {
      return this.#load(queue, text, mustBeDated);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.rewind();
      queue.restart(0);
      return "failed";
    }
  }

  #load(queue: Queue, text: Uint8Array, mustBeDated: boolean): LoadOutcome {
    const walk = this.#walk;
    const { newest, flash } = this.#journal;
    // The block may have become another sector's since everything in it was acknowledged.
    if (walk.sequence <= newest - flash.status.blocks) this.rewind();
    if (walk.sequence < 0) this.#toHead();
    for (;;) {
      if (walk.sequence < 0 || !walk.look()) {
        if (queue.count > 0) return "loaded";
        if (!this.#toNextSector()) return this.#journal.count > 0 ? "unreadable" : "empty";
      } else if (walk.kind === FrameKind.data) {
        if (queue.count === 0) {
          this.clock = this.#clock.find(walk);
          if (mustBeDated && Number.isNaN(this.clock)) return "undated";
          queue.restart(walk.dataBase);
        }
        if (!this.#copyFrame(queue, text)) return "loaded";
      } else {
        // Another clock or another boot holds for what follows.
        if (queue.count > 0 && (walk.kind === FrameKind.clock || walk.kind === FrameKind.boot)) return "loaded";
        walk.next();
      }
    }
  }

  #toHead(): void {
    const { sequence, offset, index } = this.#journal.head;
    const walk = this.#walk;
    this.#index = index;
    if (walk.open(sequence)) while (walk.offset < offset && walk.look()) walk.next();
    else walk.sequence = -1;
  }

  #toNextSector(): boolean {
    const { head, newest } = this.#journal;
    let sequence = this.#walk.sequence < 0 ? head.sequence : this.#walk.sequence;
    while (sequence < newest) {
      sequence += 1;
      this.#index = 0;
      if (this.#walk.open(sequence)) return true;
    }
    return false;
  }

  /** False when the queue takes no more of the frame: it is full, or time goes backwards. */
  #copyFrame(queue: Queue, text: Uint8Array): boolean {
    const walk = this.#walk;
    const { window } = this.#journal;
    const datum = this.#datum;
    let position = walk.dataPosition;
    let time = walk.dataBase;
    for (let index = 0; index < walk.count; index += 1) {
      readRecord(window, position, time, datum);
      position = datum.end;
      ({ time } = datum);
      if (index < this.#index) continue;
      if (queue.count > 0 && time < queue.tail.time) return false;
      if (datum.kind === Kind.json) window.copyOut(datum.textPosition, text, datum.textLength);
      if (!queue.addDatum(datum, text)) return false;
      this.#index = index + 1;
    }
    walk.next();
    this.#index = 0;
    return true;
  }
}
