// SPDX-License-Identifier: Apache-2.0

import { JsonWriter } from "../cloud/json-writer.js";
import { FailureLog } from "../core/failure-log.js";
import type { Milliseconds } from "../core/ports.js";
import { Batch } from "./batch.js";
import { Drain } from "./drain.js";
import { KeyTable } from "./key-table.js";
import { Ledger } from "./ledger.js";
import { completeSettings, type TelemetryOptions } from "./options.js";
import { Queue } from "./queue.js";
import type { UptimeClock } from "./uptime-clock.js";

/** Longest text of a string or JSON value in bytes, quotes and escapes included; half of the queue where that is less. */
const maxTextBytes = 1_024;

/** What a datum can be. Objects and arrays are stored as JSON. */
export type TelemetryValue = number | boolean | string | object;

/**
 * Time series data: recorded at any time, delivered in order, at least once, each with the time at which it was recorded.
 * Every datum that `record` took is in one of `delivered`, `dropped`, `refused` and `depth`.
 */
export class Telemetry {
  readonly #wallClock: UptimeClock;
  readonly #keys: KeyTable;
  readonly #ledger: Ledger;
  readonly #queue: Queue;
  readonly #drain: Drain;
  readonly #textWriter: JsonWriter;
  readonly #refusals: FailureLog;
  readonly #drops: FailureLog;
  #recorded = 0;
  #refused = 0;

  /** Throws `TypeError` or `RangeError` naming the option. Construct it before the session starts: it joins the link. */
  constructor(options: TelemetryOptions) {
    const { clock, log, link, text, dialect, wallClock } = options;
    const settings = completeSettings(options);
    const { maxKeys } = settings;
    this.#wallClock = wallClock;
    this.#keys = new KeyTable(text, maxKeys);
    this.#ledger = new Ledger(settings.window);
    this.#queue = new Queue(settings.capacity, settings.whenFull, this.#ledger);
    this.#textWriter = new JsonWriter(text, Math.min(maxTextBytes, settings.capacity >> 1));
    this.#refusals = new FailureLog(clock, log, "telemetry.refused");
    this.#drops = new FailureLog(clock, log, "telemetry.dropped");
    const writer = new JsonWriter(text, Math.max(1, Math.min(settings.maxBytes, link.maxPayload)));
    const batch = new Batch({
      ...{ queue: this.#queue, keys: this.#keys, dialect, writer, wallClock, maxKeys },
      text: this.#textWriter.bytes,
    });
    this.#drain = new Drain({
      ...{ clock, log, link, queue: this.#queue, ledger: this.#ledger, batch, writer, topic: dialect.topic, wallClock },
      ...{ refusals: this.#refusals, maxCount: settings.maxCount, maxAge: settings.maxAge },
      clockPatience: settings.clockPatience,
    });
  }

  /**
   * Records one datum, or several of one instant. It never blocks, does not mind being offline and sends nothing before the
   * next turn. False says that a datum was not kept: the queue is full and its policy is "drop-newest", or the key is one too many.
   * Throws `TypeError` for a key that is no string and a value that is no JSON, `RangeError` for a key that is blank or over 255
   * bytes, a number that is not finite, and a value of more than 1,024 bytes of JSON; then nothing was recorded.
   * A value that the session's largest message cannot hold is dropped when its turn comes, and counted in `refused`.
   */
  record(key: string, value: TelemetryValue): boolean;
  record(values: Readonly<Record<string, TelemetryValue>>): boolean;
  record(keyOrValues: string | Readonly<Record<string, TelemetryValue>>, value?: TelemetryValue): boolean {
    const time = this.#wallClock.uptime();
    if (typeof keyOrValues === "object" && keyOrValues !== null) return this.#recordAll(keyOrValues, time);
    this.#check(keyOrValues, value);
    return this.#add(keyOrValues, value, time);
  }

  /** Sends what is recorded without waiting for company, in the next turn or as soon as the link allows. */
  flush(): void {
    this.#drain.flush();
  }

  /** Data handed to `record` that were well formed. */
  get recorded(): number {
    return this.#recorded;
  }

  /** Data that gave way because the queue was full. */
  get dropped(): number {
    return this.#queue.dropped + this.#drain.dropped;
  }

  /** Well-formed data that could not be taken or sent: keys one too many, values that no message can carry. */
  get refused(): number {
    return this.#refused + this.#drain.refused;
  }

  /** Data the server acknowledged. */
  get delivered(): number {
    return this.#drain.delivered;
  }

  /** Data that are neither delivered nor given up, those under way included. */
  get depth(): number {
    return this.#drain.waiting + this.#ledger.data;
  }

  /** Bytes of the queue in use. */
  get depthBytes(): number {
    return this.#queue.byteLength;
  }

  /** Messages published, repetitions included. */
  get batches(): number {
    return this.#drain.batches;
  }

  /** Messages that wait for their acknowledgement. */
  get inFlight(): number {
    return this.#ledger.messages;
  }

  /** Data published without their time, because the wall clock stayed unknown; repetitions included. */
  get undated(): number {
    return this.#drain.undated;
  }

  #recordAll(values: Readonly<Record<string, TelemetryValue>>, time: Milliseconds): boolean {
    if (Array.isArray(values) || values instanceof Map) throw new TypeError("values: not a plain object");
    const keys = Object.keys(values);
    const data: unknown[] = Object.values(values);
    for (let index = 0; index < keys.length; index += 1) this.#check(keys[index], data[index]);
    let isKept = true;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] as string;
      const value = data[index];
      // The texts of the others were checked in the same place.
      if (keys.length > 1 && isText(value)) this.#writeText(key, value);
      isKept = this.#add(key, value, time) && isKept;
    }
    return isKept;
  }

  /** Leaves the JSON of a text in the text writer. */
  #check(key: unknown, value: unknown): void {
    this.#keys.check(key);
    if (typeof value === "boolean") return;
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new RangeError(`value of ${key}: ${value} is not a finite number`);
      return;
    }
    if (value === null || value === undefined) throw new TypeError(`value of ${key}: ${value} is no datum`);
    this.#writeText(key, value);
    if (this.#textWriter.hasOverflowed)
      throw new RangeError(`value of ${key}: more than ${this.#textWriter.bytes.length} bytes of JSON`);
  }

  #writeText(key: string, value: unknown): void {
    this.#textWriter.reset();
    if (typeof value === "string") this.#textWriter.value(value);
    else this.#textWriter.tree(value, `value of ${key}`);
  }

  #add(key: string, value: unknown, time: Milliseconds): boolean {
    this.#recorded += 1;
    const number = this.#keys.numberOf(key);
    if (number < 0) {
      this.#refused += 1;
      this.#refusals.add("too-many-keys", key);
      return false;
    }
    const dropped = this.#queue.dropped;
    const isKept = this.#put(number, value, time);
    if (this.#queue.dropped > dropped) this.#drops.add("queue-full", isKept ? "the oldest gave way" : key);
    if (isKept) this.#drain.onAdded();
    return isKept;
  }

  #put(key: number, value: unknown, time: Milliseconds): boolean {
    if (typeof value === "number") return this.#queue.addNumber(key, time, value);
    if (typeof value === "boolean") return this.#queue.addBoolean(key, time, value);
    return this.#queue.addJson(key, time, this.#textWriter.bytes, this.#textWriter.byteLength);
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" || typeof value === "object";
}
