// SPDX-License-Identifier: Apache-2.0

import type { CallDialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { DeviceError, type Reason } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, Text } from "../core/ports.js";
import { runHandler } from "../core/run-handler.js";
import { Exchange, indifferent } from "../session/exchange.js";
import type { Link } from "../session/link.js";

/** `error` undefined: `result` is the server's answer. */
export type CallCallback = (error: DeviceError | undefined, result: Json | undefined) => void;

export interface CallOptions {
  /** Longest wait for the answer, 1 ms to 12 days. Default 10 s. */
  readonly timeout?: Milliseconds;
}

export interface RpcCallerOptions {
  readonly link: Link;
  readonly dialect: CallDialect;
  readonly clock: Clock;
  readonly text: Text;
  readonly log: LogSink;
  /** Calls under way at one time, 1 to 64. Default 8. */
  readonly maxPending?: number;
  /** Bytes of a call, 64 to 8,192. Default 1,024, kept as XS heap. */
  readonly maxCallBytes?: number;
}

interface Call {
  readonly method: string;
  readonly params: unknown;
  readonly callback: CallCallback;
}

/** Calls methods of the server. */
export class RpcCaller {
  /** Answers that were not understood or belong to nobody, and callbacks that threw, by reason. */
  readonly failures: FailureLog;
  readonly #link: Link;
  readonly #dialect: CallDialect;
  readonly #writer: JsonWriter;
  readonly #exchange: Exchange<Call>;

  constructor(options: RpcCallerOptions) {
    const { link, dialect, clock, maxCallBytes = 1024 } = options;
    if (!Number.isInteger(maxCallBytes) || maxCallBytes < 64 || maxCallBytes > 8192)
      throw new RangeError("maxCallBytes: not an integer from 64 to 8192");
    this.#link = link;
    this.#dialect = dialect;
    this.#writer = new JsonWriter(options.text, maxCallBytes);
    this.failures = new FailureLog(clock, options.log, "rpc.response");
    this.#exchange = new Exchange({
      link,
      clock,
      maxPending: options.maxPending ?? 8,
      send: (id, call) => this.#send(id, call),
      fail: (call, reason) => this.#fail(call, reason),
    });
    link.subscribe({
      filter: dialect.callResponseFilter,
      QoS: 1,
      onMessage: (topic, payload, byteLength) => this.#onResponse(topic, payload, byteLength),
    });
  }

  /**
   * `callback` follows exactly once and never inside the call: with the answer, or with a `DeviceError` whose reason is
   * "request-timeout" (also when the server says so), "request-cancelled" (the session ended), "too-many-requests",
   * "payload-too-large" (the session allows less than this call), "malformed-json", or "value-refused" (`params` were changed).
   * While there is no session the call waits for one, up to its timeout; do not change `params` until then.
   * Throws `TypeError` for arguments of the wrong type, `RangeError` for an empty method or a call over `maxCallBytes`.
   */
  call(method: string, params: unknown, options: CallOptions, callback: CallCallback): void {
    if (typeof method !== "string") throw new TypeError("method: not a string");
    if (method === "") throw new RangeError("method: empty");
    if (typeof callback !== "function") throw new TypeError("callback: not a function");
    const call: Call = { method, params: params === undefined ? null : params, callback };
    this.#write(call);
    if (this.#writer.hasOverflowed) throw new RangeError("params: too large for one call");
    this.#exchange.request(call, options.timeout ?? 10_000);
  }

  #write(call: Call): void {
    this.#writer.reset();
    this.#dialect.writeCall(this.#writer, call.method, call.params);
  }

  #send(id: number, call: Call): boolean | Reason {
    try {
      this.#write(call);
    } catch {
      return "value-refused";
    }
    const { byteLength } = this.#writer;
    if (this.#writer.hasOverflowed || byteLength > this.#link.maxPayload) return "payload-too-large";
    return this.#link.publish(this.#dialect.callTopic(id), this.#writer.bytes, byteLength, indifferent, id);
  }

  #onResponse(topic: string, payload: Uint8Array, byteLength: number): void {
    const id = this.#dialect.callResponseId(topic);
    const call = this.#exchange.take(id);
    if (call === undefined) {
      if (!this.#exchange.isOwn(id)) this.failures.add("unknown-topic", topic);
      return;
    }
    const answer = this.#dialect.readCallResponse(payload, byteLength);
    if (typeof answer !== "string") {
      this.#finish(call, undefined, answer.result);
      return;
    }
    this.failures.add(answer, call.method);
    this.#fail(call, answer);
  }

  #fail(call: Call, reason: Reason): void {
    this.#finish(call, new DeviceError(reason, `${call.method}: ${reason}`), undefined);
  }

  #finish(call: Call, error: DeviceError | undefined, result: Json | undefined): void {
    runHandler(this.failures, () => call.callback(error, result));
  }
}
