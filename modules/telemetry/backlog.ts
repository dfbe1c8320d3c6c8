// SPDX-License-Identifier: Apache-2.0

import type { GatewayTelemetryDialect, TelemetryDialect } from "../cloud/dialect.js";
import type { JsonWriter } from "../cloud/json-writer.js";
import type { Reason } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { LogSink, Milliseconds, Text } from "../core/ports.js";
import type { Link, Publisher } from "../session/link.js";
import type { Account } from "./account.js";
import { Batch } from "./batch.js";
import { Carrier } from "./carrier.js";
import type { Journal } from "./journal.js";
import { JournalReader, type LoadOutcome } from "./journal-reader.js";
import { Ledger, move, type Place } from "./ledger.js";
import { Queue } from "./queue.js";
import { maxTextBytes } from "./record.js";
import type { SourceTable } from "./source-table.js";
import type { Stretches } from "./stretches.js";

/** Bytes of XS heap for data on their way from the journal: several batches, or one datum of the longest text. */
const stageCapacity = 2_048;

/** Messages under way at once where each holds one datum; where they hold many, one is enough. */
const windowOfSingleData = 8;

/** Data that no message can carry are given up so many at one go: a journal may hold nothing else. */
const maxGivenUp = 100;

/**
 * "held-up": `onRoom` of the link follows. "nothing": there is none, as many as may be are under way, or what comes next waits for its
 * time or for the link to take what is of sub-devices. "failed": the flash could not be read, or held nothing that can be sent; and may
 * be better off next time.
 */
export type PublishOutcome = "published" | "held-up" | "nothing" | "failed";

export interface BacklogSources {
  readonly dialect: GatewayTelemetryDialect;
  readonly table: SourceTable;
  readonly stretches: Stretches;
}

export interface BacklogOptions {
  readonly journal: Journal;
  readonly link: Link;
  readonly text: Text;
  readonly log: LogSink;
  readonly dialect: TelemetryDialect;
  /** Undefined where there are no sub-devices. */
  readonly sources: BacklogSources | undefined;
  readonly writer: JsonWriter;
  /** Room for the longest JSON text that can be recorded now; earlier boots may have recorded longer ones. */
  readonly textBytes: Uint8Array;
  readonly maxCount: number;
  /** Counts the data that no message can carry, and those the server ends sessions for. */
  readonly refusals: FailureLog;
  readonly account: Account;
  /** A message was acknowledged. */
  readonly onProgress: () => void;
}

/**
 * Carries the journal to the server, oldest first, one message at a time, or 8 where each holds one datum only: what is acknowledged
 * comes never again, and of what is not, those at the most, however the power goes.
 */
export class Backlog implements Publisher {
  readonly #options: BacklogOptions;
  readonly #reader: JournalReader;
  readonly #stage: Queue;
  readonly #ledger: Ledger;
  readonly #batch: Batch;
  readonly #textBytes: Uint8Array;
  readonly #carrier: Carrier;
  readonly #areSingle: boolean;
  readonly #next: Place = { position: 0, time: 0 };
  /** Data of the stage that the journal does not know to be done with. */
  #held = 0;
  /** Data that were under way when their sector was given up. */
  #orphans = 0;
  #estimatedBoot = -1;

  constructor(options: BacklogOptions) {
    const { journal, link, text, dialect, sources, writer, textBytes, maxCount, refusals, account } = options;
    const epoch = (uptime: Milliseconds) => this.#epoch(uptime);
    this.#options = options;
    this.#areSingle = dialect.maxCount === 1;
    this.#ledger = new Ledger(this.#areSingle ? windowOfSingleData : 1);
    this.#reader = new JournalReader(journal, text, sources?.table);
    const { keys, sources: names } = this.#reader;
    this.#textBytes = textBytes.length < maxTextBytes ? new Uint8Array(maxTextBytes) : textBytes;
    this.#stage = new Queue(stageCapacity, "drop-newest", this.#ledger);
    this.#batch = new Batch({
      ...{ queue: this.#stage, keys, dialect, writer, text: this.#textBytes, maxKeys: 255 },
      sources: names && sources && { names, dialect: sources.dialect, stretches: sources.stretches },
      wallClock: { epoch },
    });
    this.#carrier = new Carrier({
      ...{ link, dialect, writer, queue: this.#stage, ledger: this.#ledger, batch: this.#batch },
      ...{ epoch, maxCount, refusals, account },
    });
    journal.onDropped = (sequence, count) => this.#onSectorDropped(sequence, count);
  }

  /** Data under way that the journal has given up meanwhile. */
  get orphans(): number {
    return this.#orphans;
  }

  /** Messages that wait for their acknowledgement. */
  get messages(): number {
    return this.#ledger.messages + (this.#areSingle ? this.#orphans : Math.min(1, this.#orphans));
  }

  get isUnderWay(): boolean {
    return this.messages > 0;
  }

  /** Whether there is something to publish, now or when the message under way is acknowledged. */
  get isPending(): boolean {
    return this.#options.journal.count > 0;
  }

  /** Whether what comes next may end the session, and has to go alone. */
  get isSuspect(): boolean {
    return this.#carrier.isSuspect;
  }

  /** Whether that could be published. */
  get isOnTrial(): boolean {
    return this.isSuspect && !this.#carrier.isHeldUp(this.#stage.head);
  }

  /**
   * Publishes the next message, of `atMost` data, if `kept` of the server's limits is left behind it, 0 to 1. With `mustBeDated`
   * data wait until their time is known.
   */
  publish(kept: number, mustBeDated: boolean, atMost = Number.POSITIVE_INFINITY): PublishOutcome {
    if (this.#orphans > 0 || (this.isSuspect && this.isUnderWay)) return "nothing";
    const { journal } = this.#options;
    if (!journal.mount()) return journal.isFit ? "failed" : "nothing";
    for (let count = 0; !this.#ledger.isFull; ) {
      const outcome = this.#load(mustBeDated);
      if (outcome !== "loaded") return outcome === "failed" ? outcome : "nothing";
      const { head, tail } = this.#stage;
      move(this.#next, head);
      const limit = Math.min(this.#ledger.advance(this.#next), tail.position);
      if (this.#next.position >= tail.position || this.#carrier.isHeldUp(this.#next)) return "nothing";
      const givenUp = this.#carrier.build(this.#next, limit, atMost);
      if (givenUp === 0) {
        const mayGo = this.#options.link.leaves(kept, this.#batch.count, this.#batch.sourceCount);
        return mayGo && this.#carrier.publish(this, true) ? "published" : "held-up";
      }
      this.#release();
      count += givenUp;
      // All of them, or what a firmware with sub-devices has left, at one go, would keep the device from everything else.
      if (givenUp > 1 || count >= maxGivenUp) return "failed";
    }
    return "nothing";
  }

  /** Publishes a datum of another name than the accused, where that is what lacks. False when there is none, or no room. */
  publishWitness(): boolean {
    if (!this.#areSingle || !this.#carrier.wantsWitness || this.isUnderWay || this.#ledger.room < 2) return false;
    if (!this.#carrier.seekBehindHead(this.#next, 0)) return false;
    return this.#carrier.build(this.#next, this.#stage.tail.position, 1) === 0 && this.#carrier.publish(this, false);
  }

  /** Something else than the backlog was acknowledged. */
  onWitness(): void {
    this.#carrier.bisection.onWitness();
  }

  onAcknowledged(token: number): void {
    const { account, onProgress } = this.#options;
    if (this.#orphans > 0) account.delivered += this.#takeOrphans();
    else {
      this.#carrier.bisection.onWitness();
      this.#carrier.acknowledge(token);
      this.#release();
    }
    onProgress();
  }

  onLost(token: number, isOldest?: boolean): void {
    this.#options.account.dropped += this.#takeOrphans();
    this.#carrier.lose(token, isOldest === true);
  }

  /** After `onLost`. `weight` is what the end proves against what was under way, 0 to 1. */
  onClosed(reason: Reason, weight: number): void {
    if (this.#carrier.blame(reason, weight)) this.#release();
  }

  /** The orphans of one message. */
  #takeOrphans(): number {
    const count = this.#areSingle ? Math.min(1, this.#orphans) : this.#orphans;
    this.#orphans -= count;
    return count;
  }

  /** Tells the journal how many of its data have left the stage, which they do in order. */
  #release(): void {
    const count = this.#held - this.#stage.count;
    this.#held = this.#stage.count;
    if (count > 0) this.#options.journal.acknowledge(count);
  }

  /** Forgets what was staged. */
  #clearStage(): void {
    while (this.#ledger.firstEnd > 0) this.#ledger.abandonFirst();
    this.#stage.restart(0);
    this.#held = 0;
    this.#carrier.settle();
  }

  #load(mustBeDated: boolean): LoadOutcome {
    const { journal, log, account } = this.#options;
    if (this.#stage.count > 0) {
      const isLate = Number.isNaN(this.#reader.clock) && !Number.isNaN(journal.clock);
      if (!isLate || this.#ledger.firstEnd > 0) return "loaded";
      // Their time has become known since.
      this.#clearStage();
      this.#reader.rewind();
    }
    if (!this.isPending) return "empty";
    const outcome = this.#reader.load(this.#stage, this.#textBytes, mustBeDated);
    this.#held = this.#stage.count;
    if (outcome === "unreadable") account.dropped += journal.abandon();
    if (outcome !== "loaded") return outcome;
    if (this.#reader.isEstimated && this.#estimatedBoot !== this.#reader.boot) {
      this.#estimatedBoot = this.#reader.boot;
      log.write("warning", "telemetry.estimated", `boot ${this.#reader.boot} never knew the time`, "time-unavailable");
    }
    return outcome;
  }

  #onSectorDropped(sequence: number, count: number): void {
    const { account } = this.#options;
    const isStaged = this.#stage.count > 0 && this.#reader.sequence === sequence;
    account.dropped += count;
    if (this.#reader.sequence <= sequence) this.#reader.rewind();
    if (!isStaged) return;
    this.#orphans = this.#ledger.data;
    // The stage never lets data give way, so that it has all of them; some may have been acknowledged out of turn.
    account.dropped -= this.#ledger.kept;
    this.#clearStage();
  }

  #epoch(uptime: Milliseconds): Milliseconds | undefined {
    const { clock } = this.#reader;
    return Number.isNaN(clock) ? undefined : Math.round(clock + uptime);
  }
}
