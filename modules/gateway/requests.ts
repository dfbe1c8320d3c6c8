// SPDX-License-Identifier: Apache-2.0

import type { AttributeScope } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { checkName } from "../cloud/names.js";
import type { Reason } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Milliseconds } from "../core/ports.js";
import { runHandler } from "../core/run-handler.js";
import { Exchange, indifferent } from "../session/exchange.js";
import type { GatewayChild } from "./child.js";
import type { GatewayParts } from "./options.js";

/** Exactly one of the two is given. */
export type ValuesCallback = (reason: Reason | undefined, values: ReadonlyMap<string, Json> | undefined) => void;

/** Requests under way at one time, of all sub-devices together. */
const maxPending = 16;

/** The longest id that a request can have. */
const longestId = 0x7fff_ffff;

interface Request {
  readonly child: GatewayChild;
  readonly scope: AttributeScope;
  readonly names: readonly string[];
  readonly callback: ValuesCallback;
}

/** Asks the server for values of attributes of sub-devices, of one scope at a time. */
export class GatewayRequests {
  /** Answers that were not understood or belong to nobody, and callbacks that threw, by reason. */
  readonly failures: FailureLog;
  readonly #parts: GatewayParts;
  readonly #exchange: Exchange<Request>;

  constructor(parts: GatewayParts) {
    const { link, clock, log, dialect } = parts;
    this.#parts = parts;
    this.failures = new FailureLog(clock, log, "gateway.response");
    this.#exchange = new Exchange({
      ...{ link, clock, maxPending },
      send: (id, request) => this.#send(id, request),
      fail: (request, reason) => this.#finish(request, reason, undefined),
    });
    link.subscribe({
      filter: dialect.responseFilter,
      QoS: 1,
      onMessage: (topic, payload, byteLength) => this.#onResponse(topic, payload, byteLength),
    });
  }

  /**
   * Asks for the named attributes. `callback` follows exactly once and never inside the call: with what was found of them, or with
   * "request-timeout" (also where the server could not read its database), "request-cancelled" (the session ended, or the child left),
   * "too-many-requests", "payload-too-large" or "malformed-json". While there is no session, or not all sub-devices are announced, the
   * request waits, up to `timeout`, which is 1 ms to 12 days.
   */
  request(
    child: GatewayChild,
    scope: AttributeScope,
    names: readonly string[],
    timeout: Milliseconds,
    callback: ValuesCallback,
  ): void {
    this.#exchange.request({ child, scope, names: [...names], callback }, timeout);
  }

  /** Throws for names that cannot be asked for in one request: `TypeError` or `RangeError`. */
  check(child: GatewayChild, names: readonly string[]): void {
    if (!Array.isArray(names)) throw new TypeError("names: not an array");
    for (const name of names) checkName(name, "names");
    if (!this.fits(child, names)) throw new RangeError("names: too long together for one request");
  }

  /** Can these names be asked for in one request? */
  fits(child: GatewayChild, names: readonly string[]): boolean {
    this.#write(longestId, child, "client", names);
    return !this.#parts.writer.hasOverflowed;
  }

  #write(id: number, child: GatewayChild, scope: AttributeScope, names: readonly string[]): void {
    const { writer, dialect } = this.#parts;
    writer.reset();
    dialect.writeRequest(writer, id, child.name, scope, names);
  }

  #send(id: number, { child, scope, names }: Request): boolean | Reason {
    const { link, dialect, writer, clock } = this.#parts;
    // It would bring back a child that has left.
    if (!child.isPresent) return "request-cancelled";
    this.#write(id, child, scope, names);
    const { bytes, byteLength } = writer;
    if (byteLength > link.maxPayload) return "payload-too-large";
    if (!link.publish(dialect.requestTopic, bytes, byteLength, indifferent, id, false, 0, 1)) return false;
    child.since = clock.ticks();
    return true;
  }

  #onResponse(topic: string, payload: Uint8Array, byteLength: number): void {
    const response = this.#parts.dialect.readResponse(payload, byteLength);
    if (typeof response === "string") {
      this.failures.add(response, topic);
      return;
    }
    const { id, device, value, values } = response;
    const request = this.#exchange.take(id);
    if (request === undefined) {
      if (!this.#exchange.isOwn(id)) this.failures.add("unknown-topic", topic);
      return;
    }
    const { child, names } = request;
    if (device !== child.name) {
      this.failures.add("unknown-device", device);
      this.#finish(request, "malformed-json", undefined);
      return;
    }
    // By the number of names that were asked for, not of those that were found.
    if (names.length > 1) this.#finish(request, undefined, values);
    else this.#finish(request, undefined, value === undefined ? none : new Map([[names[0] as string, value]]));
  }

  #finish(request: Request, reason: Reason | undefined, values: ReadonlyMap<string, Json> | undefined): void {
    runHandler(this.failures, () => request.callback(reason, values));
  }
}

const none: ReadonlyMap<string, Json> = new Map();
