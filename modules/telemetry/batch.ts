// SPDX-License-Identifier: Apache-2.0

import type { TelemetryDialect } from "../cloud/dialect.js";
import type { JsonWriter } from "../cloud/json-writer.js";
import type { Milliseconds } from "../core/ports.js";
import type { KeyNames } from "./key-table.js";
import { move, type Place } from "./ledger.js";
import type { Queue } from "./queue.js";
import { Datum, Kind } from "./record.js";
import type { UptimeClock } from "./uptime-clock.js";

export interface BatchOptions {
  readonly queue: Queue;
  readonly keys: KeyNames;
  readonly dialect: TelemetryDialect;
  readonly writer: JsonWriter;
  readonly wallClock: Pick<UptimeClock, "epoch">;
  /** Room for the longest JSON text of a datum, used during `build` only. */
  readonly text: Uint8Array;
  readonly maxKeys: number;
}

/**
 * Writes the data from a place on as one message, as many as fit. Data of one instant share a group; a key that comes twice in
 * an instant begins another group, since a group is an object. An instant is not torn apart unless a message cannot hold it:
 * the server's rules get each group by itself, and shall find together what was sampled together.
 */
export class Batch {
  readonly #queue: Queue;
  readonly #keys: KeyNames;
  readonly #dialect: TelemetryDialect;
  readonly #writer: JsonWriter;
  readonly #wallClock: Pick<UptimeClock, "epoch">;
  readonly #text: Uint8Array;
  readonly #datum = new Datum();
  readonly #keysInGroup: Uint8Array;
  #groupTime: Milliseconds = 0;
  #groupEpoch: Milliseconds | undefined;
  /** The message as it was before the last instant began. */
  readonly #instantStart: Place = { position: 0, time: 0 };
  #instantMark = 0;
  #instantCount = 0;
  /** Behind the last datum of the message. */
  readonly end: Place = { position: 0, time: 0 };
  /** Data in the message. */
  count = 0;

  constructor(options: BatchOptions) {
    this.#queue = options.queue;
    this.#keys = options.keys;
    this.#dialect = options.dialect;
    this.#writer = options.writer;
    this.#wallClock = options.wallClock;
    this.#text = options.text;
    this.#keysInGroup = new Uint8Array(options.maxKeys);
  }

  /** Whether the data of the message have a time; else the server stamps them, and there is one instant only. */
  get isDated(): boolean {
    return this.#groupEpoch !== undefined;
  }

  /**
   * Begins at `start` and ends before the position `limit`, after `maxCount` data, or where the next datum would take the
   * message over `maxBytes`. A message of no data means that the first datum does not fit by itself.
   */
  build(start: Readonly<Place>, limit: number, maxCount: number, maxBytes: number): void {
    const writer = this.#writer;
    const room = Math.min(maxBytes, writer.bytes.length) - this.#dialect.closingBytes;
    move(this.end, start);
    this.count = 0;
    writer.reset();
    this.#dialect.beginMessage(writer);
    while (this.end.position < limit) {
      this.#queue.read(this.end, this.#datum);
      if (this.count >= maxCount || !this.#append(room)) {
        this.#dropTornInstant();
        break;
      }
    }
    if (this.count > 0) this.#dialect.endInstant(writer, this.#groupEpoch);
    this.#dialect.endMessage(writer);
  }

  /** Key of the datum at a place, to report one that can never be sent. */
  keyAt(place: Readonly<Place>): string {
    this.#queue.read(place, this.#datum);
    return this.#keys.keyOf(this.#datum.key);
  }

  /** Time of the datum at a place. */
  timeAt(place: Readonly<Place>): Milliseconds {
    this.#queue.read(place, this.#datum);
    return this.#datum.time;
  }

  /** Moves a place behind the datum it is at. */
  skip(place: Place): void {
    this.#queue.read(place, this.#datum);
    place.position = this.#datum.end;
    place.time = this.#datum.time;
  }

  /** False, and nothing written, when the datum does not fit. */
  #append(room: number): boolean {
    const writer = this.#writer;
    const datum = this.#datum;
    const isFirst = this.count === 0;
    const isNewInstant = isFirst || this.#groupTime !== datum.time;
    const isNewGroup = isNewInstant || this.#keysInGroup[datum.key] !== 0 || !this.#mayJoinGroup();
    // The server would give all instants of a message the same time, and keep one value of each key.
    if (isNewGroup && !isFirst && this.#groupEpoch === undefined) return false;
    const mark = writer.mark();
    const epoch = isNewInstant ? this.#wallClock.epoch(datum.time) : this.#groupEpoch;
    if (isNewGroup) {
      if (!isFirst) this.#dialect.endInstant(writer, this.#groupEpoch);
      this.#dialect.beginInstant(writer, epoch);
    }
    this.#write();
    if (writer.hasOverflowed || writer.byteLength > room) {
      writer.rewind(mark);
      return false;
    }
    if (isNewInstant) this.#noteInstant(mark);
    if (isNewGroup) this.#keysInGroup.fill(0);
    this.#keysInGroup[datum.key] = 1;
    this.#groupTime = datum.time;
    this.#groupEpoch = epoch;
    this.count += 1;
    this.end.position = datum.end;
    this.end.time = datum.time;
    return true;
  }

  /** Only undated groups are particular about their members. */
  #mayJoinGroup(): boolean {
    if (this.#groupEpoch !== undefined) return true;
    return !this.#dialect.standsAlone(this.#keys.keyOf(this.#datum.key));
  }

  #write(): void {
    const writer = this.#writer;
    const datum = this.#datum;
    const { kind } = datum;
    this.#dialect.writeName(writer, this.#keys.keyOf(datum.key), this.#keys.isPlain(datum.key));
    if (kind < Kind.number) writer.decimal(datum.value, kind);
    else if (kind === Kind.number) writer.value(datum.value);
    else if (kind === Kind.json) {
      this.#queue.copyText(datum, this.#text);
      writer.raw(this.#text, 0, datum.textLength);
    } else writer.value(kind === Kind.true);
  }

  #noteInstant(mark: number): void {
    this.#instantMark = mark;
    this.#instantCount = this.count;
    move(this.#instantStart, this.end);
  }

  /** The next datum does not fit: does it belong to the instant at the end, and is there another one before that? */
  #dropTornInstant(): void {
    if (this.count === 0 || this.#instantCount === 0 || this.#groupTime !== this.#datum.time) return;
    this.#writer.rewind(this.#instantMark);
    this.count = this.#instantCount;
    move(this.end, this.#instantStart);
  }
}
