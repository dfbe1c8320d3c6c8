// SPDX-License-Identifier: Apache-2.0

import type { TelemetryDialect } from "../cloud/dialect.js";
import type { JsonWriter } from "../cloud/json-writer.js";
import type { Reason } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { LogSink, Text } from "../core/ports.js";
import type { Link, Publisher } from "../session/link.js";
import { Batch } from "./batch.js";
import { Bisection } from "./bisection.js";
import type { Journal } from "./journal.js";
import { JournalReader } from "./journal-reader.js";
import { Ledger, move, type Place } from "./ledger.js";
import { Queue } from "./queue.js";

/** Bytes of XS heap for data on their way from the journal: several batches, or one datum of the longest text. */
const stageCapacity = 2_048;

/** "held-up": `onRoom` of the link follows. "nothing": there is none, one is under way, or what comes next waits for its time. */
export type PublishOutcome = "published" | "held-up" | "nothing";

export interface BacklogOptions {
  readonly journal: Journal;
  readonly link: Link;
  readonly text: Text;
  readonly log: LogSink;
  readonly dialect: TelemetryDialect;
  readonly writer: JsonWriter;
  /** Room for the longest JSON text of a datum. */
  readonly textBytes: Uint8Array;
  readonly maxCount: number;
  /** Counts the data that no message can carry, and those the server ends sessions for. */
  readonly refusals: FailureLog;
  /** A message was acknowledged. */
  readonly onProgress: () => void;
}

/**
 * Carries the journal to the server, oldest first, one message at a time: what is acknowledged comes never again, and of what is
 * not, the last message at the most, however the power goes.
 */
export class Backlog implements Publisher {
  readonly #options: BacklogOptions;
  readonly #reader: JournalReader;
  readonly #stage: Queue;
  readonly #ledger = new Ledger(1);
  readonly #batch: Batch;
  readonly #bisection = new Bisection();
  readonly #release: (end: Readonly<Place>, count: number) => void;
  readonly #lost: Place = { position: 0, time: 0 };
  #lostEnd = 0;
  #lostCount = 0;
  /** Data that were under way when their sector was given up. */
  #orphans = 0;
  /** Behind the newest datum of the stage that was ever published. */
  #publishedUpTo = 0;
  #estimatedBoot = -1;
  #delivered = 0;
  #dropped = 0;
  #refused = 0;
  #quarantined = 0;
  #undated = 0;
  #batches = 0;
  /** A datum that the server ends sessions for was given up. */
  onQuarantined: ((key: string, ts: number | undefined) => void) | undefined;

  constructor(options: BacklogOptions) {
    const { journal, text, dialect, writer, textBytes } = options;
    this.#options = options;
    this.#reader = new JournalReader(journal, text);
    this.#stage = new Queue(stageCapacity, "drop-newest", this.#ledger);
    this.#batch = new Batch({
      ...{ queue: this.#stage, keys: this.#reader.keys, dialect, writer, text: textBytes, maxKeys: 255 },
      wallClock: { epoch: (uptime) => this.#epoch(uptime) },
    });
    this.#release = (end, count) => this.#stage.release(end, count);
    journal.onDropped = (sequence, count) => this.#onSectorDropped(sequence, count);
  }

  /** Data the server acknowledged. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Data that gave way because the journal was full, or could not be read. */
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

  /** Data that were published without a time of their own; repetitions included. */
  get undated(): number {
    return this.#undated;
  }

  /** Messages published, repetitions included. */
  get batches(): number {
    return this.#batches;
  }

  /** Data under way that the journal has given up meanwhile. */
  get orphans(): number {
    return this.#orphans;
  }

  /** Whether a message waits for its acknowledgement. */
  get isUnderWay(): boolean {
    return this.#ledger.messages > 0 || this.#orphans > 0;
  }

  /** Whether there is something to publish, now or when the message under way is acknowledged. */
  get isPending(): boolean {
    return this.#options.journal.count > 0;
  }

  /** Whether what comes next may end the session, and has to go alone. */
  get isSuspect(): boolean {
    return this.#bisection.isSuspect(this.#stage.head.position);
  }

  /**
   * Publishes the next message, of `atMost` data, if `kept` of the server's limits is left behind it, 0 to 1. With `mustBeDated`
   * data wait until their time is known.
   */
  publish(kept: number, mustBeDated: boolean, atMost = Number.POSITIVE_INFINITY): PublishOutcome {
    if (this.isUnderWay) return "nothing";
    while (this.#load(mustBeDated)) {
      this.#build(atMost);
      if (this.#batch.count > 0)
        return this.#options.link.leaves(kept, this.#batch.count) && this.#send() ? "published" : "held-up";
      this.#giveUp("larger than the largest message", "value-refused");
      this.#refused += 1;
    }
    return "nothing";
  }

  /** Something else than the backlog was acknowledged. */
  onWitness(): void {
    this.#bisection.onWitness();
  }

  onAcknowledged(token: number): void {
    if (this.#orphans > 0) {
      this.#delivered += this.#orphans;
      this.#orphans = 0;
    } else {
      const count = Math.max(0, this.#ledger.acknowledge(token));
      this.#delivered += count;
      this.#settle(count);
    }
    this.#options.onProgress();
  }

  onLost(token: number): void {
    this.#dropped += this.#orphans;
    this.#orphans = 0;
    const range = this.#ledger.rangeOf(token);
    if (range === undefined) return;
    move(this.#lost, range.start);
    this.#lostEnd = range.end.position;
    this.#lostCount = range.count;
    this.#ledger.forget(token);
  }

  /** After `onLost`. `weight` is what the end proves against what was under way, 0 to 1. */
  onClosed(reason: Reason, weight: number): void {
    const count = this.#lostCount;
    this.#lostCount = 0;
    if (count === 0 || this.#lost.position !== this.#stage.head.position) return;
    if (!this.#bisection.onEnded(this.#lost.position, this.#lostEnd, count, reason, weight)) return;
    const key = this.#batch.keyAt(this.#lost);
    const ts = this.#epoch(this.#batch.timeAt(this.#lost));
    this.#quarantined += 1;
    this.#giveUp(`ended ${reason} again and again`, "poisoned-datum");
    this.onQuarantined?.(key, ts);
  }

  #build(atMost: number): void {
    const { link, maxCount } = this.#options;
    const { head, tail } = this.#stage;
    const count = Math.min(atMost, maxCount, link.maxDataPoints);
    if (this.isSuspect)
      this.#batch.build(head, this.#bisection.end, Math.min(count, this.#bisection.maxCount), link.maxPayload);
    else this.#batch.build(head, tail.position, count, link.maxPayload);
  }

  #load(mustBeDated: boolean): boolean {
    if (this.#stage.count > 0) return true;
    if (!this.isPending) return false;
    const { journal, textBytes, log } = this.#options;
    const outcome = this.#reader.load(this.#stage, textBytes, mustBeDated);
    if (outcome === "unreadable") this.#dropped += journal.abandon();
    if (outcome !== "loaded") return false;
    this.#publishedUpTo = this.#stage.head.position;
    if (this.#reader.isEstimated && this.#estimatedBoot !== this.#reader.boot) {
      this.#estimatedBoot = this.#reader.boot;
      log.write("warning", "telemetry.estimated", `boot ${this.#reader.boot} never knew the time`, "time-unavailable");
    }
    return true;
  }

  #send(): boolean {
    const { link, dialect, writer } = this.#options;
    const batch = this.#batch;
    const start = this.#stage.head;
    const token = this.#ledger.add(start, batch.end, batch.count);
    const isRepetition = start.position < this.#publishedUpTo;
    if (!link.publish(dialect.topic, writer.bytes, writer.byteLength, this, token, isRepetition, batch.count)) {
      this.#ledger.forget(token);
      return false;
    }
    this.#batches += 1;
    if (!batch.isDated) this.#undated += batch.count;
    this.#publishedUpTo = Math.max(this.#publishedUpTo, batch.end.position);
    return true;
  }

  /** The datum at the head cannot be delivered: it is taken for acknowledged, so that those behind it get through. */
  #giveUp(why: string, reason: Reason): void {
    const { refusals } = this.#options;
    const batch = this.#batch;
    refusals.add(reason, `${batch.keyAt(this.#stage.head)}: ${why}`);
    move(batch.end, this.#stage.head);
    batch.skip(batch.end);
    this.#ledger.acknowledge(this.#ledger.add(this.#stage.head, batch.end, 1));
    this.#settle(1);
  }

  #settle(count: number): void {
    this.#ledger.settle(this.#stage.head, this.#release);
    this.#bisection.onProgress(this.#stage.head.position);
    this.#options.journal.acknowledge(count);
  }

  #onSectorDropped(sequence: number, count: number): void {
    const isStaged = this.#stage.count > 0 && this.#reader.sequence === sequence;
    this.#dropped += count;
    if (this.#reader.sequence <= sequence) this.#reader.rewind();
    if (!isStaged) return;
    this.#orphans = this.#ledger.data;
    this.#dropped -= this.#orphans;
    this.#ledger.abandonFirst();
    this.#stage.restart(0);
    this.#bisection.onProgress(this.#stage.head.position);
  }

  #epoch(uptime: number): number | undefined {
    const { clock } = this.#reader;
    return Number.isNaN(clock) ? undefined : Math.round(clock + uptime);
  }
}
