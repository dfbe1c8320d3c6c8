// SPDX-License-Identifier: Apache-2.0

import KeyValue from "embedded:storage/key-value";
import { DeviceError } from "../../modules/core/errors.js";
import type { KeyValueStore } from "../../modules/core/ports.js";
import { checkKey, checkValue } from "../xs/key-value-limits.js";

/** Keeps the firmware's keys apart from those of ESP-IDF and the SDK in the same partition. */
const domain = "xsthing";

/** NVS by the SDK's ECMA-419 key-value storage, which commits every write. */
export class NvsStore implements KeyValueStore {
  readonly #store = KeyValue.open({ path: domain, format: "buffer" });

  read(key: string): Uint8Array | undefined {
    checkKey(key);
    return attempt(() => {
      const value = this.#store.read(key) as ArrayBuffer | undefined;
      return value === undefined ? undefined : new Uint8Array(value);
    });
  }

  write(key: string, value: Uint8Array): void {
    checkKey(key);
    checkValue(value);
    attempt(() => this.#store.write(key, value));
  }

  delete(key: string): boolean {
    const existed = this.read(key) !== undefined;
    if (existed) attempt(() => this.#store.delete(key));
    return existed;
  }
}

function attempt<T>(step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new DeviceError("storage-failed", `storage-failed: ${cause}`, { cause });
  }
}
