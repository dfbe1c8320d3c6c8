// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import { type Ledger, move, type Place } from "./ledger.js";
import { Datum, Kind, kindOf, readRecord, recordLength, unitsOf, writeRecord } from "./record.js";
import { Ring } from "./ring.js";

export type WhenFull = "drop-oldest" | "drop-newest";

const noText: Uint8Array = new Uint8Array(0);

/**
 * Data in the order in which they were sampled, packed in a byte ring that is made once; adding a number allocates nothing.
 * When full, whole data give way by the policy, oldest or newest, and are counted.
 */
export class Queue {
  readonly #ring: Ring;
  readonly #whenFull: WhenFull;
  readonly #ledger: Ledger;
  readonly #head: Place = { position: 0, time: 0 };
  readonly #tail: Place = { position: 0, time: 0 };
  readonly #datum = new Datum();
  #count = 0;
  #dropped = 0;
  /** Called before data give way, so that they can be kept elsewhere and released. */
  onFull: (() => void) | undefined;

  /** `capacity` in bytes. `ledger` learns which published data gave way before they were acknowledged. */
  constructor(capacity: number, whenFull: WhenFull, ledger: Ledger) {
    this.#ring = new Ring(capacity);
    this.#whenFull = whenFull;
    this.#ledger = ledger;
  }

  /** Oldest datum that is kept. */
  get head(): Readonly<Place> {
    return this.#head;
  }

  /** Behind the newest datum. */
  get tail(): Readonly<Place> {
    return this.#tail;
  }

  /** Data that are kept. */
  get count(): number {
    return this.#count;
  }

  /** Data that gave way because the queue was full, and were not under way then. */
  get dropped(): number {
    return this.#dropped;
  }

  get byteLength(): number {
    return this.#tail.position - this.#head.position;
  }

  get capacity(): number {
    return this.#ring.capacity;
  }

  /**
   * Adds a finite number; `time` must not go backwards. `source` is the number of the sub-device that it is of. False when it was
   * dropped; so for all of these.
   */
  addNumber(key: number, time: Milliseconds, value: number, source = 0): boolean {
    const kind = kindOf(value);
    return this.#add(kind, key, time, unitsOf(value, kind), noText, 0, source);
  }

  addBoolean(key: number, time: Milliseconds, value: boolean, source = 0): boolean {
    return this.#add(value ? Kind.true : Kind.false, key, time, 0, noText, 0, source);
  }

  /** The first `length` bytes of `text` are JSON. */
  addJson(key: number, time: Milliseconds, text: Uint8Array, length: number, source = 0): boolean {
    return this.#add(Kind.json, key, time, 0, text, length, source);
  }

  /** Adds a datum as it was read elsewhere; its text, where it has one, is at the start of `text`. */
  addDatum(datum: Readonly<Datum>, text: Uint8Array): boolean {
    return this.#add(
      datum.kind,
      datum.key,
      datum.time,
      datum.value,
      text,
      datum.kind === Kind.json ? datum.textLength : 0,
      datum.source,
    );
  }

  /** Forgets everything; the first datum to come may be of an earlier time than the last. */
  restart(time: Milliseconds): void {
    move(this.#head, this.#tail);
    this.#head.time = time;
    this.#tail.time = time;
    this.#count = 0;
  }

  /** Unpacks the datum at a place that is neither before the head nor at the tail. */
  read(place: Readonly<Place>, into: Datum): void {
    readRecord(this.#ring, place.position, place.time, into);
  }

  /** The byte at a position between the head and the tail. */
  get(position: number): number {
    return this.#ring.get(position);
  }

  copyText(datum: Datum, into: Uint8Array): void {
    this.#ring.copyOut(datum.textPosition, into, datum.textLength);
  }

  /** Forgets everything before a place, `count` data; a place before the head is past already. */
  release(place: Readonly<Place>, count: number): void {
    if (place.position > this.#head.position) move(this.#head, place);
    this.#count -= count;
  }

  #add(
    kind: Kind,
    key: number,
    time: Milliseconds,
    value: number,
    text: Uint8Array,
    textLength: number,
    source: number,
  ): boolean {
    const delta = Math.max(0, Math.round(time - this.#tail.time));
    const length = recordLength(kind, value, delta, textLength, source);
    if (!this.#makeRoom(length)) {
      this.#dropped += 1;
      return false;
    }
    const at = writeRecord(this.#ring, this.#tail.position, kind, key, delta, value, textLength, source);
    this.#ring.copyIn(at, text, textLength);
    this.#tail.position += length;
    this.#tail.time += delta;
    this.#count += 1;
    return true;
  }

  #makeRoom(length: number): boolean {
    const most = this.capacity - length;
    if (most < 0) return false;
    if (this.byteLength <= most) return true;
    this.onFull?.();
    if (this.#whenFull === "drop-newest") return this.byteLength <= most;
    while (this.byteLength > most) {
      if (!this.#ledger.giveUp(this.#head.position)) this.#dropped += 1;
      this.#removeOldest();
    }
    return true;
  }

  #removeOldest(): void {
    this.read(this.#head, this.#datum);
    this.#head.position = this.#datum.end;
    this.#head.time = this.#datum.time;
    this.#count -= 1;
  }
}
