// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import type { Place } from "./ledger.js";

/** Most stretches in one message; 16 bytes of XS heap each. The default message holds no more of the shortest. */
const maxStretches = 128;

/** A number of a sub-device fits a byte. */
const numbers = 256;

/**
 * A message of sub-devices' data is taken from the queue in stretches, each of one sub-device. Where one comes again it is found
 * from its first stretch on, so that the message can name it once. Indexes and numbers are stored plus one, 0 being none.
 */
export class Stretches {
  readonly #sources: Uint8Array;
  /** Where each begins, relative to the first. */
  readonly #offsets: Uint32Array;
  readonly #times: Float64Array;
  readonly #previous: Uint8Array;
  readonly #next: Uint8Array;
  /** The last stretch by sub-device. */
  readonly #last = new Uint8Array(numbers);
  #position = 0;
  #count = 0;
  #sourceCount = 0;
  #marked = 0;
  /** Where the writer of a message is when it goes through them. */
  readonly place: Place = { position: 0, time: 0 };

  /** `maxCount` is of the data in a message. */
  constructor(maxCount: number) {
    const capacity = Math.min(maxCount, maxStretches);
    this.#sources = new Uint8Array(capacity);
    this.#offsets = new Uint32Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#previous = new Uint8Array(capacity);
    this.#next = new Uint8Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#sources.length;
  }

  /** Sub-devices that have a stretch. */
  get sourceCount(): number {
    return this.#sourceCount;
  }

  has(source: number): boolean {
    return this.#last[source] !== 0;
  }

  /** Whether the newest stretch is the first of its sub-device. */
  get isNewestFirst(): boolean {
    return this.isFirst(this.#count - 1);
  }

  isFirst(index: number): boolean {
    return this.#previous[index] === 0;
  }

  /** The next stretch of the same sub-device, -1 behind the last. */
  next(index: number): number {
    return (this.#next[index] as number) - 1;
  }

  sourceOf(index: number): number {
    return this.#sources[index] as number;
  }

  /** Moves `place` to where a stretch begins. */
  moveTo(index: number): void {
    this.place.position = this.#position + (this.#offsets[index] as number);
    this.place.time = this.#times[index] as Milliseconds;
  }

  clear(): void {
    this.#last.fill(0);
    this.#count = 0;
    this.#sourceCount = 0;
    this.#marked = 0;
  }

  /** Only while not full. */
  add(source: number, start: Readonly<Place>): void {
    const index = this.#count;
    const previous = this.#last[source] as number;
    if (index === 0) this.#position = start.position;
    this.#sources[index] = source;
    this.#offsets[index] = start.position - this.#position;
    this.#times[index] = start.time;
    this.#previous[index] = previous;
    this.#next[index] = 0;
    if (previous === 0) this.#sourceCount += 1;
    else this.#next[previous - 1] = index + 1;
    this.#last[source] = index + 1;
    this.#count += 1;
  }

  mark(): void {
    this.#marked = this.#count;
  }

  /** Takes back what was added since the last `mark`. */
  rewind(): void {
    while (this.#count > this.#marked) {
      this.#count -= 1;
      const previous = this.#previous[this.#count] as number;
      if (previous === 0) this.#sourceCount -= 1;
      else this.#next[previous - 1] = 0;
      this.#last[this.#sources[this.#count] as number] = previous;
    }
  }
}
