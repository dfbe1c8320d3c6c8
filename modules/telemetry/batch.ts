// SPDX-License-Identifier: Apache-2.0

import type { TelemetryDialect } from "../cloud/dialect.js";
import type { JsonWriter } from "../cloud/json-writer.js";
import type { Milliseconds } from "../core/ports.js";
import type { BatchSources } from "./batch-sources.js";
import { DatumLookup } from "./datum-lookup.js";
import type { KeyNames } from "./key-table.js";
import { move, type Place } from "./ledger.js";
import type { Queue } from "./queue.js";
import { Datum, Kind } from "./record.js";
import { ownSource } from "./source-table.js";
import type { Stretches } from "./stretches.js";
import type { UptimeClock } from "./uptime-clock.js";

/** Smaller messages have no remark: beside it a datum of the longest text fits, with the longest key and name, however escaped. */
const leastRemarked = 3_584;

export interface BatchOptions {
  readonly queue: Queue;
  readonly keys: KeyNames;
  /** Undefined where there are no sub-devices. */
  readonly sources: BatchSources | undefined;
  readonly dialect: TelemetryDialect;
  readonly writer: JsonWriter;
  readonly wallClock: Pick<UptimeClock, "epoch">;
  /** Room for the longest JSON text of a datum, used during `build` only. */
  readonly text: Uint8Array;
  readonly maxKeys: number;
}

/**
 * Writes the data from a place on as one message, as many as fit: either of the device itself or of sub-devices. Data of one instant
 * share a group; a key that comes twice in an instant begins another group, since a group is an object. An instant is not torn
 * apart unless a message cannot hold it: the server's rules get each group by itself, and shall find together what was sampled
 * together.
 */
export class Batch {
  readonly #queue: Queue;
  readonly #keys: KeyNames;
  readonly #sources: BatchSources | undefined;
  readonly #stretches: Stretches | undefined;
  readonly #dialect: TelemetryDialect;
  readonly #writer: JsonWriter;
  readonly #wallClock: Pick<UptimeClock, "epoch">;
  readonly #text: Uint8Array;
  readonly #datum = new Datum();
  readonly #keysInGroup: Uint8Array;
  /** Of the group at the end. */
  #source = ownSource;
  #groupTime: Milliseconds = 0;
  #groupEpoch: Milliseconds | undefined;
  /** Of the message that is written. */
  #remark: string | undefined;
  /** Whether the group has a datum that may not be joined. */
  #isAlone = false;
  /** The message as it was before the last instant began. */
  readonly #instantStart: Place = { position: 0, time: 0 };
  #instantMark = 0;
  #instantCount = 0;
  /** Behind the last datum of the message. */
  readonly end: Place = { position: 0, time: 0 };
  /** Data in the message. */
  count = 0;
  /** Not to be asked during `build`. */
  readonly lookup: DatumLookup;

  constructor(options: BatchOptions) {
    this.#queue = options.queue;
    this.#keys = options.keys;
    this.#sources = options.sources;
    this.#stretches = options.sources?.stretches;
    this.#dialect = options.dialect;
    this.#writer = options.writer;
    this.#wallClock = options.wallClock;
    this.#text = options.text;
    this.#keysInGroup = new Uint8Array(options.maxKeys);
    this.lookup = new DatumLookup(options.queue, options.keys, options.sources?.names, this.#datum);
  }

  /** Whether it can write data of sub-devices. */
  get takesSources(): boolean {
    return this.#sources !== undefined;
  }

  /** Sub-devices that the message is of, 0 for the device itself. Until the next message is built, by whomever. */
  get sourceCount(): number {
    return this.#source === ownSource ? 0 : (this.#stretches?.sourceCount ?? 0);
  }

  /** Where the message goes, undefined for one of the device itself. */
  get gatewayTopic(): string | undefined {
    return this.#source === ownSource ? undefined : this.#sources?.dialect.topic;
  }

  /** Whether the data of the message have a time; else the server stamps them, and there is one instant only. */
  get isDated(): boolean {
    return this.#groupEpoch !== undefined;
  }

  /**
   * Begins at `start` and ends before the position `limit`, where data of another topic follow, after `maxCount` data or those of
   * `maxSources` sub-devices, or where the next datum would take the message over `maxBytes`. A message of no data means that the
   * first datum does not fit by itself.
   */
  build(start: Readonly<Place>, limit: number, maxCount: number, maxBytes: number, maxSources: number): void {
    move(this.end, start);
    this.count = 0;
    this.#source = ownSource;
    this.#remark = undefined;
    this.#writer.reset();
    this.#queue.read(start, this.#datum);
    if (this.#datum.source === ownSource) this.#buildOwn(limit, maxCount, maxBytes);
    else if (this.#sources !== undefined) this.#buildOfSources(this.#sources, limit, maxCount, maxBytes, maxSources);
  }

  #buildOwn(limit: number, maxCount: number, maxBytes: number): void {
    const writer = this.#writer;
    const room = Math.min(maxBytes, writer.bytes.length) - this.#dialect.closingBytes;
    this.#dialect.beginMessage(writer);
    while (this.end.position < limit) {
      this.#queue.read(this.end, this.#datum);
      if (this.count >= maxCount || this.#datum.source !== ownSource || !this.#append(room)) {
        this.#dropTornInstant();
        break;
      }
    }
    if (this.count > 0) this.#dialect.endInstant(writer, this.#groupEpoch);
    this.#dialect.endMessage(writer);
  }

  /**
   * Written as if each sub-device came once, the message gets its size; what comes again is counted without its name, and then
   * all is written anew, one sub-device after the other. That is no longer: groups can only join.
   */
  #buildOfSources(sources: BatchSources, limit: number, maxCount: number, maxBytes: number, maxSources: number): void {
    const writer = this.#writer;
    const { dialect, stretches } = sources;
    const room = Math.min(maxBytes, writer.bytes.length) - dialect.closingBytes;
    const epoch = this.#wallClock.epoch(this.#datum.time);
    this.#remark = epoch === undefined || room < leastRemarked ? undefined : sources.remark?.(epoch);
    stretches.clear();
    dialect.beginMessage(writer);
    while (this.end.position < limit) {
      this.#queue.read(this.end, this.#datum);
      const { source } = this.#datum;
      const mayFollow = source !== ownSource && (stretches.has(source) || stretches.sourceCount < maxSources);
      if (this.count >= maxCount || !mayFollow || !this.#append(room)) {
        this.#dropTornInstant();
        break;
      }
    }
    if (this.count === 0) return;
    if (stretches.sourceCount < stretches.count) this.#rewrite(sources);
    else {
      this.#dialect.endInstant(writer, this.#groupEpoch);
      dialect.endSource(writer);
      dialect.endMessage(writer);
    }
  }

  /** False, and nothing written, when the datum does not fit. */
  #append(room: number): boolean {
    const writer = this.#writer;
    const datum = this.#datum;
    const isFirst = this.count === 0;
    const isNewSource = this.#source !== datum.source;
    const isNewInstant = isFirst || isNewSource || this.#groupTime !== datum.time;
    const isNewGroup = isNewInstant || this.#keysInGroup[datum.key] !== 0 || !this.#mayJoinGroup();
    // The server would give all instants of a device in a message the same time, and keep one value of each key.
    if (isNewGroup && !isFirst && this.#groupEpoch === undefined && this.#hasGroup) return false;
    if (isNewSource && this.#stretches?.isFull === true) return false;
    const mark = writer.mark();
    const epoch = isNewInstant ? this.#wallClock.epoch(datum.time) : this.#groupEpoch;
    if (isNewGroup) {
      if (!isFirst) this.#dialect.endInstant(writer, this.#groupEpoch);
      if (isNewSource) this.#beginStretch(isFirst);
      this.#dialect.beginInstant(writer, epoch, isFirst ? this.#remark : undefined);
    }
    this.#write();
    if (writer.hasOverflowed || writer.byteLength > room) {
      writer.rewind(mark);
      return false;
    }
    if (isNewInstant) this.#noteInstant(mark);
    if (isNewSource) this.#stretches?.add(datum.source, this.end);
    if (isNewGroup) this.#noteGroup(epoch);
    this.#keysInGroup[datum.key] = 1;
    this.count += 1;
    this.end.position = datum.end;
    this.end.time = datum.time;
    return true;
  }

  /** Whether the message has a group already of whom the datum is of. */
  get #hasGroup(): boolean {
    return this.#datum.source === ownSource || this.#stretches?.has(this.#datum.source) === true;
  }

  /** Only undated groups are particular about their members. */
  #mayJoinGroup(): boolean {
    if (this.#groupEpoch !== undefined) return true;
    return !this.#isAlone && !this.#dialect.standsAlone(this.#keys.keyOf(this.#datum.key));
  }

  #noteGroup(epoch: Milliseconds | undefined): void {
    this.#keysInGroup.fill(0);
    this.#source = this.#datum.source;
    this.#groupTime = this.#datum.time;
    this.#groupEpoch = epoch;
    this.#isAlone = epoch === undefined && this.#dialect.standsAlone(this.#keys.keyOf(this.#datum.key));
  }

  #beginStretch(isFirst: boolean): void {
    const { source } = this.#datum;
    const sources = this.#sources;
    if (sources === undefined) return;
    const { dialect, names, stretches } = sources;
    if (!isFirst && stretches.isNewestFirst) dialect.endSource(this.#writer);
    if (!stretches.has(source)) dialect.beginSource(this.#writer, names.sourceOf(source), names.isPlain(source));
  }

  #rewrite({ dialect, names, stretches }: BatchSources): void {
    const writer = this.#writer;
    writer.reset();
    dialect.beginMessage(writer);
    for (let first = 0; first < stretches.count; first += 1) {
      if (!stretches.isFirst(first)) continue;
      const source = stretches.sourceOf(first);
      dialect.beginSource(writer, names.sourceOf(source), names.isPlain(source));
      for (let index = first; index >= 0; index = stretches.next(index)) {
        stretches.moveTo(index);
        this.#rewriteStretch(stretches, first, index === first);
      }
      this.#dialect.endInstant(writer, this.#groupEpoch);
      dialect.endSource(writer);
    }
    dialect.endMessage(writer);
  }

  /** All of it has a time: of a sub-device that the server stamps, a message has but one group. */
  #rewriteStretch(stretches: Stretches, first: number, isFirstOfSource: boolean): void {
    const writer = this.#writer;
    const datum = this.#datum;
    const { place } = stretches;
    const source = stretches.sourceOf(first);
    let isFirst = isFirstOfSource;
    while (place.position < this.end.position) {
      this.#queue.read(place, datum);
      if (datum.source !== source) return;
      const isNewInstant = isFirst || this.#groupTime !== datum.time;
      if (isNewInstant || this.#keysInGroup[datum.key] !== 0) {
        const epoch = isNewInstant ? this.#wallClock.epoch(datum.time) : this.#groupEpoch;
        if (!isFirst) this.#dialect.endInstant(writer, this.#groupEpoch);
        this.#dialect.beginInstant(writer, epoch, first === 0 && isFirst ? this.#remark : undefined);
        this.#noteGroup(epoch);
      }
      this.#write();
      this.#keysInGroup[datum.key] = 1;
      isFirst = false;
      place.position = datum.end;
      place.time = datum.time;
    }
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
    this.#stretches?.mark();
    move(this.#instantStart, this.end);
  }

  /** The next datum does not fit: does it belong to the instant at the end, and is there another one before that? */
  #dropTornInstant(): void {
    if (this.count === 0 || this.#instantCount === 0 || this.#groupTime !== this.#datum.time) return;
    if (this.#source !== this.#datum.source) return;
    this.#writer.rewind(this.#instantMark);
    this.#stretches?.rewind();
    this.count = this.#instantCount;
    move(this.end, this.#instantStart);
  }
}
