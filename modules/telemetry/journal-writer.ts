// SPDX-License-Identifier: Apache-2.0

import type { Flash, Milliseconds } from "../core/ports.js";
import type { FlashWindow } from "./flash-window.js";
import { FrameWriter } from "./frame-writer.js";
import {
  acknowledgedLength,
  bootLength,
  clockLength,
  FrameKind,
  frameLength,
  type JournalPlace,
  maxFrameData,
  sectorHeaderLength,
  sectorMagic,
} from "./journal-layout.js";
import type { KeyTable } from "./key-table.js";
import { move, type Place } from "./ledger.js";
import type { Queue } from "./queue.js";
import { Datum, hasSource, isSameInstant, zigzag } from "./record.js";
import { varintLength } from "./ring.js";
import { ownSource, type SourceTable } from "./source-table.js";

/** Appends frames to the newest sector. Whatever it writes, it first says in that sector what the reader needs to understand it. */
export class JournalWriter {
  readonly #flash: Flash;
  readonly #window: FlashWindow;
  readonly #writer: FrameWriter;
  readonly #keys: KeyTable;
  readonly #sources: SourceTable | undefined;
  readonly #datum = new Datum();
  /** Keys that the sector names for this boot. */
  readonly #isKeyDefined: Uint8Array;
  /** The same of sub-devices, by their numbers, which begin at 1. */
  readonly #isSourceDefined: Uint8Array | undefined;
  /** Of the sector that is written; -1 before the first. */
  sequence = -1;
  #boot = 0;
  #offset = 0;
  #isOpen = false;
  #isBootStated = false;
  #clock: Milliseconds = Number.NaN;
  #statedClock: Milliseconds = Number.NaN;
  #base: Milliseconds = 0;
  /** Behind the last datum that `data` wrote. */
  readonly end: Place = { position: 0, time: 0 };

  constructor(flash: Flash, window: FlashWindow, keys: KeyTable, sources: SourceTable | undefined) {
    this.#flash = flash;
    this.#window = window;
    this.#writer = new FrameWriter(flash);
    this.#keys = keys;
    this.#sources = sources;
    this.#isKeyDefined = new Uint8Array(keys.capacity);
    this.#isSourceDefined = sources && new Uint8Array(sources.capacity + 1);
  }

  get boot(): number {
    return this.#boot;
  }

  /** Wall-clock time of this boot's uptime 0, not a number while unknown. */
  get clock(): Milliseconds {
    return this.#clock;
  }

  /** Goes on in a sector of an earlier boot; -1 for none. */
  resume(sequence: number, offset: number, boot: number): void {
    this.sequence = sequence;
    this.#offset = offset;
    this.#isOpen = sequence >= 0;
    this.#boot = boot;
  }

  /** Whether the sector takes more. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Where the next frame goes. */
  get offset(): number {
    return this.#offset;
  }

  /** The sector takes no more: something in it went wrong. */
  close(): void {
    this.#isOpen = false;
  }

  /** Erases a block and begins a sector in it, before which `total` data were written. Throws `DeviceError`; then it is not there. */
  open(sequence: number, acknowledged: Readonly<JournalPlace>, total: number): void {
    const { blocks, blockLength } = this.#flash.status;
    this.#isOpen = false;
    const block = sequence % blocks;
    const writer = this.#writer;
    this.#window.invalidate();
    this.#flash.eraseBlock(block);
    writer.begin(block * blockLength);
    writer.uint16(sectorMagic);
    writer.byte(0);
    writer.byte(acknowledged.index);
    writer.uint32(sequence);
    writer.uint32(this.#boot);
    writer.uint32(total);
    writer.uint16(sequence - acknowledged.sequence);
    writer.uint16(acknowledged.offset);
    writer.float64(this.#clock);
    writer.end();
    this.#window.invalidate();
    this.sequence = sequence;
    this.#offset = sectorHeaderLength;
    this.#isOpen = true;
    this.#noteBoot();
  }

  /** Appends data of the queue, from a place to before the position `limit`. Returns how many; 0 when the sector has no room. */
  data(queue: Queue, from: Readonly<Place>, limit: number): number {
    if (!this.#stateBoot()) return 0;
    queue.read(from, this.#datum);
    const base = this.#datum.time;
    const baseLength = varintLength(zigzag(base - this.#base));
    const namesLength = this.#datum.source === ownSource ? 2 : 3;
    const firstLength = namesLength + this.#datum.end - this.#datum.valuePosition;
    move(this.end, from);
    let length = baseLength;
    let count = 0;
    while (this.end.position < limit && count < maxFrameData) {
      queue.read(this.end, this.#datum);
      const { key, source, end, time } = this.#datum;
      const more = count === 0 ? firstLength : end - this.end.position;
      if (!this.#hasRoom(length + more) || !this.#defineKey(key, length + more)) break;
      if (source !== ownSource && !this.#defineSource(source, length + more)) break;
      length += more;
      count += 1;
      this.end.position = end;
      this.end.time = time;
    }
    if (count > 0) this.#writeData(queue, from, base, count, length);
    return count;
  }

  /** Says what time uptime 0 was. False when that has to be said and the sector has no room. */
  setClock(clock: Milliseconds): boolean {
    this.#clock = clock;
    if (!this.#isBootStated || Object.is(clock, this.#statedClock)) return true;
    if (!this.#isOpen || !this.#hasRoom(clockLength)) return false;
    this.#begin(FrameKind.clock, 0, clockLength);
    this.#writer.float64(clock);
    this.#end(clockLength);
    this.#statedClock = clock;
    return true;
  }

  /** Says what is acknowledged. False when the sector has no room. */
  acknowledge(place: Readonly<JournalPlace>): boolean {
    if (!this.#stateBoot() || !this.#hasRoom(acknowledgedLength)) return false;
    this.#begin(FrameKind.acknowledged, 0, acknowledgedLength);
    this.#writer.uint32(place.sequence);
    this.#writer.uint16(place.offset);
    this.#writer.byte(place.index);
    this.#end(acknowledgedLength);
    return true;
  }

  #noteBoot(): void {
    this.#isBootStated = true;
    this.#statedClock = this.#clock;
    this.#base = 0;
    this.#isKeyDefined.fill(0);
    this.#isSourceDefined?.fill(0);
  }

  #stateBoot(): boolean {
    if (!this.#isOpen) return false;
    if (this.#isBootStated) return true;
    if (!this.#hasRoom(bootLength)) return false;
    this.#begin(FrameKind.boot, 0, bootLength);
    this.#writer.uint32(this.#boot);
    this.#writer.float64(this.#clock);
    this.#end(bootLength);
    this.#noteBoot();
    return true;
  }

  /** Names a key where the sector does not yet, if `length` bytes of data fit besides. */
  #defineKey(key: number, length: number): boolean {
    if (this.#isKeyDefined[key] === 1) return true;
    if (!this.#define(FrameKind.key, key, this.#keys.bytes, this.#keys.encode(key), length)) return false;
    this.#isKeyDefined[key] = 1;
    return true;
  }

  /** The same for a sub-device. */
  #defineSource(source: number, length: number): boolean {
    const sources = this.#sources;
    const isDefined = this.#isSourceDefined;
    if (sources === undefined || isDefined === undefined || isDefined[source] === 1) return true;
    if (!this.#define(FrameKind.source, source, sources.bytes, sources.encode(source), length)) return false;
    isDefined[source] = 1;
    return true;
  }

  #define(kind: number, number: number, name: Uint8Array, nameLength: number, length: number): boolean {
    const used = frameLength(nameLength, this.#flash.status.writeAlign);
    if (!this.#hasRoom(length + used)) return false;
    this.#begin(kind, number, nameLength);
    for (let index = 0; index < nameLength; index += 1) this.#writer.byte(name[index] as number);
    this.#end(nameLength);
    return true;
  }

  #writeData(queue: Queue, from: Readonly<Place>, base: Milliseconds, count: number, length: number): void {
    const writer = this.#writer;
    const datum = this.#datum;
    queue.read(from, datum);
    this.#begin(FrameKind.data, count, length);
    writer.varint(zigzag(base - this.#base));
    const first = datum.kind + isSameInstant;
    const { source } = datum;
    writer.byte(source === ownSource ? first : first + hasSource);
    writer.byte(datum.key);
    if (source !== ownSource) writer.byte(source);
    for (let at = datum.valuePosition; at < this.end.position; at += 1) writer.byte(queue.get(at));
    this.#end(length);
    this.#base = base;
  }

  #begin(kind: number, count: number, length: number): void {
    const { blocks, blockLength } = this.#flash.status;
    const writer = this.#writer;
    this.#window.invalidate();
    writer.begin((this.sequence % blocks) * blockLength + this.#offset);
    writer.byte(kind);
    writer.byte(count);
    writer.uint16(length);
  }

  #end(length: number): void {
    this.#writer.end();
    this.#window.invalidate();
    this.#offset += frameLength(length, this.#flash.status.writeAlign);
  }

  #hasRoom(length: number): boolean {
    const { blockLength, writeAlign } = this.#flash.status;
    return this.#offset + frameLength(length, writeAlign) <= blockLength;
  }
}
