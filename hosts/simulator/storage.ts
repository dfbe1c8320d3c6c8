// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { KeyValueStore } from "../../modules/core/ports.js";
import { checkKey, checkValue } from "../xs/key-value-limits.js";
import type { Folder } from "./files.js";

/** Key-value storage as one file per key. */
export class FileStore implements KeyValueStore {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  read(key: string): Uint8Array | undefined {
    return attempt(() => this.#folder.read(fileName(key)));
  }

  write(key: string, value: Uint8Array): void {
    checkValue(value);
    attempt(() => this.#folder.write(fileName(key), value));
  }

  delete(key: string): boolean {
    return attempt(() => this.#folder.delete(fileName(key)));
  }
}

/** In hexadecimal digits: a key may hold characters that no file name may, and file systems that ignore case exist. */
function fileName(key: string): string {
  checkKey(key);
  let name = "nvs-";
  for (let index = 0; index < key.length; index++) name += key.charCodeAt(index).toString(16);
  return name;
}

function attempt<T>(step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof RangeError) throw cause;
    throw new DeviceError("storage-failed", `storage-failed: ${cause}`, { cause });
  }
}
