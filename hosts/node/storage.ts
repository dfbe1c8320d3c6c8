// SPDX-License-Identifier: Apache-2.0

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DeviceError } from "../../modules/core/errors.js";
import type { KeyValueStore } from "../../modules/core/ports.js";

/** Limits of the chip's NVS, enforced here so that they are met before there is a chip. */
const maxKeyLength = 15;
const maxValueLength = 1_984;

/** One file per key in a folder of its own; a value is replaced whole or not at all, also when the power goes. */
export class FileStore implements KeyValueStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  read(key: string): Uint8Array | undefined {
    const path = this.#path(key);
    return attempt(() => ifPresent(() => new Uint8Array(readFileSync(path))));
  }

  write(key: string, value: Uint8Array): void {
    const path = this.#path(key);
    if (value.length > maxValueLength) throw new RangeError(`value: ${value.length} bytes, over ${maxValueLength}`);
    attempt(() => replaceFile(path, value));
  }

  delete(key: string): boolean {
    const path = this.#path(key);
    return attempt(() => ifPresent(() => unlinkSync(path) ?? true)) ?? false;
  }

  #path(key: string): string {
    if (typeof key !== "string") throw new TypeError("key: not a string");
    if (!/^[\x20-\x7e]{1,15}$/.test(key)) throw new RangeError(`key: not 1 to ${maxKeyLength} ASCII characters`);
    // Upper case is escaped too: some file systems do not tell it from lower case.
    return join(
      this.#folder,
      key.replace(/[^a-z0-9_-]/g, (character) => `%${character.charCodeAt(0).toString(16)}`),
    );
  }
}

/** Writes beside the file, makes it durable and puts it in the place of the old one. */
export function replaceFile(path: string, content: Uint8Array): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, "w");
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** Undefined where there is no such file. */
export function ifPresent<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What `step` gives; what it throws becomes `DeviceError` "storage-failed". */
export function attempt<T>(step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new DeviceError("storage-failed", `storage-failed: ${(cause as Error).message}`, { cause });
  }
}
