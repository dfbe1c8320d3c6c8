// SPDX-License-Identifier: Apache-2.0

import type { GatewayTelemetryDialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { FailureLog } from "../core/failure-log.js";
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
import { Ledger } from "./ledger.js";
import { completeSettings, type TelemetryOptions } from "./options.js";
import { Queue } from "./queue.js";
import { Recorder, type TelemetryValue } from "./recorder.js";
import type { ReportRule } from "./report-rule.js";
import { Source } from "./source.js";
import { ownSource, SourceTable } from "./source-table.js";
import { Spill } from "./spill.js";
import { Stretches } from "./stretches.js";
import type { UptimeClock } from "./uptime-clock.js";

/**
 * Time series data: recorded at any time, delivered at least once, each with the time at which it was recorded; new data ahead of
 * those that an outage has left in the journal. Every datum that `record` took or the journal held at the start is in one of
 * `delivered`, `dropped`, `refused`, `quarantined` and `depth`.
 */
export class Telemetry {
  readonly #wallClock: UptimeClock;
  /** Undefined where there are no sub-devices. */
  readonly #sources: SourceTable | undefined;
  readonly #ledger: Ledger;
  readonly #queue: Queue;
  readonly #account = new Account();
  readonly #drain: Drain;
  readonly #journal: Journal | undefined;
  readonly #backlog: Backlog | undefined;
  readonly #spill: Spill | undefined;
  readonly #refusals: FailureLog;
  readonly #recorder: Recorder;

  /** Throws `TypeError` or `RangeError` naming the option. Construct it before the session starts: it joins the link. */
  constructor(options: TelemetryOptions) {
    const { clock, log, link, text, dialect, wallClock, flash, connector } = options;
    const settings = completeSettings(options);
    const { maxKeys, maxSources, maxCount, whenFull, whenJournalFull, storeAfter, maxAge } = settings;
    const account = this.#account;
    const ledger = new Ledger(settings.window);
    const queue = new Queue(settings.capacity, whenFull === "spill" ? whenJournalFull : whenFull, ledger);
    const keys = new KeyTable(text, maxKeys, (key) => dialect.nameProblem(key));
    const intake = new Intake(text, keys, queue);
    const sources =
      maxSources === 0 || dialect.gateway === undefined
        ? undefined
        : {
            dialect: dialect.gateway,
            table: new SourceTable(text, maxSources),
            stretches: new Stretches(maxCount),
          };
    this.#wallClock = wallClock;
    this.#sources = sources?.table;
    this.#ledger = ledger;
    this.#queue = queue;
    this.#refusals = new FailureLog(clock, log, "telemetry.refused");
    const writer = new JsonWriter(text, Math.max(1, Math.min(settings.maxBytes, link.maxPayload)));
    const { textBytes } = intake;
    const ways = { link, dialect, writer, maxCount, refusals: this.#refusals, account };
    const own = { queue, ledger };
    if (flash !== undefined) {
      const failures = new FailureLog(clock, log, "telemetry.journal-failed");
      const journal = new Journal({ flash, keys, sources: sources?.table, log, failures, whenFull: whenJournalFull });
      const onProgress = () => this.#drain.onBacklogProgress();
      const isOpen = () => link.isOpen;
      const isHeldUp = sources && (() => link.isOpen && link.maxDevices === 0);
      this.#journal = journal;
      this.#backlog = new Backlog({ ...ways, journal, sources, text, log, textBytes, onProgress });
      if (whenFull === "spill")
        this.#spill = new Spill({
          ...own,
          clock,
          log,
          journal,
          wallClock,
          account,
          storeAfter,
          maxAge,
          clockPatience: settings.clockPatience,
          isOpen,
          isHeldUp,
        });
    }
    const batch = new Batch({
      ...{ queue, keys, dialect, writer, wallClock, maxKeys, text: textBytes },
      sources: sources && {
        ...{ dialect: sources.dialect, names: sources.table, stretches: sources.stretches },
        remark: connector === undefined ? undefined : (recorded) => this.#remark(sources.dialect, connector, recorded),
      },
    });
    const epoch = (uptime: Milliseconds) => wallClock.epoch(uptime);
    const onOver = () => this.#drain.onClockKnown();
    const drain = new Drain({
      ...{ clock, link, ...own, batch, wallClock, maxAge },
      carrier: new Carrier({ ...ways, ...own, batch, epoch }),
      patience: new ClockPatience(clock, wallClock, log, settings.clockPatience, onOver),
      ...{ spill: this.#spill, backlog: this.#backlog, backlogShare: settings.backlogShare / 100 },
    });
    this.#drain = drain;
    this.#recorder = new Recorder({
      ...{ wallClock, keys, intake, queue, drain, dialect: dialect.gateway, account, refusals: this.#refusals },
      drops: new FailureLog(clock, log, "telemetry.dropped"),
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
    return this.#recorder.record(ownSource, keyOrValues, value);
  }

  /**
   * Where the data of a sub-device come in, by its name on the platform, of 1 to 255 bytes; undefined when it is one more than
   * `maxSources`. It shares queue, journal, session and counters with the device. Whoever asks again gets the same sub-device, and a
   * name that was asked for once keeps its place for ever. Throws `TypeError` for a name that is no string, `RangeError` for one that
   * is blank or too long.
   */
  source(name: string): Source | undefined {
    const number = this.#sources?.numberOf(name) ?? -1;
    if (number > 0) return new Source(this.#recorder, number);
    this.#refusals.add("too-many-sources", name);
    return undefined;
  }

  /**
   * Decides which data of a key are reported from now on, also of a key that was never recorded; undefined reports them all.
   * A rule that takes another's place goes on from the last reported value. As many rules as `maxKeys`. Throws, and then changes
   * nothing: `TypeError` or `RangeError` naming the field of the rule, or for a key that `record` does not take, and for one too many.
   */
  setRule(key: string, rule: ReportRule | undefined): void {
    this.#recorder.setRule(ownSource, key, rule);
  }

  /**
   * Puts a rule before the one that the program has set, for somebody else such as the server; undefined takes it away again.
   * Returns what is wrong with key or rule, and then nothing changed.
   */
  overrideRule(key: string, rule: Json | undefined): string | undefined {
    return this.#recorder.overrideRule(ownSource, key, rule);
  }

  /** Sends what is recorded without waiting for company, in the next turn or as soon as the link allows. */
  flush(): void {
    this.#drain.flush();
  }

  #remark(dialect: GatewayTelemetryDialect, connector: string, recorded: Milliseconds): string | undefined {
    const now = this.#wallClock.epoch(this.#wallClock.uptime());
    return now === undefined ? undefined : dialect.remark(connector, recorded, now);
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

  /** Each handler is told of every datum that was given up because the server ended sessions for it. */
  onQuarantined(handler: QuarantineHandler): void {
    this.#account.onQuarantined(handler);
  }

  /** Data handed to `record` that were well formed and not suppressed. */
  get recorded(): number {
    return this.#recorder.recorded;
  }

  /** Data that the report rules of their keys kept from being queued. */
  get suppressed(): number {
    return this.#recorder.suppressed;
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
    return this.#ledger.messages + (this.#backlog?.messages ?? 0);
  }

  /** Data published without their time, because the wall clock stayed unknown; repetitions included. */
  get undated(): number {
    return this.#account.undated;
  }
}
