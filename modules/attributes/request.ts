// SPDX-License-Identifier: Apache-2.0

import type { AttributeReader, AttributeRequestsDialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { checkRequestedName } from "../cloud/names.js";
import type { Reason } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, Text } from "../core/ports.js";
import { runHandler } from "../core/run-handler.js";
import { Exchange, indifferent } from "../session/exchange.js";
import type { Link } from "../session/link.js";

export interface AttributeValues {
  /** What was found of the names asked for; a name the server does not know is absent. */
  readonly client: ReadonlyMap<string, Json>;
  readonly shared: ReadonlyMap<string, Json>;
}

/** Exactly one of the two is given. */
export type AttributesCallback = (reason: Reason | undefined, values: AttributeValues | undefined) => void;

export interface AttributeRequestsOptions {
  readonly link: Link;
  readonly dialect: AttributeRequestsDialect;
  readonly clock: Clock;
  readonly text: Text;
  readonly log: LogSink;
  /** Requests under way at one time, 1 to 64. Default 8. */
  readonly maxPending?: number;
  /** Bytes of a request, which is the names with a comma after each, 64 to 8,192. Default 1,024, kept as XS heap. */
  readonly maxRequestBytes?: number;
}

interface Request {
  readonly client: readonly string[];
  readonly shared: readonly string[];
  readonly callback: AttributesCallback;
}

/** Whoever asks the server for values of attributes. */
export type AttributeRequester = Pick<AttributeRequests, "request" | "fits">;

/** Asks the server for values of attributes. */
export class AttributeRequests {
  /** Answers that were not understood or belong to nobody, by reason. */
  readonly failures: FailureLog;
  readonly #link: Link;
  readonly #dialect: AttributeRequestsDialect;
  readonly #writer: JsonWriter;
  readonly #exchange: Exchange<Request>;
  readonly #reader: AttributeReader = {
    onValue: (scope, name, value) => (scope === "client" ? this.#client : this.#shared).set(name, value),
    onDeleted: () => {},
  };
  #client = new Map<string, Json>();
  #shared = new Map<string, Json>();

  constructor(options: AttributeRequestsOptions) {
    const { link, dialect, clock, maxRequestBytes = 1024 } = options;
    if (!Number.isInteger(maxRequestBytes) || maxRequestBytes < 64 || maxRequestBytes > 8192)
      throw new RangeError("maxRequestBytes: not an integer from 64 to 8192");
    this.#link = link;
    this.#dialect = dialect;
    this.#writer = new JsonWriter(options.text, maxRequestBytes);
    this.failures = new FailureLog(clock, options.log, "attributes.response");
    this.#exchange = new Exchange({
      link,
      clock,
      maxPending: options.maxPending ?? 8,
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
   * Asks for the named attributes; with no name at all, for every attribute there is. `callback` follows exactly once and
   * never inside the call: with values, or with "request-timeout", "request-cancelled" (the session ended),
   * "too-many-requests", "payload-too-large" (the session allows less than this request) or "malformed-json".
   * While there is no session the request waits for one, up to `timeout`, which is 1 ms to 12 days.
   * Throws `TypeError` or `RangeError` for names that cannot be asked for or that are too long together.
   */
  request(
    client: readonly string[],
    shared: readonly string[],
    timeout: Milliseconds,
    callback: AttributesCallback,
  ): void {
    if (typeof callback !== "function") throw new TypeError("callback: not a function");
    for (const name of client) checkRequestedName(name, "client");
    for (const name of shared) checkRequestedName(name, "shared");
    if (!this.fits(client, shared)) throw new RangeError("names: too long together for one request");
    this.#exchange.request({ client: [...client], shared: [...shared], callback }, timeout);
  }

  /** Can these names be asked for in one request? */
  fits(client: readonly string[], shared: readonly string[]): boolean {
    this.#writer.reset();
    this.#dialect.writeRequest(this.#writer, client, shared);
    return !this.#writer.hasOverflowed;
  }

  #send(id: number, request: Request): boolean | Reason {
    this.fits(request.client, request.shared);
    const { byteLength } = this.#writer;
    if (byteLength > this.#link.maxPayload) return "payload-too-large";
    return this.#link.publish(this.#dialect.requestTopic(id), this.#writer.bytes, byteLength, indifferent, id);
  }

  #onResponse(topic: string, payload: Uint8Array, byteLength: number): void {
    const id = this.#dialect.responseId(topic);
    const request = this.#exchange.take(id);
    if (request === undefined) {
      if (!this.#exchange.isOwn(id)) this.failures.add("unknown-topic", topic);
      return;
    }
    this.#client = new Map();
    this.#shared = new Map();
    const reason = this.#dialect.readResponse(payload, byteLength, this.#reader);
    if (reason !== undefined) this.failures.add(reason, topic);
    this.#finish(request, reason, reason === undefined ? { client: this.#client, shared: this.#shared } : undefined);
  }

  #finish(request: Request, reason: Reason | undefined, values: AttributeValues | undefined): void {
    runHandler(this.failures, () => request.callback(reason, values));
  }
}
