// SPDX-License-Identifier: Apache-2.0

import { FailureLog } from "../../../modules/core/failure-log.js";
import type { Flash } from "../../../modules/core/ports.js";
import { Journal } from "../../../modules/telemetry/journal.js";
import { JournalReader, type LoadOutcome } from "../../../modules/telemetry/journal-reader.js";
import { KeyTable } from "../../../modules/telemetry/key-table.js";
import { Ledger } from "../../../modules/telemetry/ledger.js";
import { Queue, type WhenFull } from "../../../modules/telemetry/queue.js";
import { Datum, Kind } from "../../../modules/telemetry/record.js";
import { SourceTable } from "../../../modules/telemetry/source-table.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

export type Value = number | boolean | string;

/** A datum as it was read from the journal. */
export interface Read {
  /** The sub-device, where it is of one. */
  readonly source?: string;
  readonly key: string;
  /** Uptime of the boot that recorded it. */
  readonly time: number;
  readonly value: Value;
}

export interface BootOptions {
  readonly whenFull?: WhenFull;
  readonly maxKeys?: number;
  readonly maxSources?: number;
  /** Bytes of the queue that the journal is read into. */
  readonly stage?: number;
}

const powers = [1, 10, 100, 1_000];

/** One life of a device that has nothing but a journal, from power-on to the next power-on. */
export class Boot {
  readonly log = new FakeLog();
  readonly failures = new FailureLog(new FakeClock(), this.log, "telemetry.journal-failed");
  readonly journal: Journal;
  readonly reader: JournalReader;
  /** Where data wait to be stored. */
  readonly queue = new Queue(65_536, "drop-newest", new Ledger(1));
  readonly stage: Queue;
  /** Uptime of what is added next. */
  now = 0;
  readonly #keys: KeyTable;
  readonly #sources: SourceTable | undefined;
  readonly #text = new Uint8Array(1_024);
  readonly #datum = new Datum();

  constructor(flash: Flash, options: BootOptions = {}) {
    const { whenFull = "drop-oldest", maxKeys = 255, maxSources = 0, stage = 2_048 } = options;
    const { log, failures } = this;
    const keys = new KeyTable(text, maxKeys);
    const sources = maxSources === 0 ? undefined : new SourceTable(text, maxSources);
    this.#keys = keys;
    this.#sources = sources;
    this.journal = new Journal({ flash, keys, sources, log, failures, whenFull });
    this.reader = new JournalReader(this.journal, text, sources);
    this.stage = new Queue(stage, "drop-newest", new Ledger(1));
  }

  /** A datum in the queue, the device's own or of a sub-device. A string is JSON. */
  add(key: string, value: Value, name?: string): void {
    const number = this.#keys.numberOf(key);
    const source = name === undefined ? 0 : (this.#sources?.numberOf(name) ?? -1);
    if (number < 0 || source < 0) throw new RangeError(`no number for ${key} of ${name}`);
    let isAdded: boolean;
    if (typeof value === "number") isAdded = this.queue.addNumber(number, this.now, value, source);
    else if (typeof value === "boolean") isAdded = this.queue.addBoolean(number, this.now, value, source);
    else isAdded = this.queue.addJson(number, this.now, this.#text, text.encodeInto(value, this.#text, 0), source);
    if (!isAdded) throw new RangeError(`no room for ${key}`);
  }

  /** Moves the queue to the journal; returns how many data it took. */
  store(): number {
    let stored = 0;
    while (this.queue.count > 0) {
      const count = this.journal.append(this.queue, this.queue.head, this.queue.tail.position);
      if (count === 0) break;
      this.queue.release(this.journal.end, count);
      stored += count;
    }
    return stored;
  }

  /** Stores one datum by itself, a second after the one before. */
  put(key: string, value: Value, source?: string): boolean {
    this.now += 1_000;
    this.add(key, value, source);
    return this.store() === 1;
  }

  /** Puts numbers from `from` to before `to`, the number of which tells its key; returns how many were taken. */
  putNumbers(from: number, to: number): number {
    let taken = 0;
    for (let number = from; number < to; number += 1) if (this.put(`key ${number % 5}`, number)) taken += 1;
    return taken;
  }

  /** One load, with nothing acknowledged. */
  load(mustBeDated = false): LoadOutcome {
    this.stage.restart(0);
    return this.reader.load(this.stage, this.#text, mustBeDated);
  }

  /** What the last load has brought. */
  staged(): Read[] {
    const place = { ...this.stage.head };
    const data: Read[] = [];
    while (place.position < this.stage.tail.position) {
      this.stage.read(place, this.#datum);
      place.position = this.#datum.end;
      place.time = this.#datum.time;
      const read = { key: this.reader.keys.keyOf(this.#datum.key), time: place.time, value: this.#value() };
      const source = this.reader.sources?.sourceOf(this.#datum.source) ?? "";
      data.push(this.#datum.source === 0 ? read : { source, ...read });
    }
    return data;
  }

  /** Reads and acknowledges, load by load, until there is no more or `limit` data are acknowledged. */
  drain(limit = Number.POSITIVE_INFINITY): Read[] {
    const data: Read[] = [];
    while (data.length < limit && this.load() === "loaded") {
      const staged = this.staged().slice(0, limit - data.length);
      data.push(...staged);
      this.journal.acknowledge(staged.length);
    }
    // What was loaded and not acknowledged is read again.
    this.reader.rewind();
    return data;
  }

  #value(): Value {
    const datum = this.#datum;
    if (datum.kind < Kind.number) return datum.value / (powers[datum.kind] as number);
    if (datum.kind === Kind.number) return datum.value;
    if (datum.kind !== Kind.json) return datum.kind === Kind.true;
    this.stage.copyText(datum, this.#text);
    return text.decode(this.#text, 0, datum.textLength);
  }
}

export function numbersOf(data: readonly Read[]): Value[] {
  return data.map(({ value }) => value);
}

/** Numbers from `from` to before `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
