// SPDX-License-Identifier: Apache-2.0

import { Declaration, type SharedType, type SharedValue } from "../cloud/declaration.js";
import type { AttributeReader, AttributesDialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { isSameJson } from "../cloud/json-value.js";
import { checkRequestedName } from "../cloud/names.js";
import { Backoff } from "../core/backoff.js";
import type { Reason } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import { runHandler } from "../core/run-handler.js";
import type { Link } from "../session/link.js";
import type { Echoes } from "./echoes.js";
import type { LastKnown } from "./last-known.js";
import type { AttributeRequester, AttributeValues } from "./request.js";
import { SharedAttribute } from "./shared-attribute.js";
import type { SharedErrors } from "./shared-errors.js";

/** The answer comes out of a database; when that is overloaded there is none at all. */
const requestTimeout: Milliseconds = 15_000;

const firstPause: Milliseconds = 5_000;
const longestPause: Milliseconds = 300_000;

/** `value` undefined: the attribute was deleted on the server. A number may arrive where text was entered: "1.0" becomes 1. */
export type SharedHandler = (value: Json | undefined) => void;

export interface SharedAttributesOptions {
  readonly link: Link;
  readonly dialect: AttributesDialect;
  /** Undefined where the server cannot be asked: then what is known holds until it tells of a change. */
  readonly requests: AttributeRequester | undefined;
  /** Undefined where the server does not tell the device of what that wrote itself. */
  readonly echoes?: Echoes | undefined;
  readonly clock: Clock;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  readonly log: LogSink;
  /** Values from before the last restart; handlers get them before there is a network. */
  readonly lastKnown: LastKnown;
  readonly errors: SharedErrors;
  /** Names with a handler, 1 to 255. Default 64. */
  readonly maxNames?: number;
}

/**
 * The attributes the server sets for a device. They are subscribed, and requested at every connect, because the server does not
 * repeat what was missed; a request behind the SUBSCRIBE on one connection leaves no gap. A handler learns real changes only,
 * compared with what it knew before the last restart too. A name that has no handler when the first answer comes is not kept
 * for the next restart.
 */
export class SharedAttributes {
  /** Messages that were not understood, values refused, requests without an answer and handlers that threw, by reason. */
  readonly failures: FailureLog;
  readonly #link: Link;
  readonly #requests: AttributeRequester | undefined;
  readonly #echoes: Echoes | undefined;
  readonly #dialect: AttributesDialect;
  readonly #backoff: Backoff;
  readonly #dueTimer: Timer;
  readonly #requestTimer: Timer;
  readonly #lastKnown: LastKnown;
  readonly #errors: SharedErrors;
  readonly #maxNames: number;
  readonly #attributes = new Map<string, SharedAttribute>();
  #isRequesting = false;
  #isPruned = false;
  /** Names to ask for in this session. The last few are those that were not answered even when asked for alone. */
  #due: string[] = [];
  #unanswered = 0;
  /** Names in one request: fewer when an answer did not come, which may have been longer than the session can receive. */
  #most: number;

  constructor(options: SharedAttributesOptions) {
    const { link, dialect, clock, maxNames = 64 } = options;
    if (!Number.isInteger(maxNames) || maxNames < 1 || maxNames > 255)
      throw new RangeError("maxNames: not an integer from 1 to 255");
    this.#link = link;
    this.#requests = options.requests;
    this.#echoes = options.echoes;
    this.#dialect = dialect;
    this.#maxNames = maxNames;
    this.#most = maxNames;
    this.#lastKnown = options.lastKnown;
    this.#errors = options.errors;
    this.#backoff = new Backoff(options.random, firstPause, longestPause);
    this.#dueTimer = clock.timer(() => this.#deliverDue());
    this.#requestTimer = clock.timer(() => this.#request());
    this.failures = new FailureLog(clock, options.log, "attributes.shared");
    const reader: AttributeReader = {
      onValue: (_scope, name, value) => this.#onPushed(name, value),
      onDeleted: (name) => this.#onPushed(name, undefined),
    };
    link.subscribe({
      filter: dialect.updateFilter,
      QoS: 1,
      onMessage: (topic, payload, byteLength) => {
        const reason = dialect.readUpdate(topic, payload, byteLength, reader);
        if (reason !== undefined) this.failures.add(reason, topic);
      },
    });
    link.join({
      onOpen: () => this.#onOpen(),
      onLive: () => {},
      onClosed: () => this.#requestTimer.stop(),
      onRoom: () => {},
    });
  }

  /**
   * Calls `handler` soon with the last known value, where there is one, and then at every change. One handler per name.
   * Throws `TypeError` or `RangeError` for a name that cannot be asked for or has a handler, and when the table is full.
   */
  onShared(name: string, handler: SharedHandler): void {
    this.#add(name, undefined, handler);
  }

  /**
   * Calls `handler` with values of the declared type only: soon with the last known one or the default, where there is either,
   * and then at every change. Without a default undefined tells that the server has none. A value of another type or beyond the
   * limits is refused: the one before it stays in force, and the client attribute `sharedErrors` tells the name and the reason
   * until a good value comes. Text that is a number or a boolean is one, and a whole number is text where that is declared.
   * Throws as `onShared` does, and for a type that is none.
   */
  declareShared<const Type extends SharedType>(
    name: string,
    type: Type,
    handler: (value: SharedValue<Type>) => void,
  ): void {
    this.#add(name, new Declaration(type), handler);
  }

  #add(name: string, declaration: Declaration | undefined, handler: (value: never) => void): void {
    checkRequestedName(name, "name");
    if (typeof handler !== "function") throw new TypeError("handler: not a function");
    if (this.#attributes.has(name)) throw new RangeError(`name: "${name}" has a handler already`);
    if (this.#attributes.size >= this.#maxNames) throw new RangeError(`name: more than ${this.#maxNames} names`);
    const problem = this.#dialect.nameProblem(name);
    if (problem !== undefined) throw new RangeError(`name: "${name}" ${problem}`);
    if (this.#requests?.fits([], [...this.#attributes.keys(), name]) === false)
      throw new RangeError("name: too long together with the others for one request");
    const attribute = new SharedAttribute(name, declaration, handler);
    this.#attributes.set(name, attribute);
    this.#echoes?.watch(name);
    const known = attribute.convert(this.#lastKnown.get(name));
    // Another firmware may have stored it.
    if (attribute.problem(known) === undefined) attribute.value = known;
    if (attribute.current !== undefined) {
      attribute.isDue = true;
      this.#dueTimer.start(0);
    }
    this.#due.splice(this.#due.length - this.#unanswered, 0, name);
    if (this.#link.isOpen) this.#requestTimer.start(0);
  }

  /** All that the server has, from somewhere else than an answer. */
  onSnapshot(values: ReadonlyMap<string, Json>): void {
    for (const attribute of this.#attributes.values()) this.#take(attribute, values.get(attribute.name));
    this.#prune();
  }

  #deliverDue(): void {
    for (const attribute of this.#attributes.values()) if (attribute.isDue) this.#deliver(attribute);
  }

  #onOpen(): void {
    this.#backoff.reset();
    this.#due = [...this.#attributes.keys()];
    this.#unanswered = 0;
    this.#most = this.#maxNames;
    this.#request();
  }

  /** Asks for as many of the due names as one answer may hold, or for one that was asked for in vain before. */
  #request(): void {
    if (this.#requests === undefined || this.#isRequesting || this.#due.length === 0) return;
    const names = this.#due.slice(0, Math.max(1, Math.min(this.#most, this.#due.length - this.#unanswered)));
    this.#requests.request([], names, requestTimeout, (reason, values) => {
      this.#isRequesting = false;
      if (values === undefined) this.#onUnanswered(names, reason);
      else this.#onAnswer(names, values);
    });
    this.#isRequesting = true;
    for (const name of names) this.#mark(name);
  }

  #mark(name: string): void {
    const attribute = this.#attributes.get(name);
    if (attribute !== undefined) attribute.isPushed = false;
  }

  #onUnanswered(names: readonly string[], reason: Reason | undefined): void {
    const isCancelled = reason === "request-cancelled";
    if (reason !== undefined && !isCancelled) this.failures.add(reason, "request");
    if (reason === "request-timeout" || reason === "malformed-json" || reason === "payload-too-large") {
      if (names.length > 1) this.#most = Math.ceil(names.length / 2);
      else this.#putLast(names);
    }
    // "Cancelled" may be told after the next session has opened.
    if (this.#link.isOpen) this.#requestTimer.start(isCancelled ? 0 : this.#backoff.next());
  }

  /** The others go first. */
  #putLast(names: readonly string[]): void {
    this.#due = [...this.#due.filter((name) => !names.includes(name)), ...names];
    this.#unanswered = Math.min(this.#unanswered + 1, this.#due.length);
  }

  #onAnswer(names: readonly string[], values: AttributeValues): void {
    for (const name of names) {
      const attribute = this.#attributes.get(name);
      if (attribute !== undefined && !attribute.isPushed) this.#take(attribute, values.shared.get(name));
    }
    this.#prune();
    this.#due = this.#due.filter((name) => !names.includes(name));
    this.#unanswered = Math.min(this.#unanswered, this.#due.length);
    if (this.#due.length === 0) this.#backoff.reset();
    else this.#requestTimer.start(this.#due.length > this.#unanswered ? 0 : this.#backoff.next());
  }

  /** Once per boot. */
  #prune(): void {
    if (!this.#isPruned) this.#lastKnown.prune((name) => this.#attributes.has(name));
    this.#isPruned = true;
  }

  #onPushed(name: string, value: Json | undefined): void {
    const attribute = this.#attributes.get(name);
    if (attribute === undefined) return;
    attribute.isPushed = true;
    this.#take(attribute, value, this.#echoes?.take(name, value));
  }

  #take(attribute: SharedAttribute, received: Json | undefined, isEcho = false): void {
    const { name } = attribute;
    const value = attribute.convert(received);
    const problem = attribute.problem(value);
    this.#errors.set(name, problem);
    if (problem !== undefined) {
      this.failures.add("value-refused", `${name}: ${problem}`);
      return;
    }
    const isKnown = isSame(attribute.value, value);
    // What is stored may be a value that was not good enough to be known.
    if (!isKnown || value === undefined) this.#lastKnown.set(name, value);
    if (isKnown) return;
    const before = attribute.current;
    attribute.value = value;
    if (!isEcho && !isSame(before, attribute.current)) this.#deliver(attribute);
  }

  #deliver(attribute: SharedAttribute): void {
    attribute.isDue = false;
    runHandler(this.failures, () => attribute.handler(attribute.current as never));
  }
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return one === undefined || other === undefined ? one === other : isSameJson(one, other);
}
