// SPDX-License-Identifier: Apache-2.0

/** Something that bytes can be read from, one at a time. */
export interface ByteSource {
  get(position: number): number;
  getFloat64(position: number): number;
}

/**
 * A byte ring addressed by positions that only grow, so that a position names the same byte for ever and wrap-around is
 * nobody else's concern. It does not know what is in use.
 */
export class Ring implements ByteSource {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #scratch = new Uint8Array(8);
  readonly #scratchView = new DataView(this.#scratch.buffer);
  /** Kept, because the length of an array is a call away. */
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get(position: number): number {
    return this.#bytes[position % this.capacity] as number;
  }

  set(position: number, byte: number): void {
    this.#bytes[position % this.capacity] = byte;
  }

  /** Writes an integer from 0 to 2^53 - 1, seven bits a byte, least significant first. Returns the position behind it. */
  setVarint(position: number, value: number): number {
    let at = position;
    let rest = value;
    while (rest > 127) {
      const low = rest % 128;
      this.set(at, low + 128);
      rest = (rest - low) / 128;
      at += 1;
    }
    this.set(at, rest);
    return at + 1;
  }

  setFloat64(position: number, value: number): void {
    const index = position % this.capacity;
    if (index + 8 <= this.capacity) {
      this.#view.setFloat64(index, value);
      return;
    }
    this.#scratchView.setFloat64(0, value);
    this.copyIn(position, this.#scratch, 8);
  }

  getFloat64(position: number): number {
    const index = position % this.capacity;
    if (index + 8 <= this.capacity) return this.#view.getFloat64(index);
    this.copyOut(position, this.#scratch, 8);
    return this.#scratchView.getFloat64(0);
  }

  copyIn(position: number, from: Uint8Array, length: number): void {
    const bytes = this.#bytes;
    let at = position % bytes.length;
    for (let index = 0; index < length; index += 1) {
      bytes[at] = from[index] as number;
      at += 1;
      if (at === bytes.length) at = 0;
    }
  }

  copyOut(position: number, into: Uint8Array, length: number): void {
    const bytes = this.#bytes;
    let at = position % bytes.length;
    for (let index = 0; index < length; index += 1) {
      into[index] = bytes[at] as number;
      at += 1;
      if (at === bytes.length) at = 0;
    }
  }
}

/** Reads what `Ring.setVarint` writes. */
export function readVarint(source: ByteSource, position: number): number {
  let value = 0;
  let scale = 1;
  for (let at = position; ; at += 1) {
    const byte = source.get(at);
    if (byte < 128) return value + byte * scale;
    value += (byte - 128) * scale;
    scale *= 128;
  }
}

/** Bytes that `setVarint` takes for a value. */
export function varintLength(value: number): number {
  let length = 1;
  for (let bound = 128; bound <= value; bound *= 128) length += 1;
  return length;
}
