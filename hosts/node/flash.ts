// SPDX-License-Identifier: Apache-2.0

import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FlashFactory } from "../../modules/core/ports.js";
import type { Guard } from "./guard.js";
import { firmwarePartitions } from "./partitions.js";
import { createFlashFactory, type FlashMedium } from "./simulated-flash.js";
import { replaceFile } from "./storage.js";

const erased = 255;

/** The file of a partition of the board in `folder`. */
export function flashFile(folder: string, partition: string): string {
  return join(folder, "flash", partition);
}

/** Says why a partition must not be written to now; undefined where it may be. */
export type WriteRefusal = (path: string) => string | undefined;

/** The partitions of partitions.csv, one file each, made when it is first written to and closed when the firmware ends. */
export function createFileFlash(folder: string, guard: Guard, refusalOf: WriteRefusal): FlashFactory {
  return createFlashFactory(firmwarePartitions(), (name, size) => {
    const file = new FlashFile(flashFile(folder, name), size, () => refusalOf(name));
    guard.onClose(() => file.close());
    return file;
  });
}

/**
 * A file that is overwritten in place and keeps its size; one that is not there yet is erased flash. What was written outlives this
 * process however it ends; it is left to the system when it goes to disk.
 */
class FlashFile implements FlashMedium {
  readonly size: number;
  readonly #path: string;
  readonly #refusal: () => string | undefined;
  #file: number | undefined;
  #isClosed = false;

  constructor(path: string, size: number, refusal: () => string | undefined) {
    this.#path = path;
    this.#refusal = refusal;
    this.#file = existsSync(path) ? openSync(path, "r+") : undefined;
    this.size = this.#file === undefined ? size : fstatSync(this.#file).size;
  }

  read(into: Uint8Array, byteOffset: number): void {
    this.#mustBeOpen();
    if (this.#file === undefined) into.fill(erased);
    else mustBeAll(readSync(this.#file, into, 0, into.length, byteOffset), into.length);
  }

  write(from: Uint8Array, byteOffset: number): void {
    this.#mustBeOpen();
    const refusal = this.#refusal();
    if (refusal !== undefined) throw new Error(refusal);
    this.#file ??= this.#make();
    mustBeAll(writeSync(this.#file, from, 0, from.length, byteOffset), from.length);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#isClosed = true;
  }

  #make(): number {
    mkdirSync(dirname(this.#path), { recursive: true });
    replaceFile(this.#path, new Uint8Array(this.size).fill(erased));
    return openSync(this.#path, "r+");
  }

  /** The number of a closed file may be that of another by now. */
  #mustBeOpen(): void {
    if (this.#isClosed) throw new Error("the machine has ended");
  }
}

function mustBeAll(count: number, length: number): void {
  if (count !== length) throw new Error(`${count} bytes instead of ${length}`);
}
