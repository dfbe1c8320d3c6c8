// SPDX-License-Identifier: Apache-2.0

import type { TelemetryDialect } from "../cloud/dialect.js";
import type { JsonWriter } from "../cloud/json-writer.js";
import { mayBeDenial } from "../core/denial.js";
import type { Reason } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { Milliseconds } from "../core/ports.js";
import type { Link, Publisher } from "../session/link.js";
import type { Account } from "./account.js";
import type { Batch } from "./batch.js";
import { Bisection } from "./bisection.js";
import { type Ledger, move, type Place } from "./ledger.js";
import { Published } from "./published.js";
import type { Queue } from "./queue.js";

export interface CarrierOptions {
  readonly link: Link;
  readonly dialect: TelemetryDialect;
  readonly writer: JsonWriter;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly batch: Batch;
  readonly epoch: (uptime: Milliseconds) => Milliseconds | undefined;
  /** Most data in one message. */
  readonly maxCount: number;
  /** Counts the data that no message can carry, and those the server ends sessions for. */
  readonly refusals: FailureLog;
  readonly account: Account;
}

/**
 * Carries the data of one queue to the server, batch by batch, and follows what becomes of them: acknowledged, lost with the
 * session, given up because no message can hold them or because session after session ends for them.
 */
export class Carrier {
  readonly #options: CarrierOptions;
  readonly bisection: Bisection;
  readonly published = new Published();
  /** Where the batch begins that was built last. */
  readonly #start: Place = { position: 0, time: 0 };
  /** The oldest batch that the last session took with it. */
  readonly #lost: Place = { position: 0, time: 0 };
  #lostEnd = 0;
  #lostCount = 0;
  /** The name of a witness that a session ended for: it may be denied, too. */
  #badWitness: string | undefined;
  /** It did so since the accused was published last, who has the next turn. */
  #isWitnessSpent = false;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.bisection = new Bisection(this.isSingle);
  }

  /** Where each datum has a message of its own, which alone the session ends for, whatever else is under way. */
  get isSingle(): boolean {
    return this.#options.dialect.maxCount === 1;
  }

  /** Most data in one message, by the program's limit and the server's. */
  get maxCount(): number {
    const { maxCount, link, dialect } = this.#options;
    return Math.min(maxCount, link.maxDataPoints, dialect.maxCount);
  }

  /** Whether the oldest data are suspected of ending sessions. */
  get isSuspect(): boolean {
    return this.bisection.isSuspect(this.#options.queue.head.position);
  }

  /** Whether something else is to be published before the accused, to tell a poisoned datum from a sick server. */
  get wantsWitness(): boolean {
    return this.bisection.lacksWitness && !this.#isWitnessSpent;
  }

  /** Whether the datum at a place is of a sub-device while the link takes nothing of sub-devices. */
  isHeldUp(place: Readonly<Place>): boolean {
    const { batch, link } = this.#options;
    return batch.takesSources && link.maxDevices === 0 && batch.lookup.isOfSource(place);
  }

  /**
   * Builds a batch from a place to before the position `limit`. Returns how many data were given up instead: 1 that does not fit by
   * itself, or those of sub-devices where there are none.
   */
  build(from: Readonly<Place>, limit: number, atMost: number): number {
    const { batch, link, account, dialect } = this.#options;
    const { bisection } = this;
    move(this.#start, from);
    if (!batch.takesSources && batch.lookup.isOfSource(from)) return this.#refuseSources(from, limit);
    // Where data share a message, nothing is held against a name.
    if (this.isSingle && dialect.isRefused(batch.lookup.keyAt(from))) {
      this.#giveUp(from, "the server does not take it", "poisoned-datum");
      account.refused += 1;
      return 1;
    }
    const isSuspect = bisection.isSuspect(from.position);
    const end = isSuspect ? Math.min(limit, bisection.end) : limit;
    const count = Math.min(atMost, this.maxCount, isSuspect ? bisection.maxCount : atMost);
    // What is held up has a message all the same, which the link refuses.
    const maxSources = batch.takesSources ? Math.max(1, link.maxDevices) : 0;
    batch.build(from, end, count, link.maxPayload, maxSources);
    if (batch.count > 0) return 0;
    this.#giveUp(from, "larger than the largest message", "value-refused");
    account.refused += 1;
    return 1;
  }

  /** Publishes the batch that was built. False when the link has no room for it. */
  publish(publisher: Publisher, isInTurn: boolean): boolean {
    const { link, ledger, batch, writer, dialect, account } = this.#options;
    const { count, sourceCount } = batch;
    const topic = batch.gatewayTopic ?? dialect.topicOf(batch.lookup.keyAt(this.#start), batch.isDated);
    const { position } = this.#start;
    const isRepetition = this.published.has(position);
    // Noted before, so that it is known whenever its fate is told.
    const token = ledger.add(this.#start, batch.end, count);
    const { bytes, byteLength } = writer;
    if (!link.publish(topic, bytes, byteLength, publisher, token, isRepetition, count, sourceCount)) {
      ledger.forget(token);
      return false;
    }
    account.batches += 1;
    if (!batch.isDated) account.undated += count;
    this.published.note(position, batch.end.position, isInTurn);
    return true;
  }

  /** The server has a batch. Returns how many data that were. */
  acknowledge(token: number): number {
    const { ledger, account } = this.#options;
    const count = Math.max(0, ledger.acknowledge(token));
    account.delivered += count;
    this.settle();
    return count;
  }

  /**
   * The session ended before a batch was acknowledged. The first to be lost is the oldest of telemetry; with `isOldest` it is what the
   * server had to answer next.
   */
  lose(token: number, isOldest: boolean): void {
    const { ledger, account, queue, batch } = this.#options;
    const range = ledger.rangeOf(token);
    if (range === undefined) return;
    if (this.isSingle && isOldest && this.isSuspect && range.start.position > queue.head.position) {
      this.#badWitness = batch.lookup.keyAt(range.start);
      this.#isWitnessSpent = true;
    }
    if (this.#lostCount === 0 && (isOldest || !this.isSingle)) {
      move(this.#lost, range.start);
      this.#lostEnd = range.end.position;
      this.#lostCount = range.count;
    }
    account.dropped += ledger.forget(token);
    this.settle();
  }

  /** After `lose`: which data may have ended the session? `weight` is what that proves, 0 to 1. True when one was given up for it. */
  blame(reason: Reason, weight: number): boolean {
    const { queue, batch, epoch, account, refusals } = this.#options;
    const count = this.#lostCount;
    this.#lostCount = 0;
    if (this.isSingle && !mayBeDenial(reason)) {
      this.#badWitness = undefined;
      this.#isWitnessSpent = false;
      return false;
    }
    if (count === 0 || this.#lost.position < queue.head.position) return false;
    if (this.#lost.position === queue.head.position) this.#isWitnessSpent = false;
    if (!this.bisection.onEnded(this.#lost.position, this.#lostEnd, count, reason, weight)) return false;
    const { lookup } = batch;
    const key = lookup.keyAt(this.#lost);
    const source = lookup.sourceAt(this.#lost);
    const ts = epoch(lookup.timeAt(this.#lost));
    account.quarantined += 1;
    this.#giveUp(this.#lost, `ended ${reason} again and again`, "poisoned-datum");
    account.tellQuarantined(refusals, key, ts, source);
    return true;
  }

  /**
   * Moves a place behind the oldest datum and on to the first one from a position on that waits. False when there is none. Where the
   * oldest datum may be denied for its name, one of another name, and not of one that a session ended for in its place.
   */
  seekBehindHead(place: Place, position: number): boolean {
    const { queue, ledger, batch } = this.#options;
    const { lookup } = batch;
    const accused = this.isSingle ? lookup.keyAt(queue.head) : undefined;
    const isUnfit = (): boolean => {
      if (place.position < position) return true;
      const key = accused === undefined ? undefined : lookup.keyAt(place);
      return key !== undefined && (key === accused || key === this.#badWitness);
    };
    move(place, queue.head);
    do {
      lookup.skip(place);
      ledger.advance(place);
    } while (place.position < queue.tail.position && isUnfit());
    return place.position < queue.tail.position;
  }

  /** Releases from the queue what is done with. */
  settle(): void {
    const { queue, ledger } = this.#options;
    ledger.settle(queue);
    this.bisection.onProgress(queue.head.position);
  }

  /** What a firmware with sub-devices has left in the journal, as far as it follows each other. */
  #refuseSources(from: Readonly<Place>, limit: number): number {
    const { batch, account, refusals } = this.#options;
    const { lookup, end } = batch;
    let count = 0;
    for (move(end, from); end.position < limit && lookup.isOfSource(end); count += 1) lookup.skip(end);
    account.refused += count;
    refusals.add("too-many-sources", `${count} data of sub-devices, of which there are none`);
    this.#takeForAcknowledged(from, count);
    return count;
  }

  /** The datum at a place cannot be delivered: it is taken for acknowledged, so that those behind it get through. */
  #giveUp(at: Readonly<Place>, why: string, reason: Reason): void {
    const { batch, refusals } = this.#options;
    refusals.add(reason, `${batch.lookup.describe(at)}: ${why}`);
    move(batch.end, at);
    batch.lookup.skip(batch.end);
    this.#takeForAcknowledged(at, 1);
  }

  /** All from a place to the end of the batch. */
  #takeForAcknowledged(from: Readonly<Place>, count: number): void {
    const { batch, ledger } = this.#options;
    ledger.acknowledge(ledger.add(from, batch.end, count));
    this.settle();
  }
}
