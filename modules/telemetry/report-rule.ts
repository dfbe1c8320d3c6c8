// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { describeError } from "../core/failure-log.js";
import { integer } from "../core/integer.js";
import type { Milliseconds } from "../core/ports.js";

/** "always": every datum; "on-change": a value unlike the last reported one; "deadband": a number that left the deadband. */
export type ReportMode = "always" | "on-change" | "deadband";

/**
 * Which data of a key are reported. A rule decides about data that are recorded: it invents none, and holds none back for later.
 * Every comparison is with the last value that was reported, and the first datum is always reported.
 */
export interface ReportRule {
  /** Default "deadband" where a deadband is given, else "always". What is no number has no deadband: it is reported on change. */
  readonly mode?: ReportMode;
  /** A change of more than this is reported, above 0. Where both deadbands are given, a change that exceeds either of them. */
  readonly deadband?: number;
  /** The same in percent of the last reported value, above 0, at most 1,000. Any change from 0 exceeds it. */
  readonly deadbandPercent?: number;
  /** A number that falls below it, or comes back, is reported at once and ahead of the batch, whatever else the rule says. */
  readonly minimum?: number;
  /** The same for a number that rises above it; more than `minimum`. */
  readonly maximum?: number;
  /** Shortest time between two reports, 0 to 24 h. Default 0. */
  readonly minPeriod?: Milliseconds;
  /** A datum is reported when the last report is this old, `minPeriod` to 7 d; 0, the default, for never. */
  readonly maxSilence?: Milliseconds;
}

/** A rule that was checked: a frozen copy whose mode is filled in. */
export type CheckedRule = ReportRule & { readonly mode: ReportMode };

const maxPercent = 1_000;
const longestPeriod: Milliseconds = 86_400_000;
const longestSilence: Milliseconds = 604_800_000;

/** A rule of the program. Throws `TypeError` or `RangeError`; the message begins with `path` and the field's name. */
export function checkRule(rule: unknown, path: string): CheckedRule {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule) || rule instanceof Map)
    throw new TypeError(`${path}: not an object`);
  const fields = rule as Readonly<Record<string, unknown>>;
  return complete(Object.keys(fields), (name) => fields[name], `${path}.`);
}

/** A rule of the cloud, or what is wrong with it: "field: why". */
export function readRule(rule: Json): CheckedRule | string {
  if (!(rule instanceof Map)) return "not an object";
  const fields: ReadonlyMap<string, Json> = rule;
  try {
    return complete([...fields.keys()], (name) => fields.get(name), "");
  } catch (error) {
    return describeError(error);
  }
}

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

function complete(names: readonly string[], field: (name: string) => unknown, prefix: string): CheckedRule {
  const rule: Writable<ReportRule> = {};
  for (const name of names) take(rule, name, field(name), prefix + name);
  const { minimum, maximum, minPeriod = 0, maxSilence = 0 } = rule;
  if (minimum !== undefined && maximum !== undefined && minimum >= maximum)
    throw new RangeError(`${prefix}minimum: not below maximum`);
  if (maxSilence > 0 && maxSilence < minPeriod) throw new RangeError(`${prefix}maxSilence: below minPeriod`);
  const hasDeadband = rule.deadband !== undefined || rule.deadbandPercent !== undefined;
  const { mode = hasDeadband ? "deadband" : "always" } = rule;
  if ((mode === "deadband") !== hasDeadband)
    throw new RangeError(`${prefix}mode: "${mode}" ${hasDeadband ? "with" : "without"} a deadband`);
  return Object.freeze({ ...rule, mode });
}

function take(rule: Writable<ReportRule>, name: string, value: unknown, path: string): void {
  switch (name) {
    case "mode":
      rule.mode = asMode(value, path);
      break;
    case "deadband":
      rule.deadband = positive(value, path, Number.MAX_VALUE);
      break;
    case "deadbandPercent":
      rule.deadbandPercent = positive(value, path, maxPercent);
      break;
    case "minimum":
      rule.minimum = finite(value, path);
      break;
    case "maximum":
      rule.maximum = finite(value, path);
      break;
    case "minPeriod":
      rule.minPeriod = integer(value, path, 0, longestPeriod);
      break;
    case "maxSilence":
      rule.maxSilence = integer(value, path, 0, longestSilence);
      break;
    default:
      throw new RangeError(`${path}: no such field`);
  }
}

function asMode(value: unknown, path: string): ReportMode {
  if (value === "always" || value === "on-change" || value === "deadband") return value;
  throw new RangeError(`${path}: neither "always" nor "on-change" nor "deadband"`);
}

function finite(value: unknown, path: string): number {
  if (typeof value !== "number") throw new TypeError(`${path}: not a number`);
  if (!Number.isFinite(value)) throw new RangeError(`${path}: not finite`);
  return value;
}

function positive(value: unknown, path: string, max: number): number {
  const number = finite(value, path);
  if (number <= 0) throw new RangeError(`${path}: not above 0`);
  if (number > max) throw new RangeError(`${path}: above ${max}`);
  return number;
}
