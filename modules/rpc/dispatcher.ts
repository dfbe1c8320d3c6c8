// SPDX-License-Identifier: Apache-2.0

import type { RpcDialect } from "../cloud/dialect.js";
import type { Json } from "../cloud/json.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { FailureLog } from "../core/failure-log.js";
import { fingerprint } from "../core/fingerprint.js";
import { integer } from "../core/integer.js";
import type { Clock, LogSink, Milliseconds, Text, Timer } from "../core/ports.js";
import { isThenable, type Thenable } from "../core/thenable.js";
import type { Link, Publisher } from "../session/link.js";
import { type Method, type MethodOptions, Methods } from "./methods.js";
import { type RecentRequest, RecentRequests } from "./recent.js";
import { Failure, failureOf } from "./reply.js";
import type { Params, Schema } from "./schema.js";

/** Requests that are remembered, and so the most that can be running or wait for room; more than `maxPending` can be. */
const recentCount = 16;

/** Of a reply to a request that is not remembered; no request has it. */
const noSerial = -1;

/** Longest message of a failure; it may quote what the server sent or a handler threw. */
const maxMessageLength = 200;

export interface RpcDispatcherOptions {
  readonly link: Link;
  readonly dialect: RpcDialect;
  readonly clock: Clock;
  readonly text: Text;
  readonly log: LogSink;
  /** Methods with a handler, 1 to 255. Default 64. */
  readonly maxMethods?: number;
  /** Handlers whose promise is pending, 1 to 8; while there are as many, requests are refused. Default 4. */
  readonly maxPending?: number;
  /** Longest wait for a promise of a handler, 1 ms to 1 h. Default 10 s, which is how long the server waits by default. */
  readonly deadline?: Milliseconds;
  /** Bytes of a reply, 256 to 8,192. Default 1,024, kept as XS heap. */
  readonly maxReplyBytes?: number;
  /** Bytes up to which a reply is kept in case the server asks again, 0 to 512. Default 96; 16 times as much XS heap. */
  readonly maxKeptBytes?: number;
  /** The method of this name for the request of this id, where requests are for several devices; those of `handle` by default. */
  readonly find?: (id: number, method: string) => Method | undefined;
}

/**
 * Runs the methods the server calls. Every request is answered once in each session in which the server makes it, by the
 * handler's result or by a failure with one of a few codes, except where the session ends first or is too narrow for the reply.
 * A request the server repeats is not run again while its handler runs, nor for a minute after its answer was sent or
 * acknowledged in the same session, nor for a minute after a session that ended before the acknowledgement if the answer is
 * kept, as long as it is one of the last 16. It is given the kept answer then, unless that is still on its way.
 *
 * When the link has no room, answers wait for it. At most 16 requests run or wait; one more is not run. It counts as
 * "too-many-requests" in `failures` and is answered by that failure where the link has room for it at once, otherwise not at all.
 */
export class RpcDispatcher {
  /** Requests that failed, by reason. */
  readonly failures: FailureLog;
  readonly #link: Link;
  readonly #dialect: RpcDialect;
  readonly #clock: Clock;
  readonly #writer: JsonWriter;
  readonly #recent: RecentRequests;
  readonly #kept: Uint8Array;
  readonly #publisher: Publisher;
  readonly #deadlineTimer: Timer;
  readonly #maxPending: number;
  readonly #methods: Methods;
  readonly #find: (id: number, method: string) => Method | undefined;
  #running = 0;
  #epoch = 0;
  /** Whose handler is being called. */
  #called: RecentRequest | undefined;

  constructor(options: RpcDispatcherOptions) {
    const { link, dialect, clock } = options;
    this.#methods = new Methods(options.maxMethods, options.deadline);
    this.#find = options.find ?? ((_id, method) => this.#methods.get(method));
    this.#maxPending = integer(options.maxPending ?? 4, "maxPending", 1, 8);
    const maxReplyBytes = integer(options.maxReplyBytes ?? 1024, "maxReplyBytes", 256, 8192);
    const maxKeptBytes = integer(options.maxKeptBytes ?? 96, "maxKeptBytes", 0, 512);
    this.#link = link;
    this.#dialect = dialect;
    this.#clock = clock;
    this.#writer = new JsonWriter(options.text, maxReplyBytes);
    this.#recent = new RecentRequests(clock, recentCount, maxKeptBytes);
    this.#kept = new Uint8Array(maxKeptBytes);
    this.#deadlineTimer = clock.timer(() => this.#onDeadline());
    this.failures = new FailureLog(clock, options.log, "rpc.failed");
    this.#publisher = { onAcknowledged: (serial) => this.#recent.acknowledge(serial), onLost: () => {} };
    link.subscribe({
      filter: dialect.requestFilter,
      QoS: 1,
      onMessage: (topic, payload, byteLength) => this.#onRequest(topic, payload, byteLength),
    });
    link.join({
      onOpen: () => {
        this.#epoch += 1;
      },
      onLive: () => {},
      onClosed: () => this.#recent.endEpoch(),
      onRoom: () => this.#sendWaiting(),
    });
  }

  /**
   * Sets the handler of a method, whose name is matched exactly. The handler gets parameters of the declared types; what it
   * returns is the result: JSON, undefined for null, or a promise. What it throws becomes a failure: a `DeviceError` with one of
   * the reply codes keeps its code, anything else is "handler-failed".
   * Throws `TypeError` or `RangeError` for a method that has a handler, a bad schema or deadline, and when the table is full.
   */
  handle<const S extends Schema>(
    method: string,
    schema: S,
    handler: (params: Params<S>) => unknown,
    options?: MethodOptions,
  ): void {
    this.#methods.handle(method, schema, handler, options);
  }

  /** Answers requests that still run by a failure, where nobody is there any more to do it; but the one whose handler says so. */
  abandon(isMeant: (id: number) => boolean, failure: Failure): void {
    for (const request of this.#recent) {
      if (request.state !== "running" || request === this.#called || request.id < 0 || !isMeant(request.id)) continue;
      this.#answer(request, failure);
    }
    this.#scheduleDeadline();
  }

  #onRequest(topic: string, payload: Uint8Array, byteLength: number): void {
    const id = this.#dialect.requestId(topic, payload, byteLength);
    if (id === undefined) return;
    if (typeof id === "string") {
      this.failures.add(id, topic);
      return;
    }
    const print = fingerprint(payload, byteLength);
    const known = this.#recent.find(id, print);
    if (known !== undefined) {
      this.#repeat(known);
      return;
    }
    // Looked at before `begin`, which makes this request one of the running.
    const isFull = this.#running >= this.#maxPending;
    this.#recent.supersede(id);
    const request = this.#recent.begin(id, print, this.#epoch);
    if (request === undefined) {
      this.#refuse(id);
      return;
    }
    this.#running += 1;
    if (isFull) this.#answer(request, new Failure("too-many-requests", `${this.#maxPending} are running`));
    else this.#run(request, payload, byteLength);
  }

  /** There is no place to remember the request, nor therefore for its reply to wait. */
  #refuse(id: number): void {
    const failure = new Failure("too-many-requests", `${recentCount} are running or wait for room`);
    this.failures.add(failure.code, failure.message);
    this.#write(id, failure);
    const { bytes, byteLength } = this.#writer;
    if (byteLength > this.#link.maxPayload) return;
    this.#reply(id, bytes, byteLength, noSerial);
  }

  /** The server asked again, so in this session the id means this request. */
  #repeat(request: RecentRequest): void {
    request.epoch = this.#epoch;
    if (request.state !== "kept" && request.state !== "acknowledged") return;
    if (request.byteLength >= 0) this.#send(request);
  }

  #run(request: RecentRequest, payload: Uint8Array, byteLength: number): void {
    const call = this.#dialect.readRequest(payload, byteLength);
    if (typeof call === "string") {
      this.#answer(request, new Failure("malformed-json", call));
      return;
    }
    let result: unknown;
    let isLater = false;
    this.#called = request;
    try {
      result = this.#call(request, call.method, call.params);
      isLater = isThenable(result);
    } catch (error) {
      result = failureOf(error);
    }
    this.#called = undefined;
    if (isLater) this.#await(request, result as Thenable);
    else this.#answer(request, result);
  }

  #call(request: RecentRequest, name: string, params: Json): unknown {
    const method = this.#find(request.id, name);
    if (method === undefined) return new Failure("unknown-method", name);
    const problem = method.schema.problem(params);
    if (problem !== undefined) return new Failure("invalid-params", problem);
    request.deadline = method.deadline;
    return method.handler(method.schema.convert(params) as never);
  }

  #await(request: RecentRequest, result: Thenable): void {
    const { serial } = request;
    try {
      result.then(
        (value) => this.#settle(serial, value),
        (error) => this.#settle(serial, failureOf(error)),
      );
    } catch (error) {
      this.#settle(serial, failureOf(error));
    }
    this.#scheduleDeadline();
  }

  /** Too late when the deadline has passed: the request was answered by then. */
  #settle(serial: number, result: unknown): void {
    const request = this.#recent.bySerial(serial);
    if (request?.state !== "running") return;
    this.#answer(request, result);
    this.#scheduleDeadline();
  }

  #onDeadline(): void {
    for (const request of this.#recent) {
      if (request.state === "running" && this.#remaining(request) <= 0)
        this.#answer(request, new Failure("request-timeout", `no result in ${request.deadline} ms`));
    }
    this.#scheduleDeadline();
  }

  #scheduleDeadline(): void {
    let soonest = Number.POSITIVE_INFINITY;
    for (const request of this.#recent) {
      if (request.state === "running") soonest = Math.min(soonest, this.#remaining(request));
    }
    if (soonest === Number.POSITIVE_INFINITY) this.#deadlineTimer.stop();
    else this.#deadlineTimer.start(Math.max(0, soonest));
  }

  #remaining(request: RecentRequest): Milliseconds {
    return request.deadline - this.#clock.elapsed(request.since);
  }

  #answer(request: RecentRequest, result: unknown): void {
    this.#running -= 1;
    const written = this.#write(request.id, result);
    if (written instanceof Failure) this.failures.add(written.code, written.message);
    this.#recent.keep(request, this.#writer.bytes, this.#writer.byteLength);
    if (request.byteLength < 0) request.result = written;
    this.#publish(request, this.#writer.bytes, this.#writer.byteLength);
  }

  /** Writes the reply and returns what it became: a result that cannot be written becomes a failure. */
  #write(id: number, result: unknown): unknown {
    const writer = this.#writer;
    writer.reset();
    if (result instanceof Failure) {
      this.#dialect.writeFailure(writer, id, result.code, result.message.slice(0, maxMessageLength));
      return this.#fits() || result.message === "" ? result : this.#write(id, new Failure(result.code, ""));
    }
    this.#dialect.beginResult(writer, id);
    try {
      writer.tree(result === undefined ? null : result);
    } catch (error) {
      return this.#write(id, failureOf(error));
    }
    this.#dialect.endResult(writer);
    return this.#fits() ? result : this.#write(id, new Failure("payload-too-large", "the result"));
  }

  #fits(): boolean {
    return !this.#writer.hasOverflowed && (!this.#link.isOpen || this.#writer.byteLength <= this.#link.maxPayload);
  }

  #publish(request: RecentRequest, bytes: Uint8Array, byteLength: number): void {
    if (!this.#link.isOpen || request.id < 0 || request.epoch !== this.#epoch || byteLength > this.#link.maxPayload) {
      this.#recent.put(request);
      return;
    }
    if (this.#reply(request.id, bytes, byteLength, request.serial)) this.#recent.sent(request);
    else this.#recent.wait(request);
  }

  /** False where there is no room. */
  #reply(id: number, bytes: Uint8Array, byteLength: number, serial: number): boolean {
    const topic = this.#dialect.responseTopic(id);
    return this.#link.publish(topic, bytes, byteLength, this.#publisher, serial, false, 0, this.#dialect.devices);
  }

  #send(request: RecentRequest): void {
    if (request.byteLength >= 0) {
      this.#recent.restore(request, this.#kept);
      this.#publish(request, this.#kept, request.byteLength);
      return;
    }
    this.#write(request.id, request.result);
    this.#publish(request, this.#writer.bytes, this.#writer.byteLength);
  }

  #sendWaiting(): void {
    for (const request of this.#recent) {
      if (request.state !== "waiting") continue;
      this.#send(request);
    }
  }
}
