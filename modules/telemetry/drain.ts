// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { Clock, Milliseconds, Timer } from "../core/ports.js";
import type { Link, Participant, Publisher } from "../session/link.js";
import type { Backlog, PublishOutcome } from "./backlog.js";
import { BacklogClaim } from "./backlog-claim.js";
import type { Batch } from "./batch.js";
import type { Carrier } from "./carrier.js";
import type { ClockPatience } from "./clock-patience.js";
import { type Ledger, move, type Place } from "./ledger.js";
import { OwnData } from "./own-data.js";
import type { Queue } from "./queue.js";
import type { Spill } from "./spill.js";
import { Trial } from "./trial.js";
import type { UptimeClock } from "./uptime-clock.js";
import { Urgency } from "./urgency.js";

/** How often the clock is looked at while data wait for it. */
const clockPollPeriod: Milliseconds = 250;

/** A journal that could not be read is tried again this often. */
const retryPause: Milliseconds = 1_000;

const never = Number.POSITIVE_INFINITY;

export interface DrainOptions {
  readonly clock: Clock;
  readonly link: Link;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly batch: Batch;
  readonly carrier: Carrier;
  readonly wallClock: UptimeClock;
  readonly patience: ClockPatience;
  readonly maxAge: Milliseconds;
  /** Where data go that wait too long; undefined where there is no journal. */
  readonly spill: Spill | undefined;
  readonly backlog: Backlog | undefined;
  /** Share of the messages that the backlog gets while new data compete for them, and of the server's limits that it may use up, above 0 to 1. */
  readonly backlogShare: number;
}

/**
 * Says when what is published. The queue: QoS 1, oldest first, a few batches under way at once; and behind it the backlog of the
 * journal, one batch at a time. Data leave the queue when they are acknowledged and not before; what a session took with it is
 * published again in the next one, before anything new. It publishes from timers and from the link's callbacks, never inside
 * `onAdded`, `hurry` or `flush`.
 */
export class Drain implements Participant, Publisher {
  readonly #options: DrainOptions;
  readonly #timer: Timer;
  readonly #retryTimer: Timer;
  readonly #trial: Trial;
  readonly #urgency = new Urgency();
  readonly #claim: BacklogClaim;
  /** What is to be published next, and the oldest datum that waits: another one where something goes ahead of its turn. */
  readonly #next: Place = { position: 0, time: 0 };
  readonly #oldest: Place = { position: 0, time: 0 };
  /** Made when data of sub-devices are held up. */
  #own: OwnData | undefined = undefined;
  /** Everything before this position is due, whatever its age. */
  #dueUpTo = 0;
  /** When the timer runs out: not at all, when something is old enough, or in the next turn. */
  #armed: "no" | "later" | "soon" = "no";
  /** Nothing can be sent until the link or the clock says so. */
  #isBlocked = true;
  /** Whose suspects were tried last. */
  #triesBacklog = false;

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#timer = options.clock.timer(() => this.#pump());
    this.#retryTimer = options.clock.timer(() => this.#pump());
    this.#trial = new Trial(options.clock, () => this.#pump());
    this.#claim = new BacklogClaim(options.backlogShare);
    options.link.join(this);
  }

  /** Data in the queue that are neither under way nor delivered. */
  get waiting(): number {
    return this.#options.queue.count - this.#options.ledger.kept;
  }

  /** A datum was added. */
  onAdded(): void {
    this.#options.spill?.onAdded();
    if (this.#isBlocked || this.#armed === "soon") return;
    if (this.waiting >= this.#options.carrier.maxCount) this.#arm("soon", 0);
    else if (this.#armed === "no") this.#arm("later", this.#options.maxAge);
  }

  /** What was added from a place on goes at once, and ahead of what was added before. */
  hurry(from: Readonly<Place>): void {
    this.#urgency.add(from, this.#options.queue.head);
    if (!this.#isBlocked) this.#arm("soon", 0);
  }

  /** Makes everything in the queue due. */
  flush(): void {
    this.#dueUpTo = this.#options.queue.tail.position;
    if (!this.#isBlocked) this.#arm("soon", 0);
  }

  /** The wall clock became known, or data need not wait for it any longer. */
  onClockKnown(): void {
    if (this.#options.link.isOpen) this.#arm("soon", 0);
  }

  /** The backlog's message was acknowledged. */
  onBacklogProgress(): void {
    this.#trial.onAcknowledged();
    this.#options.carrier.bisection.onWitness();
    this.#pump();
  }

  onOpen(): void {
    this.#options.patience.onOpen();
    this.#dueUpTo = this.#options.queue.tail.position;
    this.#pump();
  }

  onLive(): void {
    this.#options.patience.onLive();
    this.#trial.onLive(this.#hasSuspect);
  }

  onClosed(reason: Reason): void {
    const { carrier, backlog, patience, spill } = this.#options;
    const { weight } = this.#trial;
    this.#isBlocked = true;
    this.#own?.rewind();
    this.#timer.stop();
    this.#retryTimer.stop();
    patience.onClosed();
    this.#trial.onClosed(this.#hasSuspect);
    spill?.onClosed();
    backlog?.onClosed(reason, weight);
    carrier.blame(reason, weight);
  }

  onRoom(): void {
    this.#pump();
  }

  onAcknowledged(token: number): void {
    const { carrier, backlog } = this.#options;
    this.#trial.onAcknowledged();
    carrier.bisection.onWitness();
    backlog?.onWitness();
    carrier.acknowledge(token);
    this.#pump();
  }

  onLost(token: number, isOldest?: boolean): void {
    this.#options.carrier.lose(token, isOldest === true);
  }

  get #hasSuspect(): boolean {
    const { carrier, backlog } = this.#options;
    return carrier.isSuspect || backlog?.isSuspect === true;
  }

  #arm(armed: "later" | "soon", delay: Milliseconds): void {
    this.#armed = armed;
    this.#timer.start(delay);
  }

  /** Sends what is due and what there is room for, and arms the timer for what will be. */
  #pump(): void {
    const { link, queue, carrier, backlog, backlogShare } = this.#options;
    if (!link.isOpen) return;
    this.#armed = "no";
    // What was suspected may be in the journal by now.
    carrier.bisection.onProgress(queue.head.position);
    const isTrial = this.#isQueueOnTrial || backlog?.isOnTrial === true;
    if ((!isTrial || this.#trial.admitOthers()) && this.#pumpQueue()) {
      let outcome: PublishOutcome;
      do outcome = this.#feedBacklog(1 - backlogShare);
      while (outcome === "published");
    }
    if (!isTrial || !this.#trial.isDue || this.#isAnyUnderWay || !this.#try()) return;
    // A suspect that no message can carry is none any more.
    if (!this.#isAnyUnderWay) this.#pump();
  }

  /** The queue's part of it. False when the link takes no more. */
  #pumpQueue(): boolean {
    const { ledger, backlog, patience, spill } = this.#options;
    this.#isBlocked = patience.isWaiting;
    if (this.#isBlocked) {
      this.#timer.start(clockPollPeriod);
      return true;
    }
    if (spill?.isOverdue === true) {
      this.#isBlocked = ledger.messages > 0;
      if (this.#isBlocked) return true;
      spill.storeWaiting();
    }
    for (let wait = this.#wait(); wait < never; wait = this.#wait()) {
      if (wait > 0) {
        this.#arm("later", wait);
        return true;
      }
      this.#isBlocked = this.#isBacklogsTurn() || ledger.isFull || !this.#publishNext();
      if (this.#isBlocked) return false;
      if (backlog?.isPending === true) this.#claim.grow();
    }
    return true;
  }

  /** Gives the backlog what it has a claim to. True when the limits do not even admit as many data as the queue would send instead. */
  #isBacklogsTurn(): boolean {
    if (!this.#claim.isDue || this.#feedBacklog(0) !== "held-up") return false;
    return this.#feedBacklog(0, this.waiting) === "held-up";
  }

  /** Publishes a message of the backlog, unless that is suspected. */
  #feedBacklog(kept: number, atMost?: number): PublishOutcome {
    const { backlog, patience } = this.#options;
    if (backlog === undefined || backlog.isSuspect) return "nothing";
    const outcome = backlog.publish(kept, patience.isBacklogWaiting, atMost);
    if (outcome === "published") this.#claim.spend();
    if (outcome === "failed") this.#retryTimer.start(retryPause);
    return outcome;
  }

  /** Publishes suspects of the queue and of the backlog by turns, or a witness. False when the link has no room. */
  #try(): boolean {
    const { backlog, patience, queue } = this.#options;
    this.#triesBacklog = backlog?.isOnTrial === true && !(this.#triesBacklog && this.#isQueueOnTrial);
    move(this.#next, queue.head);
    move(this.#oldest, queue.head);
    if (this.#triesBacklog && !this.#trial.isHasty && backlog?.publishWitness() === true) {
      this.#trial.onPublished(false);
      return true;
    }
    const isWitness = !this.#triesBacklog && this.#seekWitness();
    const isPublished = this.#triesBacklog
      ? backlog?.publish(0, patience.isBacklogWaiting) !== "held-up"
      : this.#publishNext(isWitness ? 1 : never);
    if (isPublished && this.#isAnyUnderWay) this.#trial.onPublished(!isWitness);
    return isPublished;
  }

  /** Moves `#next` to a witness if one is needed: a datum that was never published if there is any, else the one behind the accused. */
  #seekWitness(): boolean {
    const { carrier, queue } = this.#options;
    // One datum of another name is nothing that a strict session ends for, unless its name is denied, too.
    const isStrict = this.#trial.isStrict && !carrier.isSingle;
    if (!carrier.wantsWitness || isStrict || this.#trial.isHasty) return false;
    const isThere = carrier.seekBehindHead(this.#next, carrier.published.upTo) || carrier.seekBehindHead(this.#next, 0);
    if (isThere && this.#hasPlaceAhead && !carrier.isHeldUp(this.#next)) return true;
    move(this.#next, queue.head);
    return false;
  }

  get #isAnyUnderWay(): boolean {
    const { ledger, backlog } = this.#options;
    return ledger.messages > 0 || backlog?.isUnderWay === true;
  }

  /** Whether the oldest datum of the queue is a suspect that could be published. */
  get #isQueueOnTrial(): boolean {
    const { carrier, patience, queue } = this.#options;
    return carrier.isSuspect && !patience.isWaiting && !carrier.isHeldUp(queue.head);
  }

  /**
   * Time until the oldest waiting datum, or an urgent one, is due; also finds where it is. While the link takes nothing of sub-devices,
   * the device's own data go ahead of theirs.
   */
  #wait(): Milliseconds {
    const { queue, ledger, batch, carrier, wallClock, maxAge } = this.#options;
    const { waiting } = this;
    if (waiting === 0) return never;
    move(this.#oldest, queue.head);
    ledger.advance(this.#oldest);
    const isUrgent = this.#seekUrgent();
    if (isUrgent && this.#hasPlaceAhead) return 0;
    move(this.#next, this.#oldest);
    const isHeldUp = carrier.isHeldUp(this.#oldest);
    if (isHeldUp && !(this.#seekOwn() && this.#makePlaceAhead())) return never;
    const { position } = this.#next;
    if (carrier.bisection.isSuspect(position)) return never;
    const isEnough = !isHeldUp && waiting >= carrier.maxCount;
    if (isUrgent || isEnough || position < Math.max(this.#dueUpTo, carrier.published.upTo)) return 0;
    return Math.max(0, maxAge - (wallClock.uptime() - batch.lookup.timeAt(this.#next)));
  }

  /** Moves `#next` to the first urgent datum that waits. False when there is none, or it has to wait for its trial. */
  #seekUrgent(): boolean {
    const { queue, ledger, carrier } = this.#options;
    if (!this.#urgency.seek(this.#next, queue.head, ledger)) return false;
    return !carrier.bisection.isSuspect(this.#next.position) && !carrier.isHeldUp(this.#next);
  }

  /**
   * Whether the data at `#next` may go ahead of their turn: the head of the queue needs a place in the ledger, or it would never
   * move on.
   */
  get #hasPlaceAhead(): boolean {
    const { ledger, queue } = this.#options;
    if (this.#oldest.position > queue.head.position) return !ledger.isFull;
    return ledger.room > 1;
  }

  #seekOwn(): boolean {
    const { queue, ledger, batch } = this.#options;
    this.#own ??= new OwnData();
    return this.#own.seek(this.#next, queue.tail.position, ledger, batch.lookup);
  }

  /** The data of sub-devices before `#next` go to the journal where that needs their place. False where it has none. */
  #makePlaceAhead(): boolean {
    if (this.#hasPlaceAhead) return true;
    const { spill, queue, ledger } = this.#options;
    spill?.store(this.#next.position);
    move(this.#oldest, queue.head);
    return this.#oldest.position === this.#next.position && !ledger.isFull;
  }

  /** One batch from `#next` on. False when the link has no room for it. */
  #publishNext(atMost = never): boolean {
    const { ledger, carrier, queue } = this.#options;
    const { position } = this.#next;
    const limit = Math.min(ledger.advance(this.#next), carrier.published.endOfKind(position, queue.tail.position));
    // A datum that no message can carry is out of the way, too.
    if (carrier.build(this.#next, limit, atMost) > 0) return true;
    return carrier.publish(this, position <= this.#oldest.position);
  }
}
