// SPDX-License-Identifier: Apache-2.0

import type { Json } from "../cloud/json.js";
import { JsonScanner } from "../cloud/json-scanner.js";
import { JsonWriter } from "../cloud/json-writer.js";
import { DeviceError } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { KeyValueStore, Text } from "../core/ports.js";

/** What a value of the key-value store can hold. */
const maxBytes = 1_984;

export interface StoredObjectsOptions {
  readonly storage: KeyValueStore;
  readonly text: Text;
  /** Where the store failed, or held something else. */
  readonly failures: FailureLog;
}

/** A small object under a key of the key-value store, as JSON. */
export class StoredObjects {
  readonly #options: StoredObjectsOptions;

  constructor(options: StoredObjectsOptions) {
    this.#options = options;
  }

  /** Undefined where there is none, or none that can be read. */
  load(key: string): ReadonlyMap<string, Json> | undefined {
    const { storage, text, failures } = this.#options;
    let object: ReadonlyMap<string, Json> | undefined;
    this.#attempt(key, () => {
      const bytes = storage.read(key);
      if (bytes === undefined) return;
      const json = new JsonScanner({ text }).scan(bytes, 0, bytes.length);
      if (json instanceof Map) object = json;
      else failures.add("storage-failed", `${key} is not understood`);
    });
    return object;
  }

  /** False where there is nothing; true where there is something, or that cannot be told, whether or not `load` understands it. */
  mayHold(key: string): boolean {
    let isAbsent = false;
    this.#attempt(key, () => {
      isAbsent = this.#options.storage.read(key) === undefined;
    });
    return !isAbsent;
  }

  /** False where it could not be stored; then what was there before is still there. */
  save(key: string, object: object): boolean {
    const { storage, text } = this.#options;
    const writer = new JsonWriter(text, maxBytes);
    writer.tree(object);
    return this.#attempt(key, () => {
      if (writer.hasOverflowed) throw new DeviceError("storage-failed", `over ${maxBytes} bytes`);
      storage.write(key, writer.bytes.slice(0, writer.byteLength));
    });
  }

  /** False where it may still be there. */
  delete(key: string): boolean {
    return this.#attempt(key, () => this.#options.storage.delete(key));
  }

  #attempt(key: string, step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#options.failures.add(error.reason, `${key}: ${error.message}`);
      return false;
    }
  }
}

export function stringIn(object: ReadonlyMap<string, Json> | undefined, name: string): string {
  const value: unknown = object?.get(name);
  return typeof value === "string" ? value : "";
}

/** What is no whole number from 0 is 0: everything that is counted here ends somewhere. */
export function numberIn(object: ReadonlyMap<string, Json> | undefined, name: string): number {
  const value: unknown = object?.get(name);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
