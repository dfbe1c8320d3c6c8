// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import type { KeyTable } from "./key-table.js";
import { fingerprint } from "./report-fingerprint.js";
import type { CheckedRule } from "./report-rule.js";

/** Far above what a double cannot tell apart any more. */
const smallestExact = 1e-290;

export const Verdict = Object.freeze({
  report: 0,
  suppress: 1,
  /** Report, ahead of everything that waits. */
  urgent: 2,
} as const);
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** What was last reported of a key that has a rule. */
class Report {
  rule: CheckedRule;
  /** What `typeof` said of the value, empty before the first report. */
  type = "";
  /** The number, 0 or 1 of a boolean, the fingerprint of a text. */
  value = 0;
  time: Milliseconds = 0;

  constructor(rule: CheckedRule) {
    this.rule = rule;
  }
}

type Rules = Map<string, CheckedRule>;

/**
 * The report rules by key, and what each of them has to remember. There are two layers: where the server overrides a rule of
 * the program, its own waits beneath. A rule that takes another's place goes on from the last report.
 */
export class ReportRules {
  readonly #keys: KeyTable;
  readonly #own: Rules = new Map();
  /** Made with the first of them. */
  #overriding: Rules | undefined;
  /** By number of the key, as far as numbers were looked up. */
  readonly #reports: (Report | undefined)[] = [];

  /** As many rules as `keys` has room for, in each layer. */
  constructor(keys: KeyTable) {
    this.#keys = keys;
  }

  /** Sets the program's rule of a key, seen or not, or removes it. Throws as `KeyTable.check`, and `RangeError` for one too many. */
  set(key: string, rule: CheckedRule | undefined): void {
    this.#put(this.#own, key, rule);
  }

  /** The same for the rule that goes before the program's. */
  override(key: string, rule: CheckedRule | undefined): void {
    this.#overriding ??= new Map();
    this.#put(this.#overriding, key, rule);
  }

  /** Judges the next datum of a key by its number, and notes it where it is to be reported. Of a text, the first `byteLength` bytes. */
  decide(key: number, time: Milliseconds, value: number | boolean | Uint8Array, byteLength = 0): Verdict {
    const reports = this.#reports;
    while (reports.length <= key) {
      const rule = this.#ruleOf(this.#keys.keyOf(reports.length));
      reports.push(rule === undefined ? undefined : new Report(rule));
    }
    const last = reports[key];
    if (last === undefined) return Verdict.report;
    const number = typeof value === "object" ? fingerprint(value, byteLength) : Number(value);
    const verdict = judge(last, time, typeof value, number);
    if (verdict === Verdict.suppress) return verdict;
    last.type = typeof value;
    last.value = number;
    last.time = time;
    return verdict;
  }

  /** The report that was just decided upon was lost: the next datum is judged like the first one. */
  forget(key: number): void {
    const last = this.#reports[key];
    if (last !== undefined) last.type = "";
  }

  #put(rules: Rules, key: string, rule: CheckedRule | undefined): void {
    const { capacity } = this.#keys;
    this.#keys.check(key);
    if (rule === undefined) rules.delete(key);
    else if (rules.size < capacity || rules.has(key)) rules.set(key, rule);
    else throw new RangeError(`key: "${key}" is one too many, there are ${capacity} rules`);
    const number = this.#keys.find(key);
    if (number < 0 || number >= this.#reports.length) return;
    const wanted = this.#ruleOf(key);
    const last = this.#reports[number];
    if (wanted !== undefined && last !== undefined) last.rule = wanted;
    else this.#reports[number] = wanted === undefined ? undefined : new Report(wanted);
  }

  #ruleOf(key: string): CheckedRule | undefined {
    return this.#overriding?.get(key) ?? this.#own.get(key);
  }
}

function judge(last: Readonly<Report>, time: Milliseconds, type: string, value: number): Verdict {
  const { rule } = last;
  // The last report is on the side of the last datum too, because each crossing is reported.
  if (sideOf(rule, type, value) !== sideOf(rule, last.type, last.value)) return Verdict.urgent;
  if (last.type === "") return Verdict.report;
  const { minPeriod = 0, maxSilence = 0 } = rule;
  const age = time - last.time;
  if (maxSilence > 0 && age >= maxSilence) return Verdict.report;
  if (age < minPeriod) return Verdict.suppress;
  return rule.mode === "always" || isChange(last, type, value) ? Verdict.report : Verdict.suppress;
}

/** Where a value lies: -1 below the minimum, 1 above the maximum, otherwise 0. */
function sideOf(rule: CheckedRule, type: string, value: number): number {
  if (type !== "number") return 0;
  if (rule.minimum !== undefined && value < rule.minimum) return -1;
  return rule.maximum !== undefined && value > rule.maximum ? 1 : 0;
}

function isChange(last: Readonly<Report>, type: string, value: number): boolean {
  const { rule } = last;
  if (rule.mode === "on-change" || type !== "number" || last.type !== "number")
    return type !== last.type || value !== last.value;
  const { deadband = Number.POSITIVE_INFINITY, deadbandPercent = Number.POSITIVE_INFINITY } = rule;
  const change = Math.abs(value - last.value);
  return change > deadband || isMore(change, deadbandPercent, Math.abs(last.value));
}

/** Whether a change is more than `percent` of a value. */
function isMore(change: number, percent: number, value: number): boolean {
  const limit = percent * value;
  // Exact for whole numbers.
  if (limit >= smallestExact && limit < Number.POSITIVE_INFINITY) return change * 100 > limit;
  // A share of the smallest numbers would be rounded to one of them. Divided by 0 it is infinite, or NaN without a change.
  return (change / value) * 100 > percent;
}
