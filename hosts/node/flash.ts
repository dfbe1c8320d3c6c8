// SPDX-License-Identifier: Apache-2.0

import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { FlashFactory } from "../../modules/core/ports.js";
import type { Guard } from "./guard.js";
import { firmwarePartitions } from "./partitions.js";
import { createFlashFactory, type FlashMedium } from "./simulated-flash.js";
import { replaceFile } from "./storage.js";

/** The partitions of partitions.csv, one file each, made when it is first opened and closed when the firmware ends. */
export function createFileFlash(folder: string, guard: Guard): FlashFactory {
  return createFlashFactory(firmwarePartitions(), (name, size) => {
    const path = join(folder, name);
    mkdirSync(folder, { recursive: true });
    if (!existsSync(path)) replaceFile(path, new Uint8Array(size).fill(255));
    const file = new FlashFile(path);
    guard.onClose(() => file.close());
    return file;
  });
}

/**
 * A file that is overwritten in place and keeps its size. What was written outlives this process however it ends; it is left
 * to the system when it goes to disk.
 */
class FlashFile implements FlashMedium {
  readonly size: number;
  #file: number | undefined;

  constructor(path: string) {
    const file = openSync(path, "r+");
    this.#file = file;
    this.size = fstatSync(file).size;
  }

  read(into: Uint8Array, byteOffset: number): void {
    mustBeAll(readSync(this.#open, into, 0, into.length, byteOffset), into.length);
  }

  write(from: Uint8Array, byteOffset: number): void {
    mustBeAll(writeSync(this.#open, from, 0, from.length, byteOffset), from.length);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** The number of a closed file may be that of another by now. */
  get #open(): number {
    if (this.#file === undefined) throw new Error("the machine has ended");
    return this.#file;
  }
}

function mustBeAll(count: number, length: number): void {
  if (count !== length) throw new Error(`${count} bytes instead of ${length}`);
}
