// SPDX-License-Identifier: Apache-2.0

import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import type { Account } from "./account.js";
import type { Journal } from "./journal.js";
import { type Ledger, move, type Place } from "./ledger.js";
import type { Queue } from "./queue.js";
import { Datum } from "./record.js";
import { ownSource } from "./source-table.js";
import type { UptimeClock } from "./uptime-clock.js";

/** A server that answers at all does so within a few round trips; what it has not acknowledged for so much longer is stored. */
const patienceWhileOpen = 5;

/** A journal that takes nothing is tried again this often at the most. */
const retryPause: Milliseconds = 1_000;

export interface SpillOptions {
  readonly clock: Clock;
  readonly log: LogSink;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly wallClock: UptimeClock;
  readonly account: Account;
  /** How long a datum waits for the server in RAM, while there is no session. */
  readonly storeAfter: Milliseconds;
  /** How long a datum waits for company in its message. */
  readonly maxAge: Milliseconds;
  /** How long it waits for the wall clock while there is a session. */
  readonly clockPatience: Milliseconds;
  /** Whether there is a session. */
  readonly isOpen: () => boolean;
  /** Whether the session takes nothing of sub-devices, but data of the device itself; undefined where there are none. */
  readonly isHeldUp: (() => boolean) | undefined;
}

/** Moves data that wait too long from the queue to the journal, oldest first. What is under way stays until its fate is known. */
export class Spill {
  readonly #options: SpillOptions;
  readonly #timer: Timer;
  readonly #place: Place = { position: 0, time: 0 };
  readonly #datum = new Datum();
  #isArmed = false;
  #isOverdue = false;

  constructor(options: SpillOptions) {
    this.#options = options;
    this.#timer = options.clock.timer(() => this.#onTimer());
    options.queue.onFull = () => this.#relieve();
  }

  /** A datum was added. */
  onAdded(): void {
    if (!this.#isArmed) this.#arm(this.#patience);
  }

  /** Data have waited too long behind what is under way: before anything else is published, that has to be answered and they stored. */
  get isOverdue(): boolean {
    return this.#isOverdue;
  }

  /** The session is over: what was under way waits again, and less patiently. */
  onClosed(): void {
    this.#isArmed = false;
    this.#isOverdue = false;
    this.#timer.stop();
    if (this.#options.queue.count > 0) this.#arm(this.#wait());
  }

  /**
   * Stores what waits, but for the device's own data that have not waited too long and go as soon as those of sub-devices that are
   * held up before them are out of the way. False when the journal does not take all of it.
   */
  storeWaiting(): boolean {
    return this.store(this.#options.isHeldUp?.() === true ? this.#firstYoung() : Number.POSITIVE_INFINITY);
  }

  /** Stores everything before a position that is not under way. False when the journal does not take all of it. */
  store(end = Number.POSITIVE_INFINITY): boolean {
    const { queue, ledger, journal, log } = this.#options;
    const before = journal.stored;
    this.#stateClock();
    this.#isOverdue = false;
    let isTaken = true;
    while (isTaken && queue.count > 0 && queue.head.position < end && !this.#isHeadUnderWay) {
      const limit = Math.min(ledger.advance(this.#place), queue.tail.position, end);
      const count = journal.append(queue, queue.head, limit);
      isTaken = count > 0;
      if (isTaken) queue.release(journal.end, count);
      ledger.settle(queue);
    }
    const stored = journal.stored - before;
    if (stored > 0) log.write("info", "telemetry.stored", `${stored} data, ${journal.count} in the journal`);
    return isTaken;
  }

  /** The queue is full: what is under way is stored too, and thereby sent twice. */
  #relieve(): void {
    const { queue, ledger } = this.#options;
    ledger.settle(queue);
    while (queue.count > 0) {
      const isTaken = this.#isHeadUnderWay ? this.#storeFirst() : this.store();
      if (!isTaken) return;
    }
  }

  /** Stores what is under way at the head, which is not given up before it is stored. False when the journal does not take it. */
  #storeFirst(): boolean {
    const { queue, ledger, journal, account } = this.#options;
    this.#stateClock();
    const count = journal.append(queue, queue.head, ledger.firstEnd);
    if (count === 0) return false;
    account.dropped += ledger.abandonFirst();
    queue.release(journal.end, count);
    ledger.settle(queue);
    return true;
  }

  /** The journal is to date what it gets as the server is told. */
  #stateClock(): void {
    const { journal, wallClock } = this.#options;
    const clock = wallClock.epoch(0);
    if (clock !== undefined) journal.setClock(clock);
  }

  get #isHeadUnderWay(): boolean {
    const { queue, ledger } = this.#options;
    move(this.#place, queue.head);
    ledger.advance(this.#place);
    return this.#place.position > queue.head.position;
  }

  get #patience(): Milliseconds {
    const { storeAfter, maxAge, clockPatience, wallClock, isOpen } = this.#options;
    if (!isOpen()) return storeAfter;
    // What waits for the clock goes by itself in the end; in the journal it would wait far longer.
    const atLeast = (wallClock.isKnown ? 0 : clockPatience) + maxAge + storeAfter;
    return Math.max(storeAfter * patienceWhileOpen, atLeast);
  }

  /** Time until the oldest datum that is not under way has waited too long. */
  #wait(): Milliseconds {
    const { queue, ledger, wallClock } = this.#options;
    move(this.#place, queue.head);
    ledger.advance(this.#place);
    if (this.#place.position >= queue.tail.position) return this.#patience;
    queue.read(this.#place, this.#datum);
    return Math.max(0, this.#patience - (wallClock.uptime() - this.#datum.time));
  }

  /** Where the first datum of the device itself lies that has not waited too long. */
  #firstYoung(): number {
    const { queue, wallClock } = this.#options;
    const datum = this.#datum;
    const oldest = wallClock.uptime() - this.#patience;
    move(this.#place, queue.head);
    while (this.#place.position < queue.tail.position) {
      queue.read(this.#place, datum);
      if (datum.source === ownSource && datum.time > oldest) break;
      this.#place.position = datum.end;
      this.#place.time = datum.time;
    }
    return this.#place.position;
  }

  #onTimer(): void {
    this.#isArmed = false;
    if (this.#options.queue.count === 0) return;
    const wait = this.#wait();
    if (wait > 0) {
      this.#arm(wait);
      return;
    }
    const isTaken = this.storeWaiting();
    if (this.#options.queue.count === 0) return;
    this.#isOverdue = isTaken && this.#wait() <= 0;
    this.#arm(Math.max(retryPause, this.#patience));
  }

  #arm(delay: Milliseconds): void {
    this.#isArmed = true;
    this.#timer.start(delay);
  }
}
