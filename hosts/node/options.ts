// SPDX-License-Identifier: Apache-2.0
// The command line of every program of the project, in one place.

import { parseArgs } from "node:util";
import { exitCodes } from "./exit-codes.js";

/** A mistake on the command line. The message begins with the option's name. */
export class UsageError extends Error {
  override get name(): string {
    return "UsageError";
  }
}

/** How one option is written and what it means. `read` throws `UsageError`. */
export interface Option<T> {
  readonly type: "string" | "boolean";
  read(name: string, raw: string): T;
}

export const flag: Option<boolean> = { type: "boolean", read: () => true };

export const text: Option<string> = { type: "string", read: (_name, raw) => raw };

/** More than 0, at most a day. */
export const seconds: Option<number> = {
  type: "string",
  read: (name, raw) => number(name, raw, "a number of seconds", (value) => value > 0 && value <= 86_400),
};

/** 0 stands for any free port. */
export const port: Option<number> = {
  type: "string",
  read: (name, raw) =>
    number(name, raw, "a port from 0 to 65535", (value) => Number.isInteger(value) && value <= 65_535),
};

export function choice<T extends string>(...names: readonly T[]): Option<T> {
  return {
    type: "string",
    read: (name, raw) => {
      const found = names.find((candidate) => candidate === raw);
      if (found === undefined) throw new UsageError(`--${name}: "${raw}" is not one of ${names.join(", ")}`);
      return found;
    },
  };
}

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Over TLS. */
  readonly isSecure: boolean;
}

/** An MQTT server as in "mqtt://host:port", or "mqtts://host:port" over TLS; the port is 1883 or 8883 when left out. */
export const mqttAddress: Option<Address> = {
  type: "string",
  read: (name, raw) => {
    const match = /^mqtt(s?):\/\/(\[[0-9a-fA-F:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?\/?$/.exec(raw);
    const isSecure = match?.[1] === "s";
    const value = Number(match?.[3] ?? (isSecure ? 8883 : 1883));
    if (match?.[2] === undefined || value < 1 || value > 65_535)
      throw new UsageError(`--${name}: "${raw}" is not of the form mqtt://host:port or mqtts://host:port`);
    return { host: match[2].replace(/^\[|\]$/g, ""), port: value, isSecure };
  },
};

export type Options = Readonly<Record<string, Option<unknown>>>;
export type Values<O extends Options> = {
  readonly [K in keyof O]: (O[K] extends Option<infer T> ? T : never) | undefined;
};

/** Reads a command line strictly: an unknown option, a missing value or a stray word is a `UsageError`. */
export function readOptions<O extends Options>(options: O, args: readonly string[]): Values<O> {
  const raw = parse(args, typesOf(options));
  const values = Object.entries(options).map(([name, option]) => {
    const value = raw[name];
    return [name, value === undefined ? undefined : option.read(name, String(value))];
  });
  return Object.fromEntries(values);
}

/** Those of the options that are on a command line, to be handed on as they are. */
export function handOn(options: Options, all: Options, args: readonly string[]): string[] {
  const raw = parse(args, typesOf(all));
  return Object.keys(options).flatMap((name) => {
    if (raw[name] === undefined) return [];
    return options[name]?.type === "boolean" ? [`--${name}`] : [`--${name}=${raw[name]}`];
  });
}

export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new UsageError(`--${name}: missing`);
  return value;
}

/** Runs a program: a usage error is printed and ends it with code 2, any other error is nobody's to handle. */
export function runProgram(program: () => void | Promise<void>): void {
  Promise.resolve()
    .then(program)
    .catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      console.error(error.message);
      process.exit(exitCodes.usage);
    });
}

type Config = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;

function typesOf(options: Options): Config {
  return Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]));
}

function parse(args: readonly string[], options: Config): Readonly<Record<string, unknown>> {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function number(name: string, raw: string, form: string, isValid: (value: number) => boolean): number {
  const value = /^\d+(\.\d+)?$/.test(raw) ? Number(raw) : Number.NaN;
  if (!isValid(value)) throw new UsageError(`--${name}: "${raw}" is not ${form}`);
  return value;
}
