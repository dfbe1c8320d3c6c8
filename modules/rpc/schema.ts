// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { type Kind, type LimitedType, type ValueOf, ValueType } from "../cloud/value-type.js";

type TypeName = Kind | `${Kind}?`;

/** Type of a parameter, by its name or with limits; with "?" it may be absent or null. */
export type ParameterType = TypeName | LimitedType<"" | "?">;

/** Named parameters, up to 32, or the one type of `params` as a whole: many dashboards send a bare number or boolean. */
export type Schema = TypeName | Readonly<Record<string, ParameterType>>;

type OptionalType = `${Kind}?` | { readonly type: `${Kind}?` };

type OptionalNames<Members> = {
  [Name in keyof Members]: Members[Name] extends OptionalType ? Name : never;
}[keyof Members];

/** What a handler with this schema gets. */
export type Params<S extends Schema> = S extends TypeName
  ? ValueOf<S> | (S extends OptionalType ? undefined : never)
  : S extends Readonly<Record<string, ParameterType>>
    ? { readonly [Name in Exclude<keyof S, OptionalNames<S>>]: ValueOf<S[Name]> } & {
        readonly [Name in OptionalNames<S>]?: ValueOf<S[Name]>;
      }
    : never;

const maxMembers = 32;

class Member extends ValueType {
  readonly name: string;
  readonly isOptional: boolean;

  constructor(name: string, type: unknown) {
    const path = name === "" ? "schema" : `schema.${name}`;
    const limits = typeof type === "object" && type !== null ? (type as { readonly type?: unknown }) : { type };
    const typeName = limits.type;
    if (typeof typeName !== "string") throw new TypeError(`${path}: not the name of a type`);
    const isOptional = typeName.endsWith("?");
    super(isOptional ? typeName.slice(0, -1) : typeName, limits, path);
    this.name = name;
    this.isOptional = isOptional;
  }

  /** What is wrong with a value, undefined when nothing is. */
  override problem(value: Json | undefined): string | undefined {
    if (value === undefined || this.isAbsent(value)) return this.isOptional ? undefined : "missing";
    return super.problem(value);
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
