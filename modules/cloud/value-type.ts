// SPDX-License-Identifier: Apache-2.0

import type { Json } from "./json.js";

/** Type of a value from the cloud. "integer" is exact, that is within 2^53; "json" is anything. */
export type Kind = "integer" | "number" | "boolean" | "string" | "json";

export interface KindValues {
  readonly integer: number;
  readonly number: number;
  readonly boolean: boolean;
  readonly string: string;
  readonly json: Json;
}

/** A number from `minimum` to `maximum`, or a text that is one of up to 32. */
export type LimitedType<Suffix extends "" | "?" = ""> =
  | { readonly type: `${"integer" | "number"}${Suffix}`; readonly minimum?: number; readonly maximum?: number }
  | { readonly type: `string${Suffix}`; readonly oneOf?: readonly string[] };

/** What a value is that has no problem with a type, given by its name or by an object. */
export type ValueOf<Type> = Type extends Kind | `${Kind}?`
  ? KindValues[Type extends `${infer Base extends Kind}?` ? Base : Extract<Type, Kind>]
  : Type extends { readonly oneOf: readonly (infer Choice)[] }
    ? Choice
    : Type extends { readonly type: infer Name }
      ? ValueOf<Name>
      : never;

const kinds: readonly string[] = Object.freeze(["integer", "number", "boolean", "string", "json"]);

const maxChoices = 32;

/** A type made ready for checking values. */
export class ValueType {
  readonly kind: Kind;
  readonly minimum: number = Number.NEGATIVE_INFINITY;
  readonly maximum: number = Number.POSITIVE_INFINITY;
  readonly oneOf: readonly string[] | undefined = undefined;

  /**
   * `limits` may have the fields of `LimitedType` that go with `kind`, and those that are called `type` or `own`, which are the
   * caller's. Throws `TypeError` or `RangeError`; the message begins with `path`.
   */
  constructor(kind: string, limits: Readonly<Record<string, unknown>>, path: string, own = "type") {
    if (!kinds.includes(kind)) throw new RangeError(`${path}: "${kind}" is none of ${kinds.join(", ")}`);
    this.kind = kind as Kind;
    const isNumeric = kind === "integer" || kind === "number";
    for (const name of Object.keys(limits)) {
      if (name === "type" || name === own) continue;
      if (isNumeric && name === "minimum") this.minimum = finite(limits.minimum, `${path}.minimum`);
      else if (isNumeric && name === "maximum") this.maximum = finite(limits.maximum, `${path}.maximum`);
      else if (kind === "string" && name === "oneOf") this.oneOf = choices(limits.oneOf, `${path}.oneOf`);
      else throw new RangeError(`${path}.${name}: no such field with "${kind}"`);
    }
    if (this.minimum > this.maximum) throw new RangeError(`${path}.minimum: above maximum`);
  }

  /** What is wrong with a value, undefined when nothing is. */
  problem(value: Json): string | undefined {
    const { kind, minimum, maximum, oneOf } = this;
    if (!isOfKind(kind, value)) return `not ${kind === "integer" ? "an" : "a"} ${kind}`;
    if (typeof value === "number" && value < minimum) return `below ${minimum}`;
    if (typeof value === "number" && value > maximum) return `over ${maximum}`;
    return oneOf?.includes(value as string) === false ? `none of ${oneOf.join(", ")}` : undefined;
  }
}

function isOfKind(kind: Kind, value: Json): boolean {
  if (kind === "json") return true;
  return kind === "integer" ? Number.isSafeInteger(value) : typeof value === kind;
}

function finite(value: unknown, path: string): number {
  if (typeof value !== "number") throw new TypeError(`${path}: not a number`);
  if (!Number.isFinite(value)) throw new RangeError(`${path}: not finite`);
  return value;
}

function choices(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(`${path}: not an array`);
  if (value.length < 1 || value.length > maxChoices) throw new RangeError(`${path}: not 1 to ${maxChoices} texts`);
  for (const choice of value) if (typeof choice !== "string") throw new TypeError(`${path}: not a string in it`);
  return [...value];
}
