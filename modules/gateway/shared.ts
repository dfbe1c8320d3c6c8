// SPDX-License-Identifier: Apache-2.0

import type { Declaration } from "../cloud/declaration.js";
import type { SubDeviceReader } from "../cloud/gateway-dialect.js";
import type { Json } from "../cloud/json.js";
import { isSameJson } from "../cloud/json-value.js";
import { checkName } from "../cloud/names.js";
import type { Reason } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Milliseconds, Timer } from "../core/ports.js";
import { runHandler } from "../core/run-handler.js";
import type { GatewayAttributes } from "./attributes.js";
import type { GatewayChild } from "./child.js";
import { ChildAttribute, ChildShared } from "./child-shared.js";
import type { GatewayParts } from "./options.js";
import type { GatewayRequests } from "./requests.js";

/** The answer comes out of a database; when that is overloaded there is none at all. */
const requestTimeout: Milliseconds = 15_000;

/** Nobody waits for the answer to a sign of life: it only makes room for the next. */
const lifeTimeout: Milliseconds = 2_000;

const firstPause: Milliseconds = 5_000;
const longestPause: Milliseconds = 300_000;

/** Requests at one time, so that those of the program have room beside them. */
const mostUnderWay = 4;

/** Names with a handler, of one sub-device. */
const maxNames = 32;

/** Client attribute: an object of what is wrong with the server's values, by the names of shared attributes. */
const errorsName = "sharedErrors";

/** Characters of one problem. */
const maxProblemLength = 80;

/** Asked for of a child without shared attributes, to give a sign of life of it; it need not exist. */
const signOfLife: readonly string[] = Object.freeze(["alive"]);

export interface GatewaySharedOptions extends GatewayParts {
  readonly requests: GatewayRequests;
  readonly attributes: GatewayAttributes;
}

/**
 * The attributes that the server sets for sub-devices. They are asked for after every connect, a few children at a time, because the
 * server does not repeat what was missed. Unlike those of the device itself they are not stored: after a restart a handler waits for
 * the server, or gets the declared default.
 */
export class GatewayShared {
  /** Messages that were not understood, values refused, requests without an answer and handlers that threw, by reason. */
  readonly failures: FailureLog;
  readonly #options: GatewaySharedOptions;
  readonly #timer: Timer;
  #underWay = 0;
  /** Whom to ask next. */
  #next = 0;
  /** Declared with a default that its handler has to get. */
  readonly #fresh: { readonly child: GatewayChild; readonly attribute: ChildAttribute }[] = [];
  /** Of the update that is being read. */
  #pushedTo: GatewayChild | undefined;

  constructor(options: GatewaySharedOptions) {
    const { link, clock, log, dialect } = options;
    this.#options = options;
    this.#timer = clock.timer(() => this.#requestAll());
    this.failures = new FailureLog(clock, log, "gateway.shared");
    const reader: SubDeviceReader = {
      onDevice: (device) => this.#onDevice(device),
      onValue: (_scope, name, value) => this.#onPushed(name, value),
      onDeleted: (name) => this.#onPushed(name, undefined),
    };
    link.subscribe({
      filter: dialect.updateFilter,
      QoS: 1,
      onMessage: (topic, payload, byteLength) => {
        const reason = dialect.readUpdate(payload, byteLength, reader);
        if (reason !== undefined) this.failures.add(reason, topic);
      },
    });
    link.join({
      onOpen: () => this.#onOpen(),
      onLive: () => {},
      onClosed: () => this.#timer.stop(),
      onRoom: () => this.#timer.start(0),
    });
  }

  /**
   * Calls `handler` with the server's value of a shared attribute and at every change of it, and soon with the default where one is
   * declared. Throws `TypeError` or `RangeError` for a name that cannot be asked for or has a handler, and for more than 32 names.
   */
  add(child: GatewayChild, name: string, declaration: Declaration | undefined, handler: (value: never) => void): void {
    checkName(name, "name");
    if (typeof handler !== "function") throw new TypeError("handler: not a function");
    const names = child.shared?.attributes;
    if (names?.has(name)) throw new RangeError(`name: "${name}" has a handler already`);
    if ((names?.size ?? 0) >= maxNames) throw new RangeError(`name: more than ${maxNames} names`);
    const asked = [...(names?.keys() ?? []), name];
    if (!this.#options.requests.fits(child, asked))
      throw new RangeError("name: too long together with the others for one request");
    child.shared ??= new ChildShared();
    const { shared } = child;
    const attribute = new ChildAttribute(declaration, handler);
    shared.attributes.set(name, attribute);
    if (attribute.current !== undefined) this.#fresh.push({ child, attribute });
    if (declaration !== undefined && shared.problems === undefined) {
      shared.problems = new Map();
      this.#tellProblems(child, shared.problems);
    }
    this.#timer.start(0);
  }

  /** Nobody asks for shared attributes of this child any more. */
  forget(child: GatewayChild): void {
    child.shared = undefined;
  }

  /** The server gets a sign of life of the child, and the child what it may have missed meanwhile. */
  refresh(child: GatewayChild): void {
    child.shared?.restart();
    this.#timer.start(0);
  }

  #onOpen(): void {
    const { children } = this.#options;
    for (let number = 0; number < children.count; number += 1) children.at(number).shared?.restart();
    this.#timer.start(0);
  }

  #requestAll(): void {
    const { children, link } = this.#options;
    this.#deliverDefaults();
    // Who opens the gate calls back.
    if (!link.isOpen || !link.isClear) return;
    let wake = Number.POSITIVE_INFINITY;
    for (let count = children.count; count > 0 && this.#underWay < mostUnderWay; count -= 1) {
      this.#next = this.#next + 1 < children.count ? this.#next + 1 : 0;
      wake = Math.min(wake, this.#request(children.at(this.#next)));
    }
    if (wake !== Number.POSITIVE_INFINITY) this.#timer.start(wake);
  }

  /** Asks for what is due of a child; returns how long that has to wait. */
  #request(child: GatewayChild): Milliseconds {
    const { shared } = child;
    if (!child.isPresent || shared?.isRequesting === true) return Number.POSITIVE_INFINITY;
    if (shared !== undefined && shared.pause > 0) {
      const elapsed = this.#options.clock.elapsed(shared.pausedAt);
      if (elapsed >= 0 && elapsed < shared.pause) return shared.pause - elapsed;
    }
    const names = shared?.due() ?? [];
    if (names.length > 0 && shared !== undefined) this.#requestShared(child, shared, names);
    else if (child.isStale) this.#requestLife(child);
    return Number.POSITIVE_INFINITY;
  }

  #requestShared(child: GatewayChild, shared: ChildShared, names: readonly string[]): void {
    shared.isRequesting = true;
    child.isStale = false;
    this.#underWay += 1;
    for (const name of names) mark(shared, name);
    this.#options.requests.request(child, "shared", names, requestTimeout, (reason, values) => {
      this.#underWay -= 1;
      shared.isRequesting = false;
      this.#timer.start(0);
      // Another one, where the child was gone meanwhile.
      if (child.shared !== shared) return;
      if (values === undefined) this.#onUnanswered(shared, names, reason);
      else this.#onAnswer(child, shared, names, values);
    });
  }

  #requestLife(child: GatewayChild): void {
    child.isStale = false;
    this.#underWay += 1;
    this.#options.requests.request(child, "client", signOfLife, lifeTimeout, () => {
      this.#underWay -= 1;
      this.#timer.start(0);
    });
  }

  #onUnanswered(shared: ChildShared, names: readonly string[], reason: Reason | undefined): void {
    if (reason === undefined || reason === "request-cancelled") return;
    this.failures.add(reason, "request");
    if (reason === "request-timeout" || reason === "malformed-json" || reason === "payload-too-large") {
      if (names.length > 1) shared.most = Math.ceil(names.length / 2);
      else shared.putLast(names[0] as string);
    }
    const { clock, random } = this.#options;
    shared.pause = Math.min(Math.max(firstPause, shared.pause * 2), longestPause);
    // So that children that failed together do not come back together.
    shared.pause -= Math.floor((shared.pause * random()) / 0x4_0000_0000);
    shared.pausedAt = clock.ticks();
  }

  #onAnswer(
    child: GatewayChild,
    shared: ChildShared,
    names: readonly string[],
    values: ReadonlyMap<string, Json>,
  ): void {
    shared.pause = 0;
    for (const name of names) {
      const attribute = shared.attributes.get(name);
      if (attribute === undefined) continue;
      attribute.isDue = false;
      if (!attribute.isPushed) this.#take(child, shared, name, attribute, values.get(name));
    }
  }

  #onDevice(device: string): boolean {
    const child = this.#options.children.find(device);
    this.#pushedTo = child;
    if (child?.isPresent === true) return true;
    this.failures.add("unknown-device", device);
    return false;
  }

  #onPushed(name: string, value: Json | undefined): void {
    const child = this.#pushedTo;
    const attribute = child?.shared?.attributes.get(name);
    if (child?.shared === undefined || attribute === undefined) return;
    attribute.isPushed = true;
    this.#take(child, child.shared, name, attribute, value);
  }

  #take(
    child: GatewayChild,
    shared: ChildShared,
    name: string,
    attribute: ChildAttribute,
    received: Json | undefined,
  ): void {
    const { declaration } = attribute;
    const value = received === undefined || declaration === undefined ? received : declaration.convert(received);
    const problem = value === undefined ? undefined : declaration?.problem(value);
    this.#setProblem(child, shared, name, problem);
    if (problem !== undefined) {
      this.failures.add("value-refused", `${child.name}: ${name}: ${problem}`);
      return;
    }
    const before = attribute.current;
    attribute.value = value;
    if (!isSame(before, attribute.current)) this.#deliver(attribute);
  }

  #setProblem(child: GatewayChild, shared: ChildShared, name: string, problem: string | undefined): void {
    const { problems } = shared;
    const told = problem?.slice(0, maxProblemLength);
    if (problems === undefined || problems.get(name) === told) return;
    problems.delete(name);
    if (told !== undefined) problems.set(name, told);
    this.#tellProblems(child, problems);
  }

  /** The latest problems, as far as they fit into one attribute. */
  #tellProblems(child: GatewayChild, problems: ReadonlyMap<string, string>): void {
    const told = new Map(problems);
    for (const name of problems.keys()) {
      if (this.#options.attributes.fits(child, errorsName, told)) break;
      told.delete(name);
    }
    this.#options.attributes.tell(child, errorsName, told);
  }

  #deliverDefaults(): void {
    for (const { child, attribute } of this.#fresh.splice(0)) {
      if (attribute.value === undefined && child.shared?.has(attribute)) this.#deliver(attribute);
    }
  }

  #deliver(attribute: ChildAttribute): void {
    runHandler(this.failures, () => attribute.handler(attribute.current as never));
  }
}

function mark(shared: ChildShared, name: string): void {
  const attribute = shared.attributes.get(name);
  if (attribute !== undefined) attribute.isPushed = false;
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return one === undefined || other === undefined ? one === other : isSameJson(one, other);
}
