// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { describeError, FailureLog } from "../core/failure-log.js";
import type { Milliseconds } from "../core/ports.js";
import { Backlog } from "./backlog.js";
import { Batch } from "./batch.js";
import { Drain } from "./drain.js";
import { Journal } from "./journal.js";
import { KeyTable } from "./key-table.js";
import { Ledger, move, type Place } from "./ledger.js";
import { completeSettings, type TelemetryOptions } from "./options.js";
import { Queue } from "./queue.js";
import { ReportRules, Verdict } from "./report.js";
import { checkRule, type ReportRule, readRule } from "./report-rule.js";
import { Spill } from "./spill.js";
import type { UptimeClock } from "./uptime-clock.js";

/** Longest text of a string or JSON value in bytes, quotes and escapes included; half of the queue where that is less. */
const maxTextBytes = 1_024;

/** What a datum can be. Objects and arrays are stored as JSON. */
export type TelemetryValue = number | boolean | string | object;

/**
 * Time series data: recorded at any time, delivered at least once, each with the time at which it was recorded; new data ahead of
 * those that an outage has left in the journal. Every datum that `record` took or the journal held at the start is in one of
 * `delivered`, `dropped`, `refused`, `quarantined` and `depth`.
 */
export class Telemetry {
  readonly #wallClock: UptimeClock;
  readonly #keys: KeyTable;
  readonly #ledger: Ledger;
  readonly #queue: Queue;
  readonly #drain: Drain;
  readonly #journal: Journal | undefined;
  readonly #backlog: Backlog | undefined;
  readonly #spill: Spill | undefined;
  readonly #textWriter: JsonWriter;
  readonly #refusals: FailureLog;
  readonly #drops: FailureLog;
  /** Where the data of the present call begin in the queue. */
  readonly #sample: Place = { position: 0, time: 0 };
  #isUrgent = false;
  /** Made with the first rule. */
  #rules: ReportRules | undefined;
  #recorded = 0;
  #suppressed = 0;
  #refused = 0;

  /** Throws `TypeError` or `RangeError` naming the option. Construct it before the session starts: it joins the link. */
  constructor(options: TelemetryOptions) {
    const { clock, log, link, text, dialect, wallClock, flash } = options;
    const settings = completeSettings(options);
    const { maxKeys, maxCount, whenFull } = settings;
    this.#wallClock = wallClock;
    this.#keys = new KeyTable(text, maxKeys);
    this.#ledger = new Ledger(settings.window);
    this.#queue = new Queue(
      settings.capacity,
      whenFull === "spill" ? settings.whenJournalFull : whenFull,
      this.#ledger,
    );
    this.#textWriter = new JsonWriter(text, Math.min(maxTextBytes, settings.capacity >> 1));
    this.#refusals = new FailureLog(clock, log, "telemetry.refused");
    this.#drops = new FailureLog(clock, log, "telemetry.dropped");
    const writer = new JsonWriter(text, Math.max(1, Math.min(settings.maxBytes, link.maxPayload)));
    const textBytes = this.#textWriter.bytes;
    if (flash !== undefined) {
      const failures = new FailureLog(clock, log, "telemetry.journal-failed");
      const journal = new Journal({ flash, keys: this.#keys, log, failures, whenFull: settings.whenJournalFull });
      this.#journal = journal;
      this.#backlog = new Backlog({
        ...{ journal, link, text, log, dialect, writer, textBytes, maxCount, refusals: this.#refusals },
        onProgress: () => this.#drain.onBacklogProgress(),
      });
      if (whenFull === "spill")
        this.#spill = new Spill({
          ...{ clock, log, queue: this.#queue, ledger: this.#ledger, journal, wallClock },
          storeAfter: settings.storeAfter,
          isOpen: () => link.isOpen,
        });
    }
    const batch = new Batch({
      ...{ queue: this.#queue, keys: this.#keys, dialect, writer, wallClock, maxKeys },
      text: textBytes,
    });
    this.#drain = new Drain({
      ...{ clock, log, link, queue: this.#queue, ledger: this.#ledger, batch, writer, topic: dialect.topic, wallClock },
      ...{ refusals: this.#refusals, maxCount, maxAge: settings.maxAge, clockPatience: settings.clockPatience },
      ...{ spill: this.#spill, backlog: this.#backlog, backlogShare: settings.backlogShare / 100 },
    });
  }

  /**
   * Records one datum, or several of one instant. It never blocks, does not mind being offline and sends nothing before the
   * next turn. False says that a datum was not kept: the queue is full and its policy is "drop-newest", or the key is one too many.
   * Throws `TypeError` for a key that is no string and a value that is no JSON, `RangeError` for a key that is blank or over 255
   * bytes, a number that is not finite, and a value of more than 1,024 bytes of JSON; then nothing was recorded.
   * A value that the session's largest message cannot hold is dropped when its turn comes, and counted in `refused`.
   * A datum that a report rule suppresses is not kept, is counted in `suppressed` alone, and is no reason for false.
   */
  record(key: string, value: TelemetryValue): boolean;
  record(values: Readonly<Record<string, TelemetryValue>>): boolean;
  record(keyOrValues: string | Readonly<Record<string, TelemetryValue>>, value?: TelemetryValue): boolean {
    const time = this.#wallClock.uptime();
    this.#isUrgent = false;
    move(this.#sample, this.#queue.tail);
    let isKept: boolean;
    if (typeof keyOrValues === "object" && keyOrValues !== null) isKept = this.#recordAll(keyOrValues, time);
    else {
      this.#check(keyOrValues, value);
      isKept = this.#add(keyOrValues, value, time);
    }
    if (this.#isUrgent) this.#drain.hurry(this.#sample);
    return isKept;
  }

  /**
   * Decides which data of a key are reported from now on, also of a key that was never recorded; undefined reports them all.
   * A rule that takes another's place goes on from the last reported value. As many rules as `maxKeys`. Throws, and then changes
   * nothing: `TypeError` or `RangeError` naming the field of the rule, or for a key that `record` does not take, and for one too many.
   */
  setRule(key: string, rule: ReportRule | undefined): void {
    this.#rulesOf().set(key, rule === undefined ? undefined : checkRule(rule, "rule"));
  }

  /**
   * Puts a rule before the one that the program has set, for somebody else such as the server; undefined takes it away again.
   * Returns what is wrong with key or rule, and then nothing changed.
   */
  overrideRule(key: string, rule: Json | undefined): string | undefined {
    const checked = rule === undefined ? undefined : readRule(rule);
    if (typeof checked === "string") return checked;
    try {
      this.#rulesOf().override(key, checked);
      return undefined;
    } catch (error) {
      return describeError(error);
    }
  }

  /** Sends what is recorded without waiting for company, in the next turn or as soon as the link allows. */
  flush(): void {
    this.#drain.flush();
  }

  /** Writes what is not delivered to the journal, where there is one; for a shutdown, after the session has ended. */
  store(): void {
    this.#spill?.store();
  }

  /** The wall clock became known, or was corrected. */
  onClockKnown(): void {
    this.#spill?.onClockKnown();
    this.#drain.onClockKnown();
  }

  /** Called with the key and, where known, the time of a datum that was given up because the server ended sessions for it. */
  onQuarantined(handler: (key: string, ts: Milliseconds | undefined) => void): void {
    this.#drain.onQuarantined = handler;
    if (this.#backlog !== undefined) this.#backlog.onQuarantined = handler;
  }

  /** Data handed to `record` that were well formed and not suppressed. */
  get recorded(): number {
    return this.#recorded;
  }

  /** Data that the report rules of their keys kept from being queued. */
  get suppressed(): number {
    return this.#suppressed;
  }

  /** Data of earlier boots that the journal held at the start. */
  get recovered(): number {
    return this.#journal?.recovered ?? 0;
  }

  /** Data that were written to the journal. */
  get stored(): number {
    return this.#journal?.stored ?? 0;
  }

  /** Data in the journal that are not delivered: no power cut loses them. */
  get journaled(): number {
    return this.#journal?.count ?? 0;
  }

  /** Data that gave way because queue and journal were full, or that the flash lost. */
  get dropped(): number {
    return this.#queue.dropped + this.#drain.dropped + (this.#backlog?.dropped ?? 0);
  }

  /** Well-formed data that could not be taken or sent: keys one too many, values that no message can carry. */
  get refused(): number {
    return this.#refused + this.#drain.refused + (this.#backlog?.refused ?? 0);
  }

  /** Data that were given up because the server ended session after session for them. */
  get quarantined(): number {
    return this.#drain.quarantined + (this.#backlog?.quarantined ?? 0);
  }

  /** Data the server acknowledged. */
  get delivered(): number {
    return this.#drain.delivered + (this.#backlog?.delivered ?? 0);
  }

  /** Data that are neither delivered nor given up, those under way and those in the journal included. */
  get depth(): number {
    return this.#drain.waiting + this.#ledger.data + this.journaled + (this.#backlog?.orphans ?? 0);
  }

  /** Bytes of the queue in use. */
  get depthBytes(): number {
    return this.#queue.byteLength;
  }

  /** Messages published, repetitions included. */
  get batches(): number {
    return this.#drain.batches + (this.#backlog?.batches ?? 0);
  }

  /** Messages that wait for their acknowledgement. */
  get inFlight(): number {
    return this.#ledger.messages + (this.#backlog?.isUnderWay === true ? 1 : 0);
  }

  /** Data published without their time, because the wall clock stayed unknown; repetitions included. */
  get undated(): number {
    return this.#drain.undated + (this.#backlog?.undated ?? 0);
  }

  #recordAll(values: Readonly<Record<string, TelemetryValue>>, time: Milliseconds): boolean {
    if (Array.isArray(values) || values instanceof Map) throw new TypeError("values: not a plain object");
    const keys = Object.keys(values);
    const data: unknown[] = Object.values(values);
    for (let index = 0; index < keys.length; index += 1) this.#check(keys[index], data[index]);
    let isKept = true;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const value = data[index];
      // The texts of the others were checked in the same place.
      if (keys.length > 1 && isText(value)) this.#writeText(key, value);
      isKept = this.#add(key, value, time) && isKept;
    }
    return isKept;
  }

  /** Leaves the JSON of a text in the text writer. */
  #check(key: unknown, value: unknown): void {
    this.#keys.check(key);
    if (typeof value === "boolean") return;
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new RangeError(`value of ${key}: ${value} is not a finite number`);
      return;
    }
    if (value === null || value === undefined) throw new TypeError(`value of ${key}: ${value} is no datum`);
    this.#writeText(key, value);
    if (this.#textWriter.hasOverflowed)
      throw new RangeError(`value of ${key}: more than ${this.#textWriter.bytes.length} bytes of JSON`);
  }

  #writeText(key: string, value: unknown): void {
    this.#textWriter.reset();
    if (typeof value === "string") this.#textWriter.value(value);
    else this.#textWriter.tree(value, `value of ${key}`);
  }

  #add(key: string, value: unknown, time: Milliseconds): boolean {
    const number = this.#keys.numberOf(key);
    const verdict =
      number < 0 || this.#rules === undefined ? Verdict.report : this.#judge(this.#rules, number, value, time);
    if (verdict === Verdict.suppress) {
      this.#suppressed += 1;
      return true;
    }
    this.#recorded += 1;
    if (number < 0) {
      this.#refused += 1;
      this.#refusals.add("too-many-keys", key);
      return false;
    }
    const dropped = this.#queue.dropped;
    const isKept = this.#put(number, value, time);
    if (this.#queue.dropped > dropped) this.#drops.add("queue-full", isKept ? "the oldest gave way" : key);
    if (!isKept) this.#rules?.forget(number);
    else if (verdict === Verdict.urgent) this.#isUrgent = true;
    if (isKept) this.#drain.onAdded();
    return isKept;
  }

  #judge(rules: ReportRules, key: number, value: unknown, time: Milliseconds): Verdict {
    if (typeof value === "number" || typeof value === "boolean") return rules.decide(key, time, value);
    return rules.decide(key, time, this.#textWriter.bytes, this.#textWriter.byteLength);
  }

  #rulesOf(): ReportRules {
    this.#rules ??= new ReportRules(this.#keys);
    return this.#rules;
  }

  #put(key: number, value: unknown, time: Milliseconds): boolean {
    if (typeof value === "number") return this.#queue.addNumber(key, time, value);
    if (typeof value === "boolean") return this.#queue.addBoolean(key, time, value);
    return this.#queue.addJson(key, time, this.#textWriter.bytes, this.#textWriter.byteLength);
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" || typeof value === "object";
}
