// SPDX-License-Identifier: Apache-2.0

import type { GatewayTelemetryDialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { describeError, type FailureLog } from "../core/failure-log.js";
import type { Milliseconds } from "../core/ports.js";
import type { Account } from "./account.js";
import type { Drain } from "./drain.js";
import type { Intake } from "./intake.js";
import type { KeyTable } from "./key-table.js";
import { move, type Place } from "./ledger.js";
import type { Queue } from "./queue.js";
import { ReportRules, Verdict } from "./report.js";
import { checkRule, type ReportRule, readRule } from "./report-rule.js";
import { ownSource } from "./source-table.js";
import type { UptimeClock } from "./uptime-clock.js";

/** What a datum can be. Objects and arrays are stored as JSON. */
export type TelemetryValue = number | boolean | string | object;

export interface RecorderOptions {
  readonly wallClock: UptimeClock;
  readonly keys: KeyTable;
  readonly intake: Intake;
  readonly queue: Queue;
  readonly drain: Drain;
  /** Undefined where there are no sub-devices. */
  readonly dialect: GatewayTelemetryDialect | undefined;
  readonly account: Account;
  readonly refusals: FailureLog;
  readonly drops: FailureLog;
}

/** Takes the data of all sources, as far as their report rules let them pass. */
export class Recorder {
  readonly #wallClock: UptimeClock;
  readonly #keys: KeyTable;
  readonly #intake: Intake;
  readonly #queue: Queue;
  readonly #drain: Drain;
  readonly #dialect: GatewayTelemetryDialect | undefined;
  readonly #account: Account;
  readonly #refusals: FailureLog;
  readonly #drops: FailureLog;
  /** Where the data of the present call begin in the queue. */
  readonly #sample: Place = { position: 0, time: 0 };
  #isUrgent = false;
  /** By number of the source, each made with its first rule. */
  readonly #rules: (ReportRules | undefined)[] = [];
  /** Data that were well formed and not suppressed. */
  recorded = 0;
  /** Data that the report rules of their keys kept from being queued. */
  suppressed = 0;

  constructor(options: RecorderOptions) {
    this.#wallClock = options.wallClock;
    this.#keys = options.keys;
    this.#intake = options.intake;
    this.#queue = options.queue;
    this.#drain = options.drain;
    this.#dialect = options.dialect;
    this.#account = options.account;
    this.#refusals = options.refusals;
    this.#drops = options.drops;
  }

  /** As `Telemetry.record`. */
  record(
    source: number,
    keyOrValues: string | Readonly<Record<string, TelemetryValue>>,
    value: TelemetryValue | undefined,
  ): boolean {
    const time = this.#wallClock.uptime();
    this.#isUrgent = false;
    move(this.#sample, this.#queue.tail);
    let isKept: boolean;
    if (typeof keyOrValues === "object" && keyOrValues !== null) isKept = this.#recordAll(source, keyOrValues, time);
    else {
      this.#intake.check(keyOrValues, value);
      if (source !== ownSource) this.#checkReserved(keyOrValues);
      isKept = this.#add(source, keyOrValues, value, time);
    }
    if (this.#isUrgent) this.#drain.hurry(this.#sample);
    return isKept;
  }

  /** As `Telemetry.setRule`. */
  setRule(source: number, key: string, rule: ReportRule | undefined): void {
    this.#rulesOf(source).set(key, rule === undefined ? undefined : checkRule(rule, "rule"));
  }

  /** As `Telemetry.overrideRule`. */
  overrideRule(source: number, key: string, rule: Json | undefined): string | undefined {
    const checked = rule === undefined ? undefined : readRule(rule);
    if (typeof checked === "string") return checked;
    try {
      this.#rulesOf(source).override(key, checked);
      return undefined;
    } catch (error) {
      return describeError(error);
    }
  }

  #recordAll(source: number, values: Readonly<Record<string, TelemetryValue>>, time: Milliseconds): boolean {
    if (Array.isArray(values) || values instanceof Map) throw new TypeError("values: not a plain object");
    const keys = Object.keys(values);
    const data: unknown[] = Object.values(values);
    for (let index = 0; index < keys.length; index += 1) {
      this.#intake.check(keys[index], data[index]);
      if (source !== ownSource) this.#checkReserved(keys[index] as string);
    }
    let isKept = true;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const value = data[index];
      if (keys.length > 1) this.#intake.write(key, value);
      isKept = this.#add(source, key, value, time) && isKept;
    }
    return isKept;
  }

  #checkReserved(key: string): void {
    if (this.#dialect?.isReserved(key) === true)
      throw new RangeError(`key: "${key}" is reserved, a sub-device cannot have it`);
  }

  #add(source: number, key: string, value: unknown, time: Milliseconds): boolean {
    const rules = this.#rules[source];
    const number = this.#keys.numberOf(key);
    const verdict = number < 0 || rules === undefined ? Verdict.report : this.#intake.judge(rules, number, value, time);
    if (verdict === Verdict.suppress) {
      this.suppressed += 1;
      return true;
    }
    this.recorded += 1;
    if (number < 0) {
      this.#account.refused += 1;
      this.#refusals.add("too-many-keys", key);
      return false;
    }
    const dropped = this.#queue.dropped;
    const isKept = this.#intake.put(source, number, value, time);
    if (this.#queue.dropped > dropped) this.#drops.add("queue-full", isKept ? "the oldest gave way" : key);
    if (!isKept) rules?.forget(number);
    else if (verdict === Verdict.urgent) this.#isUrgent = true;
    if (isKept) this.#drain.onAdded();
    return isKept;
  }

  #rulesOf(source: number): ReportRules {
    const known = this.#rules[source];
    if (known !== undefined) return known;
    const rules = new ReportRules(this.#keys);
    this.#rules[source] = rules;
    return rules;
  }
}
