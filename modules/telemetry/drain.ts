// SPDX-License-Identifier: Apache-2.0

import type { JsonWriter } from "../cloud/json-writer.js";
import type { Reason } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import type { Link, Participant, Publisher } from "../session/link.js";
import type { Backlog, PublishOutcome } from "./backlog.js";
import type { Batch } from "./batch.js";
import { Bisection } from "./bisection.js";
import { type Ledger, move, type Place } from "./ledger.js";
import type { Queue } from "./queue.js";
import type { Spill } from "./spill.js";
import { Trial } from "./trial.js";
import type { UptimeClock } from "./uptime-clock.js";

/** How often the clock is looked at while data wait for it. */
const clockPollPeriod: Milliseconds = 250;

/** The journal keeps its data, so that they can wait longer for their time than those in the queue. */
const backlogPatience: Milliseconds = 600_000;

/** More than this cannot be made up for, so that a backlog that was held up does not hold up the queue in its turn. */
const wholeClaim = 100;

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
  /** Where data go that wait too long; undefined where there is no journal. */
  readonly spill: Spill | undefined;
  readonly backlog: Backlog | undefined;
  /** Share of the messages that the backlog gets while new data compete for them, and of the server's limits that it may use up, above 0 to 1. */
  readonly backlogShare: number;
}

/**
 * Carries the queue to the server: QoS 1, oldest first, a few batches under way at once; and behind it the backlog of the journal,
 * one batch at a time. Data leave the queue when they are acknowledged and not before; what a session took with it is published
 * again in the next one, before anything new. It publishes from timers and from the link's callbacks, never inside `onAdded`,
 * `hurry` or `flush`.
 */
export class Drain implements Participant, Publisher {
  readonly #options: DrainOptions;
  readonly #timer: Timer;
  readonly #patienceTimer: Timer;
  readonly #trial: Trial;
  readonly #bisection = new Bisection();
  /** What is to be published next, and the oldest datum that waits: another one where something goes ahead of its turn. */
  readonly #next: Place = { position: 0, time: 0 };
  readonly #oldest: Place = { position: 0, time: 0 };
  /** The oldest and the newest sample that go ahead of everything before them, and so does what lies between them. */
  readonly #urgent: Place = { position: -1, time: 0 };
  #newestUrgent = -1;
  /** What was last published ahead of its turn. */
  #aheadFrom = 0;
  #aheadUpTo = 0;
  /** The oldest batch that the last session took with it. */
  readonly #lost: Place = { position: 0, time: 0 };
  #lostEnd = 0;
  #lostCount = 0;
  readonly #release: (end: Readonly<Place>, count: number) => void;
  /** Behind the newest datum that was published in its turn: what lies before it may have reached the server. */
  #publishedUpTo = 0;
  /** Everything before this position is due, whatever its age. */
  #dueUpTo = 0;
  /** When the timer runs out: not at all, when something is old enough, or in the next turn. */
  #armed: "no" | "later" | "soon" = "no";
  /** Nothing can be sent until the link or the clock says so. */
  #isBlocked = true;
  #isOutOfPatience = false;
  #isBacklogOutOfPatience = false;
  /** What a message of the queue's adds to the backlog's claim, what one of its own takes off, and where it stands. */
  readonly #claimGrowth: number;
  readonly #claimCost: number;
  #claim = 0;
  /** Whose suspects were tried last. */
  #triesBacklog = false;
  #delivered = 0;
  #dropped = 0;
  #refused = 0;
  #quarantined = 0;
  #undated = 0;
  #batches = 0;
  /** A datum that the server ends sessions for was given up. */
  onQuarantined: ((key: string, ts: number | undefined) => void) | undefined;

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#timer = options.clock.timer(() => this.#pump());
    this.#patienceTimer = options.clock.timer(() => this.#onPatience());
    this.#trial = new Trial(options.clock, () => this.#pump());
    // In whole percent, so that no rounding adds up.
    this.#claimGrowth = Math.round(options.backlogShare * wholeClaim);
    this.#claimCost = Math.max(1, wholeClaim - this.#claimGrowth);
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

  /** Data that the server ended sessions for. */
  get quarantined(): number {
    return this.#quarantined;
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
    this.#options.spill?.onAdded();
    if (this.#isBlocked || this.#armed === "soon") return;
    if (this.waiting >= this.#maxCount) this.#arm("soon", 0);
    else if (this.#armed === "no") this.#arm("later", this.#options.maxAge);
  }

  /** What was added from a place on goes at once, and ahead of what was added before. */
  hurry(from: Readonly<Place>): void {
    if (!this.#seekUrgent()) move(this.#urgent, from);
    this.#newestUrgent = from.position;
    if (!this.#isBlocked) this.#arm("soon", 0);
  }

  /** Makes everything in the queue due. */
  flush(): void {
    this.#dueUpTo = this.#options.queue.tail.position;
    if (!this.#isBlocked) this.#arm("soon", 0);
  }

  /** The wall clock became known. */
  onClockKnown(): void {
    this.#arm("soon", 0);
  }

  /** The backlog's message was acknowledged. */
  onBacklogProgress(): void {
    this.#trial.onAcknowledged();
    this.#bisection.onWitness();
    this.#pump();
  }

  onOpen(): void {
    this.#isOutOfPatience = false;
    this.#isBacklogOutOfPatience = false;
    this.#dueUpTo = this.#options.queue.tail.position;
    this.#pump();
  }

  onLive(): void {
    if (!this.#options.wallClock.isKnown) this.#patienceTimer.start(this.#options.clockPatience);
    this.#trial.onLive(this.#hasSuspect);
  }

  onClosed(reason: Reason): void {
    const { backlog, spill } = this.#options;
    const { weight } = this.#trial;
    this.#isBlocked = true;
    this.#timer.stop();
    this.#patienceTimer.stop();
    this.#trial.onClosed(this.#hasSuspect);
    spill?.onClosed();
    backlog?.onClosed(reason, weight);
    this.#blame(reason, weight);
  }

  onRoom(): void {
    this.#pump();
  }

  onAcknowledged(token: number): void {
    const { ledger, backlog } = this.#options;
    this.#delivered += Math.max(0, ledger.acknowledge(token));
    this.#trial.onAcknowledged();
    this.#bisection.onWitness();
    backlog?.onWitness();
    this.#settle();
    this.#pump();
  }

  onLost(token: number): void {
    const { ledger } = this.#options;
    const range = ledger.rangeOf(token);
    if (range === undefined) return;
    // The first to be lost is the oldest.
    if (this.#lostCount === 0) {
      move(this.#lost, range.start);
      this.#lostEnd = range.end.position;
      this.#lostCount = range.count;
    }
    this.#dropped += ledger.forget(token);
    this.#settle();
  }

  get #maxCount(): number {
    return Math.min(this.#options.maxCount, this.#options.link.maxDataPoints);
  }

  get #hasSuspect(): boolean {
    const { queue, backlog } = this.#options;
    return this.#bisection.isSuspect(queue.head.position) || backlog?.isSuspect === true;
  }

  #settle(): void {
    const { queue, ledger } = this.#options;
    ledger.settle(queue.head, this.#release);
    this.#bisection.onProgress(queue.head.position);
  }

  /** Which data may have ended the session? `weight` is what that proves against them, 0 to 1. */
  #blame(reason: Reason, weight: number): void {
    const { queue, batch, wallClock } = this.#options;
    const count = this.#lostCount;
    this.#lostCount = 0;
    if (count === 0 || this.#lost.position < queue.head.position) return;
    if (!this.#bisection.onEnded(this.#lost.position, this.#lostEnd, count, reason, weight)) return;
    const key = batch.keyAt(this.#lost);
    const ts = wallClock.epoch(batch.timeAt(this.#lost));
    this.#quarantined += 1;
    move(this.#next, this.#lost);
    this.#giveUp(`ended ${reason} again and again`, "poisoned-datum");
    this.onQuarantined?.(key, ts);
  }

  #onPatience(): void {
    const { wallClock, log } = this.#options;
    if (wallClock.isKnown) return;
    if (this.#isOutOfPatience) {
      this.#isBacklogOutOfPatience = true;
    } else {
      this.#isOutOfPatience = true;
      this.#patienceTimer.start(backlogPatience);
      log.write("warning", "telemetry.undated", "the server stamps the data", "time-unavailable");
    }
    this.#pump();
  }

  #arm(armed: "later" | "soon", delay: Milliseconds): void {
    this.#armed = armed;
    this.#timer.start(delay);
  }

  /** Sends what is due and what there is room for, and arms the timer for what will be. */
  #pump(): void {
    const { link, queue, backlog, backlogShare } = this.#options;
    if (!link.isOpen) return;
    this.#armed = "no";
    // What was suspected may be in the journal by now.
    this.#bisection.onProgress(queue.head.position);
    const isTrial = this.#isQueueOnTrial || backlog?.isSuspect === true;
    if ((!isTrial || this.#trial.admitOthers()) && this.#pumpQueue()) this.#feedBacklog(1 - backlogShare);
    if (!isTrial || !this.#trial.isDue || this.#isAnyUnderWay || !this.#try()) return;
    // A suspect that no message can carry is none any more.
    if (!this.#isAnyUnderWay) this.#pump();
  }

  /** The queue's part of it. False when the link takes no more. */
  #pumpQueue(): boolean {
    this.#isBlocked = this.#isWithoutTime;
    if (this.#isBlocked) {
      this.#timer.start(clockPollPeriod);
      return true;
    }
    const { ledger, backlog } = this.#options;
    for (let wait = this.#wait(); wait < never; wait = this.#wait()) {
      if (wait > 0) {
        this.#arm("later", wait);
        return true;
      }
      this.#isBlocked = this.#isBacklogsTurn() || ledger.isFull || !this.#publishNext(this.#maxCount);
      if (this.#isBlocked) return false;
      if (backlog?.isPending === true) this.#claim = Math.min(wholeClaim, this.#claim + this.#claimGrowth);
    }
    return true;
  }

  /** Gives the backlog what it has a claim to. True when the limits do not even admit as many data as the queue would send instead. */
  #isBacklogsTurn(): boolean {
    if (this.#claim < this.#claimCost || this.#feedBacklog(0) !== "held-up") return false;
    return this.#feedBacklog(0, this.waiting) === "held-up";
  }

  /** Publishes a message of the backlog, unless that is suspected. */
  #feedBacklog(kept: number, atMost?: number): PublishOutcome {
    const { backlog } = this.#options;
    if (backlog === undefined || backlog.isSuspect) return "nothing";
    const outcome = backlog.publish(kept, !this.#isBacklogOutOfPatience, atMost);
    if (outcome === "published") this.#claim = Math.max(0, this.#claim - this.#claimCost);
    return outcome;
  }

  /** Publishes suspects of the queue and of the backlog by turns, or a witness. False when the link has no room. */
  #try(): boolean {
    const { backlog, queue } = this.#options;
    this.#triesBacklog = backlog?.isSuspect === true && !(this.#triesBacklog && this.#isQueueOnTrial);
    move(this.#next, queue.head);
    move(this.#oldest, queue.head);
    const isWitness = !this.#triesBacklog && this.#seekWitness();
    const isPublished = this.#triesBacklog
      ? backlog?.publish(0, !this.#isBacklogOutOfPatience) !== "held-up"
      : this.#publishNext(isWitness ? 1 : Math.min(this.#maxCount, this.#bisection.maxCount));
    if (isPublished && this.#isAnyUnderWay) this.#trial.onPublished(!isWitness);
    return isPublished;
  }

  /** Moves `#next` to a witness if one is needed: a datum that was never published if there is any, else the one behind the accused. */
  #seekWitness(): boolean {
    const { queue } = this.#options;
    if (!this.#bisection.lacksWitness || this.#trial.isStrict || this.#trial.isHasty) return false;
    if ((this.#skipTo(this.#publishedUpTo) || this.#skipTo(0)) && this.#hasPlaceAhead) return true;
    move(this.#next, queue.head);
    return false;
  }

  /** Moves `#next` behind the oldest datum and on to the first one from a position on that waits. False when there is none. */
  #skipTo(position: number): boolean {
    const { queue, ledger, batch } = this.#options;
    move(this.#next, queue.head);
    do batch.skip(this.#next);
    while (this.#next.position < position);
    ledger.advance(this.#next);
    return this.#next.position < queue.tail.position;
  }

  get #isAnyUnderWay(): boolean {
    const { ledger, backlog } = this.#options;
    return ledger.messages > 0 || backlog?.isUnderWay === true;
  }

  /** Whether the oldest datum of the queue is a suspect that could be published. */
  get #isQueueOnTrial(): boolean {
    return this.#bisection.isSuspect(this.#options.queue.head.position) && !this.#isWithoutTime;
  }

  /** Whether the queue still waits for the wall clock. */
  get #isWithoutTime(): boolean {
    return !this.#options.wallClock.isKnown && !this.#isOutOfPatience;
  }

  /** Time until the oldest waiting datum, or an urgent one, is due; also finds where it is. */
  #wait(): Milliseconds {
    const { queue, ledger, batch, wallClock, maxAge } = this.#options;
    const { waiting } = this;
    if (waiting === 0) return never;
    move(this.#oldest, queue.head);
    ledger.advance(this.#oldest);
    const isUrgent = this.#seekUrgent();
    if (isUrgent && this.#hasPlaceAhead) return 0;
    move(this.#next, this.#oldest);
    const { position } = this.#next;
    if (this.#bisection.isSuspect(position)) return never;
    if (isUrgent || waiting >= this.#maxCount || position < Math.max(this.#dueUpTo, this.#publishedUpTo)) return 0;
    return Math.max(0, maxAge - (wallClock.uptime() - batch.timeAt(this.#next)));
  }

  /** Moves `#next` to the first urgent datum that waits. False when there is none, or it has to wait for its trial. */
  #seekUrgent(): boolean {
    const { queue, ledger } = this.#options;
    const { head } = queue;
    if (this.#newestUrgent < head.position) return false;
    move(this.#next, this.#urgent.position < head.position ? head : this.#urgent);
    ledger.advance(this.#next);
    return this.#next.position <= this.#newestUrgent && !this.#bisection.isSuspect(this.#next.position);
  }

  /**
   * Whether the data at `#next` may go ahead of their turn: the head of the queue needs a place in the ledger, or it would never
   * move on.
   */
  get #hasPlaceAhead(): boolean {
    const { ledger, queue } = this.#options;
    if (ledger.isFull) return false;
    if (this.#oldest.position > queue.head.position) return true;
    const token = ledger.add(this.#next, this.#next, 0);
    const hasPlace = !ledger.isFull;
    ledger.forget(token);
    return hasPlace;
  }

  /** One batch from `#next` on. False when the link has no room for it. */
  #publishNext(maxCount: number): boolean {
    const { ledger, batch, link } = this.#options;
    const { position } = this.#next;
    const limit = Math.min(ledger.advance(this.#next), this.#endOfKind(position));
    const isSuspect = this.#bisection.isSuspect(position);
    batch.build(this.#next, isSuspect ? Math.min(limit, this.#bisection.end) : limit, maxCount, link.maxPayload);
    if (batch.count === 0) {
      this.#giveUp("larger than the largest message", "value-refused");
      this.#refused += 1;
    } else if (!this.#publish(this.#isRepetition(position))) return false;
    this.#notePublished(position, batch.end.position);
    return true;
  }

  #isRepetition(position: number): boolean {
    return position < this.#publishedUpTo || (position >= this.#aheadFrom && position < this.#aheadUpTo);
  }

  /** Where the data end that are repetitions, or are none, like the one at a position. */
  #endOfKind(position: number): number {
    if (position < this.#publishedUpTo) return this.#publishedUpTo;
    if (position < this.#aheadFrom) return this.#aheadFrom;
    return position < this.#aheadUpTo ? this.#aheadUpTo : this.#options.queue.tail.position;
  }

  #notePublished(from: number, upTo: number): void {
    if (from <= this.#oldest.position) {
      this.#publishedUpTo = Math.max(this.#publishedUpTo, upTo);
      return;
    }
    if (from < this.#aheadFrom || from > this.#aheadUpTo) {
      this.#aheadFrom = from;
      this.#aheadUpTo = from;
    }
    this.#aheadUpTo = Math.max(this.#aheadUpTo, upTo);
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

  /** The datum at `#next` cannot be delivered: it is taken for acknowledged, so that those behind it get through. */
  #giveUp(why: string, reason: Reason): void {
    const { batch, ledger, refusals } = this.#options;
    refusals.add(reason, `${batch.keyAt(this.#next)}: ${why}`);
    move(batch.end, this.#next);
    batch.skip(batch.end);
    ledger.acknowledge(ledger.add(this.#next, batch.end, 1));
    this.#settle();
  }
}
