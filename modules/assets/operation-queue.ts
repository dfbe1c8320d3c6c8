// SPDX-License-Identifier: Apache-2.0

import type { Operation, OperationsDialect } from "../cloud/assets-dialect.js";
import type { Json } from "../cloud/json.js";
import { mayBeDenial } from "../core/denial.js";
import { DeviceError, type Reason } from "../core/errors.js";
import { FailureLog } from "../core/failure-log.js";
import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import { runHandler } from "../core/run-handler.js";
import type { Link, Publisher } from "../session/link.js";

/** `error` undefined: `result` is the server's answer. */
export type OperationCallback = (error: DeviceError | undefined, result: Json | undefined) => void;

export interface OperationQueueOptions {
  readonly link: Link;
  readonly dialect: OperationsDialect;
  readonly clock: Clock;
  readonly log: LogSink;
}

/** That wait, are under way, or may still be answered too late. */
const maxPending = 16;

/** Refusals wait for the next turn of the loop; who asks this often without a pause has a mistake in its own loop. */
const maxRefused = 32;

class Request {
  readonly operation: Operation;
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly callback: OperationCallback;
  readonly timeout: Milliseconds;
  readonly serial: number;
  since: number;
  /** "late": its callback was told, but an answer may come, and would be taken for that to the next request of its topic. */
  state: "waiting" | "sent" | "late" | "refused" = "waiting";
  refusal: Reason = "too-many-requests";
  /** The session ended while it was what the server had to answer next. */
  isAccused = false;

  constructor(
    operation: Operation,
    key: string,
    bytes: Uint8Array,
    callback: OperationCallback,
    timeout: Milliseconds,
    serial: number,
    since: number,
  ) {
    this.operation = operation;
    this.key = key;
    this.bytes = bytes;
    this.callback = callback;
    this.timeout = timeout;
    this.serial = serial;
    this.since = since;
  }
}

/**
 * Requests whose only mark is their topic: of each topic one is under way at a time, the others wait. Each ends exactly once: by its
 * answer, by the server's refusal, or with "request-timeout", "request-cancelled" when the session ended after it was sent,
 * "operation-denied" when it ended for it, "too-many-requests" while 16 others are pending, or "payload-too-large". Made while there is
 * no session, it waits for one.
 */
export class OperationQueue implements Publisher {
  /** What failed, by reason, and answers to nobody. */
  readonly failures: FailureLog;
  readonly #options: OperationQueueOptions;
  readonly #timer: Timer;
  #requests: Request[] = [];
  #refused: Request[] = [];
  #isLive = false;
  #serial = 0;

  constructor(options: OperationQueueOptions) {
    const { link, dialect, clock, log } = options;
    this.#options = options;
    this.#timer = clock.timer(() => this.#onTimer());
    this.failures = new FailureLog(clock, log, "assets.operation");
    for (const filter of dialect.responseFilters)
      link.subscribe({
        filter,
        QoS: 0,
        onMessage: (topic, payload, byteLength) => this.#onResponse(topic, payload, byteLength),
      });
    link.join({
      onOpen: () => {},
      // Not earlier: an answer comes to who is subscribed.
      onLive: () => {
        this.#isLive = true;
        this.#sendAll();
      },
      onClosed: (reason) => this.#onClosed(reason),
      onRoom: () => this.#sendAll(),
    });
  }

  /** `callback` never runs inside the call. Throws `RangeError` for more than 32 refused requests in one turn. */
  request(operation: Operation, bytes: Uint8Array, timeout: Milliseconds, callback: OperationCallback): void {
    const { clock, dialect } = this.#options;
    this.#serial = (this.#serial + 1) % 0x4000_0000;
    const request = new Request(
      operation,
      dialect.keyOf(operation),
      bytes,
      callback,
      timeout,
      this.#serial,
      clock.ticks(),
    );
    if (this.#requests.length >= maxPending) {
      if (this.#refused.length >= maxRefused) throw new RangeError(`requests: ${maxRefused} were refused in this turn`);
      this.#refuse(request, "too-many-requests");
    } else {
      this.#requests.push(request);
      this.#sendAll();
    }
    this.#schedule();
  }

  onAcknowledged(): void {}

  onLost(serial: number, isOldest?: boolean): void {
    const request = this.#requests.find((one) => one.serial === serial);
    if (request !== undefined) request.isAccused = isOldest === true;
  }

  #sendAll(): void {
    const { link, dialect } = this.#options;
    if (!this.#isLive) return;
    for (const request of [...this.#requests]) {
      if (request.state !== "waiting" || this.#isBusy(request.key)) continue;
      const { key, bytes, serial } = request;
      if (bytes.length > link.maxPayload) {
        this.#remove(request);
        this.#refuse(request, "payload-too-large");
      } else if (link.publish(dialect.topicOf(key), bytes, bytes.length, this, serial)) request.state = "sent";
      else return;
    }
    this.#schedule();
  }

  #isBusy(key: string): boolean {
    return this.#requests.some((one) => one.key === key && one.state !== "waiting");
  }

  #onResponse(topic: string, payload: Uint8Array, byteLength: number): void {
    const { dialect } = this.#options;
    const key = dialect.keyIn(topic);
    const request = this.#requests.find((one) => one.key === key && one.state !== "waiting");
    if (request === undefined) {
      this.failures.add("unknown-topic", topic);
      return;
    }
    this.#remove(request);
    if (request.state === "sent") {
      const response = dialect.readResponse(request.operation, payload, byteLength);
      if ("reason" in response) this.#fail(request, response.reason, response.message);
      else runHandler(this.failures, () => request.callback(undefined, response.result));
    }
    this.#sendAll();
    this.#schedule();
  }

  #onClosed(reason: Reason): void {
    this.#isLive = false;
    const ended = this.#requests.filter(({ state }) => state !== "waiting");
    this.#requests = this.#requests.filter(({ state }) => state === "waiting");
    for (const request of ended) {
      if (request.state !== "sent") continue;
      const isDenied = request.isAccused && mayBeDenial(reason);
      this.#refuse(request, isDenied ? "operation-denied" : "request-cancelled");
    }
    this.#schedule();
  }

  #onTimer(): void {
    const refused = this.#refused;
    this.#refused = [];
    for (const request of refused) this.#fail(request, request.refusal, request.operation.kind);
    for (const request of [...this.#requests]) {
      // A callback may have stopped the device, or made requests.
      if (request.state === "refused" || this.#remaining(request) > 0) continue;
      const { state } = request;
      if (state === "sent") {
        request.state = "late";
        request.since = this.#options.clock.ticks();
      } else this.#remove(request);
      if (state !== "late") this.#fail(request, "request-timeout", request.operation.kind);
    }
    this.#sendAll();
    this.#schedule();
  }

  #schedule(): void {
    let soonest = this.#refused.length > 0 ? 0 : Number.POSITIVE_INFINITY;
    for (const request of this.#requests) soonest = Math.min(soonest, this.#remaining(request));
    if (soonest === Number.POSITIVE_INFINITY) this.#timer.stop();
    else this.#timer.start(Math.max(0, soonest));
  }

  #remaining({ timeout, since }: Request): Milliseconds {
    return timeout - this.#options.clock.elapsed(since);
  }

  #remove(request: Request): void {
    const index = this.#requests.indexOf(request);
    if (index >= 0) this.#requests.splice(index, 1);
  }

  /** Told in the next turn, so that no callback runs inside the call that caused it. */
  #refuse(request: Request, reason: Reason): void {
    request.state = "refused";
    request.refusal = reason;
    this.#refused.push(request);
  }

  #fail(request: Request, reason: Reason, message: string): void {
    this.failures.add(reason, `${request.operation.kind}: ${message}`);
    runHandler(this.failures, () => request.callback(new DeviceError(reason, message), undefined));
  }
}
