// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { Flash, LogSink, Milliseconds } from "../core/ports.js";
import { DoubtfulFrame } from "./doubtful-frame.js";
import { FlashWindow } from "./flash-window.js";
import { JournalHead } from "./journal-head.js";
import { type JournalPlace, maxBlockLength, maxBlocks, minBlockLength, minBlocks } from "./journal-layout.js";
import { JournalWriter } from "./journal-writer.js";
import type { KeyTable } from "./key-table.js";
import type { Place } from "./ledger.js";
import type { Queue, WhenFull } from "./queue.js";
import { SectorWalk } from "./sector-walk.js";
import type { SourceTable } from "./source-table.js";

export interface JournalOptions {
  readonly flash: Flash;
  readonly keys: KeyTable;
  /** Undefined where data are never of sub-devices. */
  readonly sources: SourceTable | undefined;
  readonly log: LogSink;
  /** Counts what the flash could not do. */
  readonly failures: FailureLog;
  readonly whenFull: WhenFull;
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
  readonly #whenFull: WhenFull;
  readonly #walk: SectorWalk;
  readonly #head: JournalHead;
  #count = 0;
  /** Data that were ever written, modulo 2^32. */
  #total = 0;
  #stored = 0;
  #recovered = 0;
  /** Blocks behind the newest sector that failed. */
  #skipped = 0;
  readonly #doubtful = new DoubtfulFrame();
  /** Whether the partition is of a size that can be used. */
  readonly isFit: boolean;
  #isMounted = false;
  /** Data that were not acknowledged gave way, with all of their sector. */
  onDropped: ((sequence: number, count: number) => void) | undefined;

  /** Finds out what earlier boots have left. It does not write. */
  constructor(options: JournalOptions) {
    const { flash, keys, sources, log, failures, whenFull } = options;
    const { blocks, blockLength } = flash.status;
    this.flash = flash;
    this.window = new FlashWindow(flash);
    this.#writer = new JournalWriter(flash, this.window, keys, sources);
    this.#log = log;
    this.#failures = failures;
    this.#whenFull = whenFull;
    this.#walk = new SectorWalk(flash, this.window);
    this.#head = new JournalHead(this.#walk, blockLength);
    this.isFit =
      blocks >= minBlocks && blocks <= maxBlocks && blockLength >= minBlockLength && blockLength <= maxBlockLength;
    if (this.isFit) this.mount();
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
    this.#head.settle(this.newest);
    return this.#head.place;
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
    if (!this.mount()) return 0;
    let count = 0;
    try {
      if (this.#doubtful.isThere) count = this.#settleDoubt(from);
      if (count === 0 && this.#writer.isOpen && this.#keepReserve()) count = this.#writer.data(queue, from, limit);
      if (count === 0 && this.#openNext(1)) count = this.#writer.data(queue, from, limit);
    } catch (error) {
      // What was written although the flash said no lies there, and may not be written again.
      const { isOpen, sequence, offset } = this.#writer;
      if (isOpen) this.#doubtful.note(sequence, offset, from.position);
      this.#onFailed(error);
      if (isOpen) count = this.#tryToSettleDoubt(from);
    }
    this.#add(count);
    this.#stored += count;
    return count;
  }

  #tryToSettleDoubt(from: Readonly<Place>): number {
    try {
      return this.#settleDoubt(from);
    } catch (error) {
      this.#onUnreadable(error);
      return 0;
    }
  }

  /** Looks whether what was written last is there. Those data are returned that begin at a place in the queue. Throws `DeviceError`. */
  #settleDoubt(from: Readonly<Place>): number {
    const count = this.#doubtful.settle(this.#walk);
    this.#head.forget();
    if (this.#doubtful.isOf(from.position)) return count;
    // The queue is rid of them meanwhile. They are read like those of an earlier boot.
    this.#recovered += count;
    this.#add(count);
    return 0;
  }

  #add(count: number): void {
    this.#count += count;
    this.#total = (this.#total + count) >>> 0;
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
    try {
      this.#head.advance(count, this.newest);
    } catch (error) {
      // The sector that is written has nothing to do with it: taking another one each time would use up the journal.
      this.#onUnreadable(error);
      return;
    }
    // Where the last block has to last, not every step is worth a frame.
    if (this.#freeBehind(this.newest) > 0 || this.#count === 0 || this.#head.isDue(this.#writer.offset))
      this.#storeHead();
  }

  /** Gives up what is left: it cannot be read any more. Returns how many data that were. */
  abandon(): number {
    const count = this.#count;
    this.#failures.add("storage-failed", `journal: ${count} data cannot be read`);
    // What cannot be read may be in the newest sector, and what is appended to that would be behind it.
    this.#writer.close();
    this.acknowledge(count);
    return count;
  }

  #storeHead(): void {
    try {
      if (!(this.#tell() || this.#openNext(0)))
        this.#failures.add("queue-full", "journal: no room for what is acknowledged");
    } catch (error) {
      this.#onFailed(error);
    }
  }

  /** Stores the head in the newest sector. False when that has no room. */
  #tell(): boolean {
    if (!this.#writer.acknowledge(this.#head.place)) return false;
    this.#head.noteStored();
    return true;
  }

  /** A flash operation failed while the newest sector was written. Throws what is no such failure. */
  #onFailed(error: unknown): void {
    this.#writer.close();
    this.#onUnreadable(error);
  }

  /** A flash operation failed. Throws what is no such failure. */
  #onUnreadable(error: unknown): void {
    if (!(error instanceof DeviceError)) throw error;
    this.#head.forget();
    this.#failures.add(error.reason, `journal: ${error.message}`);
  }

  /** Tries once more what could not be read at the start. False while it cannot, or where the partition is of no use. */
  mount(): boolean {
    if (this.#isMounted || !this.isFit) return this.#isMounted;
    try {
      this.#findEnds();
      this.#isMounted = true;
      this.#log.write("info", "telemetry.journal", `${this.#count} data from before, boot ${this.#writer.boot}`);
    } catch (error) {
      this.#onFailed(error);
    }
    return this.#isMounted;
  }

  /** Finds the newest sector, the end of what it holds, and what is acknowledged. */
  #findEnds(): void {
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
    Object.assign(this.#head.place, walk.acknowledged);
    this.#writer.resume(newest, walk.resumeOffset, walk.boot + 1);
    if (this.#head.place.sequence <= newest - blocks) this.#head.moveTo(newest - blocks + 1);
    this.#total = walk.total;
    this.#count = (this.#total - this.#head.total(newest)) >>> 0;
    this.#recovered = this.#count;
  }

  /** Begins another sector that leaves at least `free` blocks. */
  #openNext(free: number): boolean {
    // Data give way for one block, not for one after the other that fails.
    if (this.#freeBehind(this.#next) < free) this.#skipped = 0;
    if (!this.#keepFree(free, this.#next)) return false;
    const next = this.#next;
    if (this.#count === 0) this.#head.moveTo(next);
    this.#skipped += 1;
    this.#writer.open(next, this.#head.place, this.#total);
    this.#head.noteStored();
    this.#skipped = 0;
    return true;
  }

  /** Makes sure that acknowledgements have another block than the newest. False where nothing may give way for that. */
  #keepReserve(): boolean {
    const { sequence } = this.#head.place;
    if (!this.#keepFree(1, this.newest)) return false;
    // What gave way is not to come back.
    if (this.#head.place.sequence === sequence) return true;
    return this.#tell();
  }

  /** Sector that is begun next. */
  get #next(): number {
    return this.#writer.sequence + 1 + this.#skipped;
  }

  /** Lets the oldest data give way until `free` blocks are left behind a sector. False where they may not. */
  #keepFree(free: number, last: number): boolean {
    this.#head.settle(this.newest);
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
    return this.#count === 0 ? Math.max(0, this.newest) : this.#head.place.sequence;
  }

  #dropOldest(): void {
    const { sequence } = this.#head.place;
    const count = this.#head.rest;
    this.#head.moveTo(sequence + 1);
    this.#count -= count;
    this.#failures.add("queue-full", `journal: ${count} data gave way`);
    this.onDropped?.(sequence, count);
  }
}
