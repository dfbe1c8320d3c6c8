// SPDX-License-Identifier: Apache-2.0
// What the XS machine and the process that plays its board say to each other. This file runs on both engines.

/** Board to machine. Each delivery is one event: kind, board's monotonic time, then the fields written in `bridge.ts`. */
export const events = Object.freeze({
  boot: 0,
  wake: 1,
  readable: 2,
  writable: 3,
  socketError: 4,
  wifi: 5,
  time: 6,
  timeError: 7,
} as const);

/** Machine to board: what it did during a delivery, many per message. */
export const effects = Object.freeze({
  wake: 0,
  open: 1,
  write: 2,
  close: 3,
  consumed: 4,
  log: 5,
  wifiConnect: 6,
  wifiDisconnect: 7,
  requestTime: 8,
  indicate: 9,
  restart: 10,
  panic: 11,
  openSecure: 12,
  trail: 13,
} as const);

/** Machine to board, answered before the machine goes on: the synchronous parts of the port. */
export const requests = Object.freeze({
  read: 0,
  write: 1,
  delete: 2,
  measure: 3,
  flashStatus: 4,
  flashRead: 5,
  flashWrite: 6,
  flashErase: 7,
  checkTls: 8,
  bootStatus: 9,
  bootSelect: 10,
  bootConfirm: 11,
  application: 12,
  verifySignature: 13,
} as const);

/** First byte of the answer to a request. */
export const answers = Object.freeze({ done: 0, absent: 1, failed: 2 } as const);

/** Received bytes that the board hands to a socket of the machine before the firmware reads some. */
export const receiveWindow = 16_384;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Appends fields to a buffer that grows and is used again. */
export class WireWriter {
  #bytes = new Uint8Array(1_024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
    return this;
  }

  integer(value: number): this {
    this.#reserve(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
    return this;
  }

  number(value: number): this {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.integer(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  text(value: string): this {
    return this.bytes(encoder.encode(value));
  }

  /** Undefined is written as NaN, which no field has for a value. */
  optional(value: number | undefined): this {
    return this.number(value ?? Number.NaN);
  }

  /** A copy of what was written; the writer is empty afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const copy = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return copy;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Takes fields in the order in which they were written. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  byte(): number {
    this.#position += 1;
    return this.#view.getUint8(this.#position - 1);
  }

  integer(): number {
    this.#position += 4;
    return this.#view.getInt32(this.#position - 4);
  }

  number(): number {
    this.#position += 8;
    return this.#view.getFloat64(this.#position - 8);
  }

  /** A view, not a copy. */
  bytes(): Uint8Array {
    const length = this.integer();
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  optional(): number | undefined {
    const value = this.number();
    return Number.isNaN(value) ? undefined : value;
  }
}
