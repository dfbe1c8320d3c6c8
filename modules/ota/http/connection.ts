// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../core/errors.js";
import type { Clock, Milliseconds, Socket, SocketFactory, Timer } from "../../core/ports.js";
import { Body } from "./body.js";
import type { ChunkAssembly } from "./chunk-assembly.js";
import type { ResponseHead } from "./response-head.js";
import type { HttpUrl } from "./url.js";

/** For name resolution, TCP and TLS: a handshake takes a chip seconds. */
const connectTimeout: Milliseconds = 30_000;
/** A server that sends nothing for so long sends nothing any more. */
const idleTimeout: Milliseconds = 30_000;
/** One that sends less than this in that time is as good as silent: it would hold the connection for ever. */
const minPace = 1_024;
const pacePeriod: Milliseconds = 60_000;

/** Nothing of it is called inside a call of the connection, nothing after `close`, and `close` is allowed in each. */
export interface ResponseHandler {
  /** The head is complete. */
  onHead(): void;
  /** `count` bytes of the body are in the assembly's buffer, from `start`; returns how many were taken. The others come again later. */
  onBody(start: number, count: number): number;
  /** Terminal: the connection has come to its end, and is closed. `detail` is for people. */
  onEnd(reason: Reason, detail: string): void;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  /** The connection's until `close`; whoever made it calls `onTimer`. */
  readonly timer: Timer;
  readonly connect: SocketFactory;
  readonly url: HttpUrl;
  readonly request: Uint8Array;
  /** Is begun anew. */
  readonly head: ResponseHead;
  /** What is received is put behind what has been assembled: there is no other buffer, and no more is read than fits. */
  readonly assembly: ChunkAssembly;
  readonly handler: ResponseHandler;
}

/** One request and its response, over a connection of its own. The constructor begins to connect. */
export class HttpConnection {
  readonly #options: ConnectionOptions;
  #socket: Socket | undefined;
  #isOver = false;
  #isConnected = false;
  /** Bytes of the request that are sent. */
  #sent = 0;
  #readable = 0;
  /** Bytes that were read, in the assembly's buffer, and that nobody has looked at. */
  #start = 0;
  #end = 0;
  #body: Body | undefined;
  /** The socket has come to its end, but not what was read from it. */
  #ending: Reason | undefined;
  #paceStart = 0;
  #paceCount = 0;

  constructor(options: ConnectionOptions) {
    const { timer, head } = options;
    this.#options = options;
    head.reset();
    timer.start(connectTimeout);
    this.#connect();
  }

  /** The timer has run down. */
  onTimer(): void {
    if (this.#isOver) return;
    if (this.#hasInput || this.#ending !== undefined) this.#work();
    else this.#finish(this.#isConnected ? "download-timeout" : "connect-timeout", "silence");
  }

  /** Idempotent; nothing is called back afterwards. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.timer.stop();
    this.#socket?.close();
    this.#socket = undefined;
  }

  get #hasInput(): boolean {
    return this.#start < this.#end || this.#readable > 0;
  }

  #connect(): void {
    const { connect, url } = this.#options;
    try {
      this.#socket = connect({
        host: url.host,
        port: url.port,
        onReadable: (count) => this.#onReadable(count),
        onWritable: (count) => this.#onWritable(count),
        onError: (reason) => this.#onError(reason),
      });
    } catch {
      this.#endSoon("connect-refused");
    }
  }

  #onWritable(count: number): void {
    if (this.#isOver) return;
    if (!this.#isConnected) this.#onConnected();
    const { request } = this.#options;
    let writable = count;
    try {
      while (this.#socket && writable > 0 && this.#sent < request.length) {
        const length = Math.min(writable, request.length - this.#sent);
        writable = this.#socket.write(request, this.#sent, length);
        this.#sent += length;
      }
    } catch {
      this.#endSoon("connection-reset");
    }
  }

  #onConnected(): void {
    const { clock, timer } = this.#options;
    this.#isConnected = true;
    this.#paceStart = clock.ticks();
    timer.start(idleTimeout);
  }

  #onReadable(count: number): void {
    if (this.#isOver || this.#ending !== undefined) return;
    this.#readable = count;
    this.#work();
  }

  #onError(reason: Reason): void {
    if (this.#isOver) return;
    if (this.#start < this.#end) this.#endSoon(reason);
    else this.#finish(reason, "the connection");
  }

  #endSoon(reason: Reason): void {
    this.#ending = reason;
    this.#readable = 0;
    this.#options.timer.start(0);
  }

  /** As much as there is room for, or a part of it where a chunk becomes whole: its way into flash is work enough for one callback. */
  #work(): void {
    if (this.#start === this.#end) this.#read();
    while (this.#start < this.#end && !this.#isOver) if (!this.#advance()) break;
    if (this.#isOver) return;
    if (this.#ending !== undefined && !this.#hasInput) this.#finish(this.#ending, "the connection");
    else if (this.#isTooSlow()) this.#finish("download-timeout", "too slow");
    else this.#options.timer.start(this.#hasInput || this.#ending !== undefined ? 0 : idleTimeout);
  }

  #read(): void {
    const { buffer, filled } = this.#options.assembly;
    const length = Math.min(this.#readable, buffer.length - filled);
    const count = length > 0 && this.#socket ? this.#socket.read(buffer, filled, length) : 0;
    this.#readable = count > 0 ? this.#readable - count : 0;
    this.#start = filled;
    this.#end = filled + count;
    this.#paceCount += count;
  }

  #isTooSlow(): boolean {
    const { clock } = this.#options;
    if (clock.elapsed(this.#paceStart) < pacePeriod) return false;
    const isTooSlow = this.#paceCount < minPace;
    this.#paceStart = clock.ticks();
    this.#paceCount = 0;
    return isTooSlow;
  }

  /** False where the rest shall wait. */
  #advance(): boolean {
    return this.#body === undefined ? this.#readHead() : this.#readBody(this.#body);
  }

  #readHead(): boolean {
    const { head, assembly, handler } = this.#options;
    this.#start += head.feed(assembly.buffer, this.#start, this.#end);
    if (head.problem !== undefined) {
      this.#finish("http-malformed", head.problem);
    } else if (head.isComplete) {
      this.#body = new Body(head.isChunked);
      handler.onHead();
    }
    return true;
  }

  #readBody(body: Body): boolean {
    const { assembly, handler } = this.#options;
    this.#start += body.frame(assembly.buffer, this.#start, this.#end);
    const count = Math.min(body.left, this.#end - this.#start);
    if (body.problem !== undefined || body.isOver) {
      this.#finish("http-malformed", body.problem ?? "the body is too short");
      return false;
    }
    if (count === 0) return true;
    const taken = handler.onBody(this.#start, count);
    body.consume(taken);
    this.#start += taken;
    return taken === count;
  }

  #finish(reason: Reason, detail: string): void {
    this.close();
    this.#options.handler.onEnd(reason, detail);
  }
}
