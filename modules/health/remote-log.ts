// SPDX-License-Identifier: Apache-2.0

import type { TelemetryDialect } from "../cloud/dialect.js";
import { JsonWriter } from "../cloud/json-writer.js";
import type { Reason } from "../core/errors.js";
import { integer } from "../core/integer.js";
import type { Clock, LogLevel, Milliseconds, Text, Timer } from "../core/ports.js";
import type { Link, Participant, Publisher } from "../session/link.js";
import { logLine } from "./log-line.js";

/** How much the server gets to see: nothing, or the lines of this level and of those that are worse. */
export type RemoteLogLevel = "off" | LogLevel;

/** From the worst on. */
export const remoteLogLevels = Object.freeze(["off", "error", "warning", "info", "debug"] as const);
const levels: readonly string[] = remoteLogLevels;

/** The telemetry key. */
const key = "log";

const maxLines = 16;
/** One can always make room for a newer one. */
const maxLinesInMessage = maxLines - 1;
const maxLineLength = 160;
const maxMessageBytes = 1_024;

/** Lines come in swarms: what follows this soon goes in the same message. */
const aggregation: Milliseconds = 250;

/** Of the server's rate limits; the rest is for data. */
const spare = 0.5;

/** A line that ended the session twice may be why it ended. */
const maxAttempts = 2;

const minute: Milliseconds = 60_000;

export interface RemoteLogOptions {
  readonly link: Link;
  readonly dialect: TelemetryDialect;
  readonly clock: Clock;
  readonly text: Text;
  /** Time since boot, and what it is in wall-clock time, undefined while that is not known. */
  readonly wallClock: { uptime(): Milliseconds; epoch(uptime: Milliseconds): Milliseconds | undefined };
}

/**
 * Sends log lines to the server, as telemetry of the key `log`: those of a level and of the worse ones, up to a number in a minute,
 * of which 16 can wait. What is left out is counted at the head of the next line: "[3 left out]". It goes past the queue of the
 * telemetry, at most one message at a time, and says nothing of its own doings, so that no line is the cause of another.
 */
export class RemoteLog implements Participant, Publisher {
  readonly #options: RemoteLogOptions;
  readonly #timer: Timer;
  readonly #lines: string[] = [];
  /** The uptime of each line, all different: the server keeps one value per key and instant. */
  readonly #times: Milliseconds[] = [];
  /** Made with the first message: a log that is off costs no buffer. */
  #writer: JsonWriter | undefined;
  #rank = 0;
  #perMinute = 60;
  /** Lines that may be taken now, and when that was reckoned. */
  #credit = 0;
  #creditSince = 0;
  #leftOut = 0;
  /** Of the oldest lines, how many are on their way, and how often they have been. */
  #sent = 0;
  #attempts = 0;
  /** Not before: who is refused would lose lines by every attempt. */
  #isLive = false;
  #isSending = false;
  #isScheduled = false;
  /** Whether the lines of the message that was written last have a time of their own. */
  #isDated = false;

  constructor(options: RemoteLogOptions) {
    const { link, clock } = options;
    this.#options = options;
    this.#timer = clock.timer(() => {
      this.#isScheduled = false;
      this.#send();
    });
    link.join(this);
  }

  get level(): RemoteLogLevel {
    return levels[this.#rank] as RemoteLogLevel;
  }

  /** Lines in a minute, as many at once. */
  get rate(): number {
    return this.#perMinute;
  }

  /** `rate` is 1 to 600. What waits when the log is switched off is forgotten. Throws `TypeError` or `RangeError`. */
  set(level: RemoteLogLevel, rate: number): void {
    if (typeof level !== "string") throw new TypeError("level: not a string");
    const rank = levels.indexOf(level);
    if (rank < 0) throw new RangeError(`level: none of ${levels.join(", ")}`);
    integer(rate, "rate", 1, 600);
    const wasOff = this.#rank === 0;
    this.#rank = rank;
    if (wasOff || rate !== this.#perMinute) {
      this.#perMinute = rate;
      this.#credit = rate;
      this.#creditSince = this.#options.clock.ticks();
    }
    if (rank === 0) this.#forget();
  }

  /** Takes a line, unless it comes of sending one. Never blocks, never throws, sends nothing before the next turn. */
  add(level: LogLevel, event: string, detail: string, reason: Reason | undefined): void {
    if (this.#isSending || levels.indexOf(level) > this.#rank || this.#options.dialect.isRefused(key)) return;
    if (!this.#spend()) {
      this.#leftOut += 1;
      return;
    }
    this.#makeRoom();
    const head = this.#leftOut > 0 ? `[${this.#leftOut} left out] ` : "";
    this.#leftOut = 0;
    this.#lines.push(`${head}${level} ${logLine(event, detail, reason, maxLineLength)}`);
    const newest = this.#times.at(-1) ?? Number.NEGATIVE_INFINITY;
    this.#times.push(Math.max(this.#options.wallClock.uptime(), newest + 1));
    this.#schedule();
  }

  onOpen(): void {}

  onLive(): void {
    this.#isLive = true;
    this.#send();
  }

  onClosed(): void {
    this.#isLive = false;
  }

  onRoom(): void {
    this.#send();
  }

  onAcknowledged(): void {
    this.#drop(this.#sent);
    this.#sent = 0;
    this.#attempts = 0;
    if (this.#lines.length > 0) this.#schedule();
  }

  onLost(): void {
    this.#attempts += 1;
    if (this.#attempts >= maxAttempts) {
      this.#leftOut += this.#sent;
      this.#drop(this.#sent);
      this.#attempts = 0;
    }
    this.#sent = 0;
  }

  /** One of as many lines as a minute has; they come back one by one. */
  #spend(): boolean {
    const { clock } = this.#options;
    const elapsed = clock.elapsed(this.#creditSince);
    // Negative when so long has passed that the clock wrapped around.
    const earned = elapsed < 0 ? this.#perMinute : (elapsed * this.#perMinute) / minute;
    this.#credit = Math.min(this.#perMinute, this.#credit + earned);
    this.#creditSince = clock.ticks();
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }

  /** The oldest line that is not on its way makes room for the newest. */
  #makeRoom(): void {
    if (this.#lines.length < maxLines) return;
    this.#lines.splice(this.#sent, 1);
    this.#times.splice(this.#sent, 1);
    this.#leftOut += 1;
  }

  #schedule(): void {
    if (this.#isScheduled || !this.#isLive) return;
    this.#isScheduled = true;
    this.#timer.start(aggregation);
  }

  #send(): void {
    const { link, dialect } = this.#options;
    if (this.#isSending || this.#sent > 0 || this.#lines.length === 0 || !this.#isLive) return;
    if (!link.leaves(spare, 1)) return;
    this.#isSending = true;
    const maxCount = Math.max(
      1,
      Math.min(maxLinesInMessage, dialect.maxCount, Math.floor(link.maxDataPoints * (1 - spare))),
    );
    const count = this.#write(Math.min(maxMessageBytes, link.maxPayload), maxCount);
    if (count > 0 && this.#writer !== undefined && link.leaves(spare, count)) {
      const { bytes, byteLength } = this.#writer;
      // Before, because the acknowledgement may come within.
      this.#sent = count;
      const topic = dialect.topicOf(key, this.#isDated);
      if (!link.publish(topic, bytes, byteLength, this, 0, false, count)) this.#sent = 0;
    }
    this.#isSending = false;
  }

  /** Writes as many of the oldest lines as fit, and returns how many; forgets one that cannot fit. */
  #write(maxBytes: number, maxCount: number): number {
    const { dialect, text } = this.#options;
    this.#writer ??= new JsonWriter(text, maxMessageBytes);
    const writer = this.#writer;
    for (;;) {
      let count = 0;
      writer.reset();
      dialect.beginMessage(writer);
      while (count < this.#lines.length && count < maxCount) {
        const mark = writer.mark();
        const isStamped = this.#writeLine(writer, count);
        if (writer.hasOverflowed || writer.byteLength + dialect.closingBytes > maxBytes) {
          writer.rewind(mark);
          break;
        }
        count += 1;
        this.#isDated = isStamped;
        // Two lines that the server stamps would have one instant and be one value.
        if (!isStamped) break;
      }
      if (count > 0 || this.#lines.length === 0) {
        dialect.endMessage(writer);
        return count;
      }
      this.#drop(1);
      this.#leftOut += 1;
    }
  }

  /** True where the line has a time of its own. */
  #writeLine(writer: JsonWriter, index: number): boolean {
    const { dialect, wallClock } = this.#options;
    const epoch = wallClock.epoch(this.#times[index] as Milliseconds);
    dialect.beginInstant(writer, epoch);
    dialect.writeName(writer, key, true);
    writer.value(this.#lines[index] as string);
    dialect.endInstant(writer, epoch);
    return epoch !== undefined;
  }

  #drop(count: number): void {
    this.#lines.splice(0, count);
    this.#times.splice(0, count);
  }

  #forget(): void {
    // What is on its way stays until the server or the end of the session has answered for it.
    this.#lines.splice(this.#sent);
    this.#times.splice(this.#sent);
    this.#leftOut = 0;
  }
}
