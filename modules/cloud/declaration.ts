// SPDX-License-Identifier: Apache-2.0

import type { Json } from "./json.js";
import { copyJson } from "./json-value.js";
import { type Kind, type LimitedType, type ValueOf, ValueType } from "./value-type.js";

/**
 * What values of a shared attribute are good: a type by its name, or with limits, or with the value that stands for an attribute
 * that the server does not have.
 */
export type SharedType =
  | Kind
  | (Extract<LimitedType, { readonly minimum?: number }> & { readonly default?: number })
  | (Extract<LimitedType, { readonly oneOf?: readonly string[] }> & { readonly default?: string })
  | { readonly type: "boolean"; readonly default?: boolean }
  | { readonly type: "json"; readonly default?: Json };

/** What a handler with this type gets. */
export type SharedValue<Type extends SharedType> =
  | ValueOf<Type>
  | (Type extends { readonly default: Json } ? never : undefined);

/** Longer texts are no number that a double could tell apart. */
const maxNumberLength = 32;

/** A declared type made ready for judging values. */
export class Declaration extends ValueType {
  /** What stands for an attribute that the server does not have. */
  readonly default: Json | undefined;

  /** Throws `TypeError` or `RangeError`; the message begins with "type". */
  constructor(type: SharedType) {
    const limits: Readonly<Record<string, unknown>> = typeof type === "string" ? { type } : type;
    if (typeof limits !== "object" || limits === null) throw new TypeError("type: neither a name nor an object");
    if (typeof limits.type !== "string") throw new TypeError("type.type: not a string");
    super(limits.type, limits, "type", "default");
    this.default = limits.default === undefined ? undefined : copyJson(limits.default, "type.default");
    const problem = this.default === undefined ? undefined : this.problem(this.default);
    if (problem !== undefined) throw new RangeError(`type.default: ${problem}`);
  }

  /**
   * The value that was meant, where a server or a dashboard has changed its type and nothing is lost by changing it back: the text
   * of a number or of a boolean, and a whole number where text is wanted. A fraction is not turned into text: it may have been
   * "1.10". Anything else is left as it is.
   */
  convert(value: Json): Json {
    const { kind } = this;
    if (kind === "string") return Number.isSafeInteger(value) ? String(value) : value;
    if (typeof value !== "string") return value;
    if (kind === "boolean") return value === "true" || (value === "false" ? false : value);
    return (kind === "number" || kind === "integer") && isDecimal(value) ? Number(value) : value;
  }
}

/** Without the other spellings that `Number` understands: white space, hexadecimal digits, words. */
function isDecimal(text: string): boolean {
  if (text === "" || text.length > maxNumberLength) return false;
  for (let at = 0; at < text.length; at += 1) if (!"0123456789+-.eE".includes(text.charAt(at))) return false;
  return Number.isFinite(Number(text));
}
