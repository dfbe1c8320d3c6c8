// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";

type Kind = "integer" | "number" | "boolean" | "string" | "json";

/** Type of a parameter; with "?" it may be absent or null. "integer" is exact, that is within 2^53; "json" is anything. */
export type ParameterType = Kind | `${Kind}?`;

/** Named parameters, up to 32, or the one type of `params` as a whole: many dashboards send a bare number or boolean. */
export type Schema = ParameterType | Readonly<Record<string, ParameterType>>;

interface KindValues {
  readonly integer: number;
  readonly number: number;
  readonly boolean: boolean;
  readonly string: string;
  readonly json: Json;
}

type ValueOf<Type extends ParameterType> = Type extends Kind
  ? KindValues[Type]
  : Type extends `${infer Base extends Kind}?`
    ? KindValues[Base] | undefined
    : never;

type OptionalNames<Members> = {
  [Name in keyof Members]: Members[Name] extends `${Kind}?` ? Name : never;
}[keyof Members];

/** What a handler with this schema gets. */
export type Params<S extends Schema> = S extends ParameterType
  ? ValueOf<S>
  : S extends Readonly<Record<string, ParameterType>>
    ? { readonly [Name in Exclude<keyof S, OptionalNames<S>>]: ValueOf<S[Name]> } & {
        readonly [Name in OptionalNames<S>]?: Exclude<ValueOf<S[Name]>, undefined>;
      }
    : never;

const kinds: readonly string[] = Object.freeze(["integer", "number", "boolean", "string", "json"]);

const maxMembers = 32;

class Member {
  readonly name: string;
  readonly kind: Kind;
  readonly isOptional: boolean;

  constructor(name: string, type: unknown) {
    const path = name === "" ? "schema" : `schema.${name}`;
    if (typeof type !== "string") throw new TypeError(`${path}: not the name of a type`);
    this.name = name;
    this.isOptional = type.endsWith("?");
    this.kind = asKind(this.isOptional ? type.slice(0, -1) : type, path);
  }

  /** What is wrong with a value, undefined when nothing is. */
  problem(value: Json | undefined): string | undefined {
    if (this.isAbsent(value)) return this.isOptional ? undefined : "missing";
    return isOfKind(this.kind, value) ? undefined : `not ${article(this.kind)}`;
  }

  isAbsent(value: Json | undefined): boolean {
    return value === undefined || (value === null && (this.isOptional || this.kind !== "json"));
  }
}

/** A schema made ready for checking. Throws `TypeError` or `RangeError` for one that is none. */
export class CompiledSchema {
  readonly #whole: Member | undefined;
  readonly #members: readonly Member[];

  constructor(schema: Schema) {
    if (typeof schema === "string") {
      this.#whole = new Member("", schema);
      this.#members = [];
      return;
    }
    if (typeof schema !== "object" || schema === null) throw new TypeError("schema: neither a type nor an object");
    const names = Object.keys(schema);
    if (names.length > maxMembers) throw new RangeError(`schema: more than ${maxMembers} parameters`);
    this.#whole = undefined;
    this.#members = names.map((name) => new Member(name, schema[name]));
  }

  /** What is wrong with `params`, naming the parameter; undefined when they can be converted. */
  problem(params: Json): string | undefined {
    if (this.#whole !== undefined) {
      const problem = this.#whole.problem(params);
      return problem === undefined ? undefined : `params: ${problem}`;
    }
    if (this.#members.length === 0) return undefined;
    const values = namedValues(params);
    if (values === undefined) return "params: not an object";
    for (const member of this.#members) {
      const problem = member.problem(values.get(member.name));
      if (problem !== undefined) return `${member.name}: ${problem}`;
    }
    return undefined;
  }

  /** `params` as its handler gets them, of `params` that have no `problem`. Only declared names become properties. */
  convert(params: Json): unknown {
    if (this.#whole !== undefined) return this.#whole.isAbsent(params) ? undefined : params;
    const values = namedValues(params);
    // Without a prototype, because a parameter may be called like something inherited, which XS refuses to assign (trap T5).
    const converted: Record<string, Json> = Object.create(null);
    for (const member of this.#members) {
      const value = values?.get(member.name);
      if (value !== undefined && !member.isAbsent(value)) converted[member.name] = value;
    }
    return converted;
  }
}

/** Absent `params` are null on the wire, and stand for no parameters. */
function namedValues(params: Json): ReadonlyMap<string, Json> | undefined {
  if (params === null) return noValues;
  return params instanceof Map ? params : undefined;
}

const noValues: ReadonlyMap<string, Json> = new Map();

function asKind(type: string, path: string): Kind {
  if (!kinds.includes(type))
    throw new RangeError(`${path}: "${type}" is none of ${kinds.join(", ")}, with or without "?"`);
  return type as Kind;
}

function isOfKind(kind: Kind, value: Json | undefined): boolean {
  if (kind === "json") return true;
  return kind === "integer" ? Number.isSafeInteger(value) : typeof value === kind;
}

function article(kind: Kind): string {
  return kind === "integer" ? "an integer" : `a ${kind}`;
}
