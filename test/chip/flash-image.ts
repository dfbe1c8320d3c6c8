// SPDX-License-Identifier: Apache-2.0

import { readFileSync, writeFileSync } from "node:fs";
import { EspImage } from "./esp-image.js";

/** Where ESP-IDF expects the partition table, and what its entries are. */
const tableAt = 0x8000;
const entrySize = 32;
const entryMagic = 0x50aa;

const erased = 0xff;

/** `start` and `size` in bytes. */
export interface Place {
  readonly start: number;
  readonly size: number;
}

/** A file that is a chip's whole flash. It is read and changed only while no emulator uses it. */
export class FlashImage {
  readonly path: string;
  readonly #places = new Map<string, Place>();

  /** Throws `RangeError` for a file without a partition table at 0x8000. */
  constructor(path: string) {
    this.path = path;
    const bytes = readFileSync(path);
    for (let at = tableAt; at + entrySize <= bytes.length && bytes.readUInt16LE(at) === entryMagic; at += entrySize) {
      const name = bytes.toString("latin1", at + 12, at + 28).replace(/\0.*$/, "");
      this.#places.set(name, { start: bytes.readUInt32LE(at + 4), size: bytes.readUInt32LE(at + 8) });
    }
    if (this.#places.size === 0) throw new RangeError(`${path}: no partition table at 0x${tableAt.toString(16)}`);
  }

  /** Throws `RangeError` for a partition that the table does not have. */
  place(name: string): Place {
    const place = this.#places.get(name);
    if (!place) throw new RangeError(`${this.path}: no partition ${name}`);
    return place;
  }

  read(name: string): Buffer {
    const { start, size } = this.place(name);
    return readFileSync(this.path).subarray(start, start + size);
  }

  /** The application image in a partition. Throws `RangeError` where there is none. */
  application(name: string): EspImage {
    return new EspImage(this.read(name));
  }

  /** Throws `RangeError` beyond the partition. */
  write(name: string, bytes: Uint8Array, offset = 0): void {
    const { start, size } = this.place(name);
    if (offset + bytes.length > size) throw new RangeError(`${name}: ${bytes.length} bytes at ${offset} do not fit`);
    const all = readFileSync(this.path);
    all.set(bytes, start + offset);
    writeFileSync(this.path, all);
  }

  erase(name: string): void {
    this.write(name, Buffer.alloc(this.place(name).size, erased));
  }
}
