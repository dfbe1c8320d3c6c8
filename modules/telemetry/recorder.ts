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
  readonly dialect: GatewayTelemetryDialect;
  readonly account: Account;
  readonly refusals: FailureLog;
  readonly drops: FailureLog;
}

/** Takes the data of all sources, as far as their report rules let them pass. */
export class Recorder {
  readonly #options: RecorderOptions;
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
    this.#options = options;
  }

  /** As `Telemetry.record`. */
  record(
    source: number,
    keyOrValues: string | Readonly<Record<string, TelemetryValue>>,
    value: TelemetryValue | undefined,
  ): boolean {
    const { wallClock, queue, drain } = this.#options;
    const time = wallClock.uptime();
    this.#isUrgent = false;
    move(this.#sample, queue.tail);
    let isKept: boolean;
    if (typeof keyOrValues === "object" && keyOrValues !== null) isKept = this.#recordAll(source, keyOrValues, time);
    else {
      this.#check(source, keyOrValues, value);
      isKept = this.#add(source, keyOrValues, value, time);
    }
    if (this.#isUrgent) drain.hurry(this.#sample);
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
    const { intake } = this.#options;
    const keys = Object.keys(values);
    const data: unknown[] = Object.values(values);
    for (let index = 0; index < keys.length; index += 1) this.#check(source, keys[index], data[index]);
    let isKept = true;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const value = data[index];
      if (keys.length > 1) intake.write(key, value);
      isKept = this.#add(source, key, value, time) && isKept;
    }
    return isKept;
  }

  #check(source: number, key: unknown, value: unknown): void {
    const { intake, dialect } = this.#options;
    intake.check(key, value);
    if (source !== ownSource && dialect.isReserved(key as string))
      throw new RangeError(`key: "${key}" is reserved, a sub-device cannot have it`);
  }

  #add(source: number, key: string, value: unknown, time: Milliseconds): boolean {
    const { keys, intake, queue, drain, account, refusals, drops } = this.#options;
    const rules = this.#rules[source];
    const number = keys.numberOf(key);
    const verdict = number < 0 || rules === undefined ? Verdict.report : intake.judge(rules, number, value, time);
    if (verdict === Verdict.suppress) {
      this.suppressed += 1;
      return true;
    }
    this.recorded += 1;
    if (number < 0) {
      account.refused += 1;
      refusals.add("too-many-keys", key);
      return false;
    }
    const { dropped } = queue;
    const isKept = intake.put(source, number, value, time);
    if (queue.dropped > dropped) drops.add("queue-full", isKept ? "the oldest gave way" : key);
    if (!isKept) rules?.forget(number);
    else if (verdict === Verdict.urgent) this.#isUrgent = true;
    if (isKept) drain.onAdded();
    return isKept;
  }

  #rulesOf(source: number): ReportRules {
    const known = this.#rules[source];
    if (known !== undefined) return known;
    const rules = new ReportRules(this.#options.keys);
    this.#rules[source] = rules;
    return rules;
  }
}
