// SPDX-License-Identifier: Apache-2.0

import { Backoff } from "../core/backoff.js";
import type { Reason } from "../core/errors.js";
import type { Clock, LogSink, Milliseconds, Timer } from "../core/ports.js";
import { uncounted } from "../session/link.js";
import type { ChunkChannel } from "./chunk-channel.js";
import { ChunkWindow } from "./chunk-window.js";
import type { PackageReceiver, PackageSource } from "./package-source.js";

/** Request identifiers are 31 bits on the wire. */
const idMask = 0x7fff_fffe;

/** Digits of the longest chunk. */
const maxDigits = 10;

/**
 * Until its first answer the server looks for the package anew with each request, and counts each as a message. So the first
 * request goes alone; but not for a whole round trip where that is long: this is the time the server has for it.
 */
const headStart: Milliseconds = 100;

/** After an answer that was wrong. */
const firstPause: Milliseconds = 1_000;
const longestPause: Milliseconds = 300_000;

/** How much may go wrong between two chunks, in the weights below. Ten silences are half an hour. */
const patience = 60;

const weights = Object.freeze({
  /** The session ended: as often by the link as by the server. */
  ended: 1,
  /** Nothing was answered in time, or nonsense was. */
  unanswered: 6,
  /** The server said no. */
  refused: 20,
} as const);

export interface ChunkSourceOptions {
  readonly channel: ChunkChannel;
  readonly clock: Clock;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  readonly log: LogSink;
  readonly receiver: PackageReceiver;
  /** Chunks asked for at once, 1 to 256. */
  readonly window: number;
  /** 0 or 1: sources of one session differ in it, because the server tells their requests apart by nothing else. */
  readonly parity: 0 | 1;
}

/**
 * Fetches a package over the MQTT session, as the platform serves it: a window of requests for chunks, answers in any order, what
 * is not answered asked for again after a growing pause. It goes on with the next session when one ends, and gives up where sixty
 * sessions in a row brought no chunk, or half an hour of asking, or three refusals of the server.
 */
export class ChunkSource implements PackageSource {
  readonly #options: ChunkSourceOptions;
  readonly #window: ChunkWindow;
  readonly #timer: Timer;
  readonly #backoff: Backoff;
  readonly #digits = new Uint8Array(maxDigits);
  readonly #digitCount: number;
  #isRunning = false;
  /** Of the requests; the server keeps the package that it has found for it. */
  #id = 0;
  /** The server has answered this id. */
  #isResolved = false;
  #firstAskedAt = 0;
  /** No chunk before it is missing. */
  #firstMissing = 0;
  /** Before this the last answer was wrong: nothing is asked for. */
  #isPausing = false;
  #spent = 0;
  /** How often a chunk was asked for when last a silence counted. */
  #attempts = 1;
  #lastFailure: Reason = "download-timeout";

  constructor(options: ChunkSourceOptions) {
    this.#options = options;
    const { channel, clock, window, random, receiver } = options;
    this.#window = new ChunkWindow(clock, window);
    this.#timer = clock.timer(() => this.#onTimer());
    this.#backoff = new Backoff(random, firstPause, longestPause);
    this.#digitCount = channel.dialect.writeRequest(this.#digits, receiver.image.chunkLength);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#options.channel.enter(this);
    this.#isPausing = false;
    this.#firstMissing = 0;
    this.#beHopeful();
    this.#beginId();
    this.#fill();
  }

  stop(): void {
    this.#isRunning = false;
    this.#options.channel.leave(this);
    this.#window.clear();
    this.#timer.stop();
  }

  /** The session has begun, with what it is subscribed to. */
  onLive(): void {
    this.#isPausing = false;
    this.#fill();
  }

  /** There is room for what was refused. */
  onRoom(): void {
    this.#fill();
  }

  /** The session has ended. */
  onClosed(): void {
    const wasAsked = this.#window.count > 0;
    this.#timer.stop();
    this.#beginId();
    if (wasAsked) this.#spend(weights.ended);
  }

  /** Asks for what is missing, in its order, as far as the window reaches. */
  #fill(): void {
    const { channel, receiver } = this.#options;
    const { image } = receiver;
    if (!this.#isRunning || !channel.isLive || this.#isPausing) return;
    while (this.#firstMissing < image.chunks && image.has(this.#firstMissing)) this.#firstMissing += 1;
    const end = Math.min(image.chunks, this.#firstMissing + this.#window.size);
    for (let chunk = this.#firstMissing; chunk < end && this.#mayAsk(); chunk += 1) {
      if (image.has(chunk) || this.#window.has(chunk)) continue;
      if (!this.#ask(chunk)) break;
      this.#window.add(chunk);
    }
    this.#schedule();
  }

  #mayAsk(): boolean {
    if (this.#window.isFull) return false;
    if (this.#isResolved || this.#window.count === 0) return true;
    return this.#options.clock.elapsed(this.#firstAskedAt) >= headStart;
  }

  /** False when there is no room: `onRoom` follows. */
  #ask(chunk: number): boolean {
    const { channel, clock } = this.#options;
    const topic = channel.dialect.requestTopic(this.#id, chunk);
    const dataPoints = this.#isResolved ? uncounted : 0;
    if (!channel.link.publish(topic, this.#digits, this.#digitCount, undefined, 0, false, dataPoints)) return false;
    if (!this.#isResolved && this.#window.count === 0) this.#firstAskedAt = clock.ticks();
    return true;
  }

  /** What came to the response filter. */
  onResponse(topic: string, payload: Uint8Array, byteLength: number): void {
    const { channel, receiver } = this.#options;
    const { dialect } = channel;
    if (dialect.responseId(topic) !== this.#id) return;
    const { image } = receiver;
    const chunk = dialect.responseChunk(topic);
    if (chunk < 0 || chunk >= image.chunks) return;
    if (byteLength !== image.lengthOf(chunk)) {
      this.#onWrongLength(chunk, byteLength);
      return;
    }
    this.#isResolved = true;
    this.#window.settle(chunk);
    if (!image.has(chunk)) {
      this.#beHopeful();
      receiver.onChunk(chunk, payload, 0);
      // With it others of its block may have been lost.
      if (!image.has(chunk)) this.#firstMissing = 0;
    }
    this.#fill();
  }

  /** None where there are some to come: the server's cache has lost the package, and finds it again for another id. */
  #onWrongLength(chunk: number, byteLength: number): void {
    const detail = `chunk ${chunk} came with ${byteLength} bytes`;
    this.#options.log.write("warning", "ota.chunk", detail, "package-malformed");
    this.#lastFailure = "package-malformed";
    this.#pause();
    this.#spend(weights.unanswered);
  }

  /** What came to the topic of errors, which is that of all kinds. */
  onRefused(reason: Reason): void {
    if (this.#window.count === 0) return;
    this.#options.log.write("warning", "ota.refused", "the server does not give the package", reason);
    this.#lastFailure = reason;
    this.#pause();
    this.#spend(weights.refused);
  }

  #onTimer(): void {
    if (this.#isPausing) {
      this.#isPausing = false;
    } else {
      const chunk = this.#window.mostOverdue;
      if (chunk >= 0 && this.#window.remaining(chunk) <= 0) this.#askAgain(chunk);
    }
    this.#fill();
  }

  #askAgain(chunk: number): void {
    if (!this.#ask(chunk)) {
      // `onRoom` follows.
      this.#window.delete(chunk);
      return;
    }
    const attempts = this.#window.renew(chunk);
    // However wide the window, all of it has met with one silence.
    if (attempts <= this.#attempts) return;
    this.#attempts = attempts;
    this.#lastFailure = "download-timeout";
    this.#spend(weights.unanswered);
  }

  /** Nothing has gone wrong since. */
  #beHopeful(): void {
    this.#backoff.reset();
    this.#spent = 0;
    this.#attempts = 1;
    this.#lastFailure = "download-timeout";
  }

  #beginId(): void {
    const { random, parity } = this.#options;
    this.#id = ((random() & idMask) | parity) >>> 0;
    this.#isResolved = false;
    this.#attempts = 1;
    this.#window.clear();
  }

  /** Then with another id, because the server may have spoilt this one. */
  #pause(): void {
    this.#beginId();
    this.#isPausing = true;
    this.#timer.start(this.#backoff.next());
  }

  #spend(weight: number): void {
    this.#spent += weight;
    if (this.#spent < patience || !this.#isRunning) return;
    this.stop();
    const { receiver } = this.#options;
    receiver.onFailed(this.#lastFailure, `${receiver.image.missing} chunks are missing`);
  }

  #schedule(): void {
    if (!this.#isRunning || this.#isPausing) return;
    const chunk = this.#window.mostOverdue;
    if (chunk < 0) {
      this.#timer.stop();
      return;
    }
    const { clock } = this.#options;
    const overdue = Math.max(0, this.#window.remaining(chunk));
    const start = this.#isResolved ? Number.POSITIVE_INFINITY : headStart - clock.elapsed(this.#firstAskedAt);
    this.#timer.start(start > 0 ? Math.min(overdue, start) : overdue);
  }
}
