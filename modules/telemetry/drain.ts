// SPDX-License-Identifier: Apache-2.0

import type { JsonWriter } from "../cloud/json-writer.js";
import type { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import type { Link, Participant, Publisher } from "../session/link.js";
import type { Batch } from "./batch.js";
import { type Ledger, move, type Place } from "./ledger.js";
import type { Queue } from "./queue.js";
import type { UptimeClock } from "./uptime-clock.js";

/** How often the clock is looked at while data wait for it. */
const clockPollPeriod: Milliseconds = 250;

const never = Number.POSITIVE_INFINITY;

export interface DrainOptions {
  readonly clock: Clock;
  readonly log: LogSink;
  readonly link: Link;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly batch: Batch;
  readonly writer: JsonWriter;
  readonly topic: string;
  readonly wallClock: UptimeClock;
  /** Counts the data that no message can carry. */
  readonly refusals: FailureLog;
  readonly maxCount: number;
  readonly maxAge: Milliseconds;
  /** How long a live session is kept waiting for the wall clock before data go without their time. */
  readonly clockPatience: Milliseconds;
}

/**
 * Carries the queue to the server: QoS 1, oldest first, a few batches under way at once. Data leave the queue when they are
 * acknowledged and not before; what a session took with it is published again in the next one, before anything new.
 * It publishes from timers and from the link's callbacks, never inside `onAdded` or `flush`.
 */
export class Drain implements Participant, Publisher {
  readonly #options: DrainOptions;
  readonly #timer: Timer;
  readonly #patienceTimer: Timer;
  readonly #next: Place = { position: 0, time: 0 };
  readonly #release: (end: Readonly<Place>, count: number) => void;
  /** Behind the newest datum that was ever published: what lies before it may have reached the server. */
  #publishedUpTo = 0;
  /** Everything before this position is due, whatever its age. */
  #dueUpTo = 0;
  /** When the timer runs out: not at all, when something is old enough, or in the next turn. */
  #armed: "no" | "later" | "soon" = "no";
  /** Nothing can be sent until the link or the clock says so. */
  #isBlocked = true;
  #isOutOfPatience = false;
  #delivered = 0;
  #dropped = 0;
  #refused = 0;
  #undated = 0;
  #batches = 0;

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#timer = options.clock.timer(() => this.#pump());
    this.#patienceTimer = options.clock.timer(() => this.#onPatience());
    this.#release = (end, count) => options.queue.release(end, count);
    options.link.join(this);
  }

  /** Data the server acknowledged. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Data that gave way while they were under way, and were lost there. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Data that no message could ever carry. */
  get refused(): number {
    return this.#refused;
  }

  /** Data that were published without a time of their own. */
  get undated(): number {
    return this.#undated;
  }

  /** Messages published, repetitions included. */
  get batches(): number {
    return this.#batches;
  }

  /** Data in the queue that are neither under way nor delivered. */
  get waiting(): number {
    return this.#options.queue.count - this.#options.ledger.kept;
  }

  /** A datum was added. */
  onAdded(): void {
    if (this.#isBlocked || this.#armed === "soon") return;
    if (this.waiting >= this.#maxCount) this.#arm("soon", 0);
    else if (this.#armed === "no") this.#arm("later", this.#options.maxAge);
  }

  /** Makes everything in the queue due. */
  flush(): void {
    this.#dueUpTo = this.#options.queue.tail.position;
    if (!this.#isBlocked) this.#arm("soon", 0);
  }

  onOpen(): void {
    this.#isOutOfPatience = false;
    this.#dueUpTo = this.#options.queue.tail.position;
    this.#pump();
  }

  onLive(): void {
    if (!this.#options.wallClock.isKnown) this.#patienceTimer.start(this.#options.clockPatience);
  }

  onClosed(): void {
    this.#isBlocked = true;
    this.#timer.stop();
    this.#patienceTimer.stop();
  }

  onRoom(): void {
    this.#pump();
  }

  onAcknowledged(token: number): void {
    const { ledger, queue } = this.#options;
    this.#delivered += Math.max(0, ledger.acknowledge(token));
    ledger.settle(queue.head, this.#release);
    this.#pump();
  }

  onLost(token: number): void {
    const { ledger, queue } = this.#options;
    this.#dropped += ledger.forget(token);
    ledger.settle(queue.head, this.#release);
  }

  get #maxCount(): number {
    return Math.min(this.#options.maxCount, this.#options.link.maxDataPoints);
  }

  #onPatience(): void {
    if (this.#options.wallClock.isKnown) return;
    this.#isOutOfPatience = true;
    this.#options.log.write("warning", "telemetry.undated", "the server stamps the data", "time-unavailable");
    this.#pump();
  }

  #arm(armed: "later" | "soon", delay: Milliseconds): void {
    this.#armed = armed;
    this.#timer.start(delay);
  }

  /** Sends what is due and what there is room for, and arms the timer for what will be. */
  #pump(): void {
    const { link, ledger, wallClock } = this.#options;
    if (!link.isOpen) return;
    this.#armed = "no";
    this.#isBlocked = !wallClock.isKnown && !this.#isOutOfPatience;
    if (this.#isBlocked) {
      this.#timer.start(clockPollPeriod);
      return;
    }
    for (let wait = this.#wait(); wait < never; wait = this.#wait()) {
      if (wait > 0) {
        this.#arm("later", wait);
        return;
      }
      this.#isBlocked = ledger.isFull || !this.#publishNext();
      if (this.#isBlocked) return;
    }
  }

  /** Time until the oldest waiting datum is due; also finds where it is. */
  #wait(): Milliseconds {
    const { queue, ledger, batch, wallClock, maxAge } = this.#options;
    const { waiting } = this;
    if (waiting === 0) return never;
    move(this.#next, queue.head);
    ledger.advance(this.#next);
    if (waiting >= this.#maxCount || this.#next.position < Math.max(this.#dueUpTo, this.#publishedUpTo)) return 0;
    return Math.max(0, maxAge - (wallClock.uptime() - batch.timeAt(this.#next)));
  }

  /** One batch from `#next` on. False when the link has no room for it. */
  #publishNext(): boolean {
    const { queue, ledger, batch, link } = this.#options;
    const isRepetition = this.#next.position < this.#publishedUpTo;
    const newest = isRepetition ? this.#publishedUpTo : queue.tail.position;
    const limit = Math.min(ledger.advance(this.#next), newest);
    batch.build(this.#next, limit, this.#maxCount, link.maxPayload);
    if (batch.count === 0) this.#refuse();
    else if (!this.#publish(isRepetition)) return false;
    this.#publishedUpTo = Math.max(this.#publishedUpTo, batch.end.position);
    return true;
  }

  #publish(isRepetition: boolean): boolean {
    const { link, ledger, batch, writer, topic } = this.#options;
    const { count } = batch;
    // Noted before, so that it is known whenever its fate is told.
    const token = ledger.add(this.#next, batch.end, count);
    if (!link.publish(topic, writer.bytes, writer.byteLength, this, token, isRepetition, count)) {
      ledger.forget(token);
      return false;
    }
    this.#batches += 1;
    if (!batch.isDated) this.#undated += count;
    return true;
  }

  /** The datum does not fit into any message: it is taken for delivered, so that those behind it get through. */
  #refuse(): void {
    const { batch, queue, ledger, refusals } = this.#options;
    this.#refused += 1;
    refusals.add("value-refused", `${batch.keyAt(this.#next)}: larger than the largest message`);
    move(batch.end, this.#next);
    batch.skip(batch.end);
    ledger.acknowledge(ledger.add(this.#next, batch.end, 1));
    ledger.settle(queue.head, this.#release);
  }
}
