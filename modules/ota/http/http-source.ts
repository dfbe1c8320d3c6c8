// SPDX-License-Identifier: Apache-2.0

import { type Reason, retryOf } from "../../core/errors.js";
import type { FailureLog } from "../../core/failure-log.js";
import type { Clock, Milliseconds, SocketFactory, Text, Timer } from "../../core/ports.js";
import type { PackageReceiver, PackageSource } from "../package-source.js";
import { Attempts } from "./attempts.js";
import { ChunkAssembly } from "./chunk-assembly.js";
import { HttpConnection, type ResponseHandler } from "./connection.js";
import { isRedirect, judgeRedirect, judgeResponse } from "./judge.js";
import { createProblem, type Problem } from "./problem.js";
import { encodeRequest } from "./request.js";
import { ResponseHead } from "./response-head.js";
import { type HttpUrl, parseUrl, resolveUrl } from "./url.js";

export interface HttpSourceOptions {
  readonly clock: Clock;
  /** Unsigned 32-bit random number. */
  readonly random: () => number;
  readonly text: Text;
  /** Every attempt in vain. */
  readonly failures: FailureLog;
  /** For "http". */
  readonly connect: SocketFactory;
  /** For "https": sockets over TLS, to whatever host they are told. Without it, those URLs are refused. */
  readonly secureFor?: SocketFactory | undefined;
  /** Where the package is. */
  readonly url: string;
  /** Holds a chunk at least. The source's alone between `start` and `stop`. */
  readonly buffer: Uint8Array;
  readonly receiver: PackageReceiver;
}

/**
 * Fetches a package by HTTP/1.1: one request for each run of missing chunks, and after every failure another for what is missing
 * then. A server that knows no ranges sends everything, of which the missing chunks are taken. It gives up after ten failures
 * without a new chunk between them, after three that are refusals, and at once where no attempt can help.
 */
export class HttpSource implements PackageSource {
  readonly #options: HttpSourceOptions;
  readonly #timer: Timer;
  readonly #assembly: ChunkAssembly;
  readonly #head: ResponseHead;
  readonly #attempts: Attempts;
  readonly #handler: ResponseHandler;
  #isActive = false;
  #connection: HttpConnection | undefined;
  /** Where the request goes; undefined before the first one of an attempt. */
  #url: HttpUrl | undefined;
  #redirects = 0;
  /** Behind the last byte of the range that was asked for, later of the response. */
  #end = 0;
  /** What the server calls the bytes of which chunks are there, and those of the response. */
  #tag: string | undefined;
  #currentTag: string | undefined;

  /** Throws `RangeError` for a buffer that does not hold a chunk. */
  constructor(options: HttpSourceOptions) {
    const { clock, random, text, buffer, receiver } = options;
    if (buffer.length < receiver.image.chunkLength) throw new RangeError("buffer: shorter than a chunk");
    this.#options = options;
    this.#timer = clock.timer(() => this.#onTimer());
    this.#assembly = new ChunkAssembly(receiver, buffer);
    this.#head = new ResponseHead(text);
    this.#attempts = new Attempts(random);
    this.#handler = {
      onHead: () => this.#onHead(),
      onBody: (start, count) => this.#onBody(start, count),
      onEnd: (reason, detail) => this.#onEnd(reason, detail),
    };
  }

  start(): void {
    if (this.#isActive) return;
    this.#isActive = true;
    this.#attempts.reset();
    this.#beginSoon(0);
  }

  stop(): void {
    if (!this.#isActive) return;
    this.#isActive = false;
    this.#closeConnection();
    this.#timer.stop();
  }

  #onTimer(): void {
    if (this.#connection) this.#connection.onTimer();
    else if (this.#options.receiver.image.missing > 0) this.#request();
    else this.stop();
  }

  /** Back to the package's own URL: where a redirect leads to may be good for minutes only. */
  #beginSoon(pause: Milliseconds): void {
    this.#url = undefined;
    this.#redirects = 0;
    this.#timer.start(pause);
  }

  #request(): void {
    const { connect, secureFor } = this.#options;
    this.#url ??= parseUrl(this.#options.url, this.#options.text, this.#head.buffer);
    const factory = this.#url?.isSecure ? secureFor : connect;
    if (!this.#url) this.#fail(createProblem("url-refused", "no URL of HTTP"));
    else if (!factory) this.#fail(createProblem("tls-unavailable", "no TLS"));
    else this.#ask(this.#url, factory);
  }

  #ask(url: HttpUrl, connect: SocketFactory): void {
    const { clock, text } = this.#options;
    const assembly = this.#assembly;
    const start = assembly.nextStart();
    assembly.begin(start);
    this.#end = assembly.nextEnd(start);
    this.#connection = new HttpConnection({
      ...{ clock, connect, url, assembly, timer: this.#timer, head: this.#head, handler: this.#handler },
      request: encodeRequest(text, url, start, this.#end, this.#tag),
    });
  }

  #onHead(): void {
    const head = this.#head;
    if (isRedirect(head.status)) {
      this.#redirect(this.#url as HttpUrl);
      return;
    }
    const { position, size } = this.#assembly;
    const problem = judgeResponse(head, { start: position, end: this.#end, size, tag: this.#tag });
    this.#currentTag = head.tag;
    if (problem) this.#fail(problem);
    else if (head.status === 206) this.#end = head.contentRange?.end ?? this.#end;
    else this.#beginWhole();
  }

  #beginWhole(): void {
    this.#assembly.begin(0);
    this.#end = this.#assembly.size;
  }

  #redirect(from: HttpUrl): void {
    const { location = "" } = this.#head;
    const to = resolveUrl(from, location, this.#options.text, this.#head.buffer);
    const problem = judgeRedirect(this.#head, from, to, this.#redirects);
    if (problem) {
      this.#fail(problem);
      return;
    }
    this.#closeConnection();
    this.#redirects += 1;
    this.#url = to;
    this.#timer.start(0);
  }

  #onBody(start: number, count: number): number {
    const taken = this.#assembly.take(start, Math.min(count, this.#end - this.#assembly.position));
    if (this.#connection && this.#assembly.position === this.#end) this.#onRangeEnd();
    return taken;
  }

  #onRangeEnd(): void {
    const { gained, lost } = this.#assembly;
    if (gained > 0) {
      this.#closeConnection();
      this.#beginSoon(0);
    } else if (lost > 0) this.#fail(createProblem("storage-failed", "no chunk could be kept"));
    else this.#fail(createProblem("http-malformed", "a range shorter than a chunk"));
  }

  /** What a socket fails for is given another chance in any case. */
  #onEnd(reason: Reason, detail: string): void {
    const isTransient = reason === "download-timeout" || retryOf(reason) === "soon";
    this.#fail(createProblem(reason, detail, isTransient ? "soon" : "slowly"));
  }

  /** Ends the attempt. The next one comes after a pause, unless there is none. */
  #fail({ reason, detail: what, retry, leastPause }: Problem): void {
    const detail = this.#url ? `${what}, ${this.#url.host}` : what;
    this.#closeConnection();
    this.#options.failures.add(reason, detail);
    const pause = this.#attempts.pauseAfter(retry);
    if (pause !== undefined) {
      this.#beginSoon(Math.max(pause, leastPause));
      return;
    }
    this.stop();
    this.#options.receiver.onFailed(reason, detail);
  }

  #closeConnection(): void {
    if (!this.#connection) return;
    this.#connection.close();
    this.#connection = undefined;
    if (this.#assembly.gained === 0) return;
    this.#attempts.reset();
    this.#tag = this.#currentTag ?? this.#tag;
  }
}
