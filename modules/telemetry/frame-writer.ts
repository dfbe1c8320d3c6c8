// SPDX-License-Identifier: Apache-2.0

import { crcEnd, crcStart, crcStep } from "../core/crc32.js";
import type { Flash } from "../core/ports.js";
import { erased } from "./journal-layout.js";

/** Bytes that are written at once, a multiple of every write alignment; all of it XS heap. */
const pageLength = 256;

/** Writes one piece of flash after the other, each with its checksum behind it: a piece without is one that was cut short. */
export class FrameWriter {
  readonly #flash: Flash;
  readonly #page = new Uint8Array(pageLength);
  readonly #scratch = new DataView(new ArrayBuffer(8));
  #used = 0;
  /** Where the page goes. */
  #offset = 0;
  #crc = crcStart;

  constructor(flash: Flash) {
    this.#flash = flash;
  }

  /** Begins a piece at an offset that is aligned and erased from there on. */
  begin(offset: number): void {
    this.#offset = offset;
    this.#used = 0;
    this.#crc = crcStart;
  }

  byte(value: number): void {
    this.#crc = crcStep(this.#crc, value);
    this.#put(value);
  }

  uint16(value: number): void {
    this.byte(value >>> 8);
    this.byte(value & 255);
  }

  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value & 0xffff);
  }

  float64(value: number): void {
    this.#scratch.setFloat64(0, value);
    for (let index = 0; index < 8; index += 1) this.byte(this.#scratch.getUint8(index));
  }

  /** As `Ring.setVarint`. */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      const low = rest % 128;
      this.byte(low + 128);
      rest = (rest - low) / 128;
    }
    this.byte(rest);
  }

  /** Writes the checksum and the padding: the piece is in the flash. Throws `DeviceError` where that fails, as any of these may. */
  end(): void {
    const crc = crcEnd(this.#crc);
    this.uint32(crc);
    const { writeAlign } = this.#flash.status;
    while (this.#used % writeAlign !== 0) this.#put(erased);
    if (this.#used > 0) this.#flash.write(this.#page.subarray(0, this.#used), this.#offset);
  }

  #put(value: number): void {
    this.#page[this.#used] = value;
    this.#used += 1;
    if (this.#used < pageLength) return;
    this.#flash.write(this.#page, this.#offset);
    this.#offset += pageLength;
    this.#used = 0;
  }
}
