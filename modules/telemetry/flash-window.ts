// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../core/ports.js";
import type { ByteSource } from "./ring.js";

/** Bytes that are read at once; all of it XS heap. */
const windowLength = 256;

/** Reads single bytes of a flash partition through a window that is read as a whole. */
export class FlashWindow implements ByteSource {
  readonly #flash: Flash;
  readonly #bytes: Uint8Array;
  readonly #scratch = new DataView(new ArrayBuffer(8));
  #start = 0;
  #end = 0;

  constructor(flash: Flash) {
    this.#flash = flash;
    this.#bytes = new Uint8Array(Math.min(windowLength, flash.status.size));
  }

  /** Forgets what it has read: the flash was written to. */
  invalidate(): void {
    this.#end = this.#start;
  }

  get(position: number): number {
    if (position < this.#start || position >= this.#end) this.#moveTo(position);
    return this.#bytes[position - this.#start] as number;
  }

  getUint16(position: number): number {
    return this.get(position) * 256 + this.get(position + 1);
  }

  getUint32(position: number): number {
    return this.getUint16(position) * 65_536 + this.getUint16(position + 2);
  }

  getFloat64(position: number): number {
    for (let index = 0; index < 8; index += 1) this.#scratch.setUint8(index, this.get(position + index));
    return this.#scratch.getFloat64(0);
  }

  copyOut(position: number, into: Uint8Array, length: number): void {
    for (let index = 0; index < length; index += 1) into[index] = this.get(position + index);
  }

  #moveTo(position: number): void {
    this.#start = Math.min(position, this.#flash.status.size - this.#bytes.length);
    this.#end = this.#start;
    this.#flash.read(this.#bytes, this.#start);
    this.#end = this.#start + this.#bytes.length;
  }
}
