// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { Flash, LogSink, Milliseconds } from "../core/ports.js";
import { FlashWindow } from "./flash-window.js";
import {
  FrameKind,
  type JournalPlace,
  maxBlockLength,
  minBlockLength,
  minBlocks,
  sectorHeaderLength,
} from "./journal-layout.js";
import { JournalWriter } from "./journal-writer.js";
import type { KeyTable } from "./key-table.js";
import type { Place } from "./ledger.js";
import type { Queue } from "./queue.js";
import { SectorWalk } from "./sector-walk.js";

export type WhenJournalFull = "drop-oldest" | "drop-newest";

export interface JournalOptions {
  readonly flash: Flash;
  readonly keys: KeyTable;
  readonly log: LogSink;
  /** Counts what the flash could not do. */
  readonly failures: FailureLog;
  readonly whenFull: WhenJournalFull;
}

/**
 * Data that outlive a power cut: an append-only log in a flash partition, laid out as `journal-layout.ts` says. What `append`
 * has returned is stored; what `acknowledge` has returned is not read again. Power may go at any moment.
 * One block is kept free, so that acknowledgements can be stored however full it is. When the others are full, the block of the
 * oldest data is given up ("drop-oldest") or nothing more is taken ("drop-newest").
 * A flash that fails is counted; then nothing is taken, and the next block that is free is tried at the next append.
 */
export class Journal {
  readonly flash: Flash;
  readonly window: FlashWindow;
  readonly #writer: JournalWriter;
  readonly #log: LogSink;
  readonly #failures: FailureLog;
  readonly #whenFull: WhenJournalFull;
  readonly #walk: SectorWalk;
  /** What is not acknowledged begins here. */
  readonly #head: JournalPlace = { sequence: 0, offset: sectorHeaderLength, index: 0 };
  /** Data that were acknowledged while the flash could not be read, so that the head is not behind them. */
  #owed = 0;
  #count = 0;
  #stored = 0;
  #recovered = 0;
  /** Blocks behind the newest sector that failed. */
  #skipped = 0;
  readonly #isFit: boolean;
  #isMounted = false;
  /** Data that were not acknowledged gave way, with all of their sector. */
  onDropped: ((sequence: number, count: number) => void) | undefined;

  /** Finds out what earlier boots have left. It does not write. */
  constructor(options: JournalOptions) {
    const { flash, keys, log, failures, whenFull } = options;
    const { blocks, blockLength } = flash.status;
    this.flash = flash;
    this.window = new FlashWindow(flash);
    this.#writer = new JournalWriter(flash, this.window, keys);
    this.#log = log;
    this.#failures = failures;
    this.#whenFull = whenFull;
    this.#walk = new SectorWalk(flash, this.window);
    this.#isFit = blocks >= minBlocks && blockLength >= minBlockLength && blockLength <= maxBlockLength;
    if (this.#isFit) this.#tryToMount();
    else failures.add("storage-failed", `journal: ${blocks} blocks of ${blockLength} bytes do not do`);
  }

  /** Data that are not acknowledged. */
  get count(): number {
    return this.#count;
  }

  /** Data appended since construction. */
  get stored(): number {
    return this.#stored;
  }

  /** Data that earlier boots left. */
  get recovered(): number {
    return this.#recovered;
  }

  /** What is not acknowledged begins here, or behind this. Throws `DeviceError` where that had to be looked for in vain. */
  get head(): Readonly<JournalPlace> {
    if (this.#owed > 0) this.#advance();
    return this.#head;
  }

  /** Of the newest sector. */
  get newest(): number {
    return this.#writer.sequence;
  }

  /** Number of this boot. */
  get boot(): number {
    return this.#writer.boot;
  }

  /** Wall-clock time of this boot's uptime 0, not a number while unknown. */
  get clock(): Milliseconds {
    return this.#writer.clock;
  }

  /** Behind the last datum that was appended, in the queue it came from. */
  get end(): Readonly<Place> {
    return this.#writer.end;
  }

  /** Stores data of a queue, from a place to before the position `limit`, as many as one frame takes. Returns how many; 0 for a refusal. */
  append(queue: Queue, from: Readonly<Place>, limit: number): number {
    if (!this.#isMounted && !(this.#isFit && this.#tryToMount())) return 0;
    let count = 0;
    try {
      // What acknowledgements have begun in the last free block takes no data.
      if (this.#writer.isOpen && this.#keepFree(1, this.#writer.sequence))
        count = this.#writer.data(queue, from, limit);
      if (count === 0 && this.#openNext(1)) count = this.#writer.data(queue, from, limit);
    } catch (error) {
      const { isOpen } = this.#writer;
      this.#onFailed(error);
      if (isOpen) count = this.#salvage();
    }
    this.#count += count;
    this.#stored += count;
    return count;
  }

  /** The wall-clock time of this boot's uptime 0 is known, or was corrected: that of data stored before it becomes known, too. */
  setClock(clock: Milliseconds): void {
    try {
      if (!this.#writer.setClock(clock)) this.#openNext(0);
    } catch (error) {
      this.#onFailed(error);
    }
  }

  /** The server has the `count` oldest data. */
  acknowledge(count: number): void {
    this.#count -= count;
    this.#owed += count;
    try {
      this.#advance();
      if (this.#writer.acknowledge(this.#head) || this.#openNext(0)) return;
      this.#failures.add("queue-full", "journal: no room for what is acknowledged");
    } catch (error) {
      this.#onFailed(error);
    }
  }

  /** Gives up what is left: it cannot be read any more. Returns how many data that were. */
  abandon(): number {
    const count = this.#count;
    this.#failures.add("storage-failed", `journal: ${count} data cannot be read`);
    this.acknowledge(count);
    // What cannot be read may be in the newest sector, and what is appended would be behind it.
    this.#writer.close();
    return count;
  }

  /** A flash operation failed. Throws what is no such failure. */
  #onFailed(error: unknown): void {
    if (!(error instanceof DeviceError)) throw error;
    this.#writer.close();
    this.#walk.sequence = -1;
    this.#failures.add(error.reason, `journal: ${error.message}`);
  }

  /** Data that lie intact in the flash although writing them failed: they will be read, so they count. */
  #salvage(): number {
    const walk = this.#walk;
    try {
      if (!walk.open(this.#writer.sequence)) return 0;
      while (walk.offset < this.#writer.offset && walk.look()) walk.next();
      const isThere = walk.offset === this.#writer.offset && walk.look() && walk.kind === FrameKind.data;
      return isThere ? walk.count : 0;
    } catch (error) {
      this.#onFailed(error);
      return 0;
    } finally {
      walk.sequence = -1;
    }
  }

  #tryToMount(): boolean {
    try {
      this.#mount();
      this.#isMounted = true;
      this.#log.write("info", "telemetry.journal", `${this.#count} data from before, boot ${this.#writer.boot}`);
    } catch (error) {
      this.#onFailed(error);
    }
    return this.#isMounted;
  }

  #mount(): void {
    const walk = this.#walk;
    const { blocks } = this.flash.status;
    let newest = -1;
    for (let block = 0; block < blocks; block += 1) {
      if (walk.openBlock(block)) newest = Math.max(newest, walk.sequence);
    }
    if (newest < 0 || !walk.open(newest)) {
      this.#writer.resume(-1, 0, 1);
      return;
    }
    while (walk.look()) walk.next();
    Object.assign(this.#head, walk.acknowledged);
    this.#writer.resume(newest, walk.resumeOffset, walk.boot + 1);
    if (this.#head.sequence <= newest - blocks) this.#headTo(newest - blocks + 1);
    this.#count = this.#countBehindHead(newest);
    this.#recovered = this.#count;
  }

  #countBehindHead(last: number): number {
    const walk = this.#walk;
    let count = 0;
    for (let sequence = this.#head.sequence; sequence <= last; sequence += 1) {
      if (!walk.open(sequence)) continue;
      const isFirst = sequence === this.#head.sequence;
      for (; walk.look(); walk.next()) {
        if (walk.kind !== FrameKind.data || (isFirst && walk.offset < this.#head.offset)) continue;
        count += walk.count;
        if (isFirst && walk.offset === this.#head.offset) count -= this.#head.index;
      }
    }
    // Begin anew at the head, wherever the counting ended.
    walk.sequence = -1;
    return count;
  }

  #headTo(sequence: number): void {
    this.#head.sequence = sequence;
    this.#head.offset = sectorHeaderLength;
    this.#head.index = 0;
  }

  #advance(): void {
    const walk = this.#walk;
    const head = this.#head;
    while (this.#seekData() && this.#owed > 0) {
      const left = walk.count - head.index;
      if (this.#owed < left) {
        head.index += this.#owed;
        break;
      }
      walk.next();
      this.#owed -= left;
      head.index = 0;
      head.offset = walk.offset;
    }
    this.#owed = 0;
  }

  /** Moves the head to the next data frame, so that sectors without any are free. False at the end of the journal. */
  #seekData(): boolean {
    const walk = this.#walk;
    const head = this.#head;
    if (walk.sequence !== head.sequence && walk.open(head.sequence))
      while (walk.offset < head.offset && walk.look()) walk.next();
    for (;;) {
      while (walk.sequence === head.sequence && walk.look()) {
        if (walk.kind === FrameKind.data) return true;
        walk.next();
        head.offset = walk.offset;
      }
      if (head.sequence >= this.#writer.sequence) return false;
      this.#headTo(head.sequence + 1);
      walk.open(head.sequence);
    }
  }

  /** Begins another sector that leaves at least `free` blocks. */
  #openNext(free: number): boolean {
    // Data give way for one block, not for one after the other that fails.
    if (this.#freeBehind(this.#next) < free) this.#skipped = 0;
    if (!this.#keepFree(free, this.#next)) return false;
    const next = this.#next;
    if (this.#count === 0) this.#headTo(next);
    this.#skipped += 1;
    this.#writer.open(next, this.#head);
    this.#skipped = 0;
    return true;
  }

  /** Sector that is begun next. */
  get #next(): number {
    return this.#writer.sequence + 1 + this.#skipped;
  }

  /** Lets the oldest data give way until `free` blocks are left behind a sector. False where they may not. */
  #keepFree(free: number, last: number): boolean {
    if (this.#owed > 0) this.#advance();
    while (this.#freeBehind(last) < free) {
      if (free === 0 || this.#whenFull === "drop-newest") return false;
      this.#dropOldest();
    }
    return true;
  }

  #freeBehind(last: number): number {
    return this.flash.status.blocks - (last - this.#oldest + 1);
  }

  get #oldest(): number {
    return this.#count === 0 ? Math.max(0, this.#writer.sequence) : this.#head.sequence;
  }

  #dropOldest(): void {
    const { sequence } = this.#head;
    const count = this.#countBehindHead(sequence);
    this.#headTo(sequence + 1);
    this.#count -= count;
    this.#failures.add("queue-full", `journal: ${count} data gave way`);
    this.onDropped?.(sequence, count);
  }
}
