// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { describeError, FailureLog } from "../core/failure-log.js";
import type { Milliseconds } from "../core/ports.js";
import { Account, type QuarantineHandler } from "./account.js";
import { Backlog } from "./backlog.js";
import { Batch } from "./batch.js";
import { Carrier } from "./carrier.js";
import { ClockPatience } from "./clock-patience.js";
import { Drain } from "./drain.js";
import { Intake } from "./intake.js";
import { Journal } from "./journal.js";
import { KeyTable } from "./key-table.js";
import { Ledger, move, type Place } from "./ledger.js";
import { completeSettings, type TelemetryOptions } from "./options.js";
import { Queue } from "./queue.js";
import { ReportRules, Verdict } from "./report.js";
import { checkRule, type ReportRule, readRule } from "./report-rule.js";
import { Spill } from "./spill.js";
import type { UptimeClock } from "./uptime-clock.js";

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
  readonly #account = new Account();
  readonly #drain: Drain;
  readonly #journal: Journal | undefined;
  readonly #backlog: Backlog | undefined;
  readonly #spill: Spill | undefined;
  readonly #intake: Intake;
  readonly #refusals: FailureLog;
  readonly #drops: FailureLog;
  /** Where the data of the present call begin in the queue. */
  readonly #sample: Place = { position: 0, time: 0 };
  #isUrgent = false;
  /** Made with the first rule. */
  #rules: ReportRules | undefined;
  #recorded = 0;
  #suppressed = 0;

  /** Throws `TypeError` or `RangeError` naming the option. Construct it before the session starts: it joins the link. */
  constructor(options: TelemetryOptions) {
    const { clock, log, link, text, dialect, wallClock, flash } = options;
    const settings = completeSettings(options);
    const { maxKeys, maxCount, whenFull } = settings;
    this.#wallClock = wallClock;
    this.#keys = new KeyTable(text, maxKeys, (key) => dialect.nameProblem(key));
    this.#ledger = new Ledger(settings.window);
    this.#queue = new Queue(
      settings.capacity,
      whenFull === "spill" ? settings.whenJournalFull : whenFull,
      this.#ledger,
    );
    this.#intake = new Intake(text, this.#keys, this.#queue);
    this.#refusals = new FailureLog(clock, log, "telemetry.refused");
    this.#drops = new FailureLog(clock, log, "telemetry.dropped");
    const writer = new JsonWriter(text, Math.max(1, Math.min(settings.maxBytes, link.maxPayload)));
    const { textBytes } = this.#intake;
    const ways = { link, writer, maxCount, refusals: this.#refusals, account: this.#account };
    const own = { queue: this.#queue, ledger: this.#ledger };
    if (flash !== undefined) {
      const failures = new FailureLog(clock, log, "telemetry.journal-failed");
      const journal = new Journal({ flash, keys: this.#keys, log, failures, whenFull: settings.whenJournalFull });
      const onProgress = () => this.#drain.onBacklogProgress();
      this.#journal = journal;
      this.#backlog = new Backlog({ ...ways, journal, text, log, dialect, textBytes, onProgress });
      if (whenFull === "spill")
        this.#spill = new Spill({
          ...{
            clock,
            log,
            ...own,
            journal,
            wallClock,
            account: this.#account,
            storeAfter: settings.storeAfter,
            maxAge: settings.maxAge,
          },
          isOpen: () => link.isOpen,
        });
    }
    const batch = new Batch({
      queue: this.#queue,
      keys: this.#keys,
      dialect,
      writer,
      wallClock,
      maxKeys,
      text: textBytes,
    });
    const epoch = (uptime: Milliseconds) => wallClock.epoch(uptime);
    const onOver = () => this.#drain.onClockKnown();
    this.#drain = new Drain({
      ...{ clock, link, ...own, batch, wallClock, maxAge: settings.maxAge },
      carrier: new Carrier({ ...ways, ...own, batch, dialect, epoch }),
      patience: new ClockPatience(clock, wallClock, log, settings.clockPatience, onOver),
      ...{ spill: this.#spill, backlog: this.#backlog, backlogShare: settings.backlogShare / 100 },
    });
  }

  /**
   * Records one datum, or several of one instant. It never blocks, does not mind being offline and sends nothing before the
   * next turn. False says that a datum was not kept: the queue is full and its policy is "drop-newest", or the key is one too many.
   * Throws `TypeError` for a key that is no string and a value that is no JSON, `RangeError` for a key that is blank, over 255
   * bytes or against the platform's rules, a number that is not finite, and a value of more than 1,024 bytes of JSON; then nothing was recorded.
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
      this.#intake.check(keyOrValues, value);
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
    const clock = this.#wallClock.epoch(0);
    if (clock !== undefined) this.#journal?.setClock(clock);
    this.#drain.onClockKnown();
  }

  /** Each handler is called with the key and, where known, the time of a datum that was given up because the server ended sessions for it. */
  onQuarantined(handler: QuarantineHandler): void {
    this.#account.onQuarantined(handler);
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
    return this.#queue.dropped + this.#account.dropped;
  }

  /** Well-formed data that could not be taken or sent: keys one too many, values that no message can carry. */
  get refused(): number {
    return this.#account.refused;
  }

  /** Data that were given up because the server ended session after session for them. */
  get quarantined(): number {
    return this.#account.quarantined;
  }

  /** Data the server acknowledged. */
  get delivered(): number {
    return this.#account.delivered;
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
    return this.#account.batches;
  }

  /** Messages that wait for their acknowledgement. */
  get inFlight(): number {
    return this.#ledger.messages + (this.#backlog?.isUnderWay === true ? 1 : 0);
  }

  /** Data published without their time, because the wall clock stayed unknown; repetitions included. */
  get undated(): number {
    return this.#account.undated;
  }

  #recordAll(values: Readonly<Record<string, TelemetryValue>>, time: Milliseconds): boolean {
    if (Array.isArray(values) || values instanceof Map) throw new TypeError("values: not a plain object");
    const keys = Object.keys(values);
    const data: unknown[] = Object.values(values);
    for (let index = 0; index < keys.length; index += 1) this.#intake.check(keys[index], data[index]);
    let isKept = true;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const value = data[index];
      if (keys.length > 1) this.#intake.write(key, value);
      isKept = this.#add(key, value, time) && isKept;
    }
    return isKept;
  }

  #add(key: string, value: unknown, time: Milliseconds): boolean {
    const number = this.#keys.numberOf(key);
    const verdict =
      number < 0 || this.#rules === undefined ? Verdict.report : this.#intake.judge(this.#rules, number, value, time);
    if (verdict === Verdict.suppress) {
      this.#suppressed += 1;
      return true;
    }
    this.#recorded += 1;
    if (number < 0) {
      this.#account.refused += 1;
      this.#refusals.add("too-many-keys", key);
      return false;
    }
    const dropped = this.#queue.dropped;
    const isKept = this.#intake.put(number, value, time);
    if (this.#queue.dropped > dropped) this.#drops.add("queue-full", isKept ? "the oldest gave way" : key);
    if (!isKept) this.#rules?.forget(number);
    else if (verdict === Verdict.urgent) this.#isUrgent = true;
    if (isKept) this.#drain.onAdded();
    return isKept;
  }

  #rulesOf(): ReportRules {
    this.#rules ??= new ReportRules(this.#keys);
    return this.#rules;
  }
}
