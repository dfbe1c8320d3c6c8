// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { FailureLog } from "../core/failure-log.js";
import type { KeyValueStore, Text } from "../core/ports.js";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.js";

export interface CheckpointStoreOptions {
  readonly storage: KeyValueStore;
  readonly text: Text;
  /** Of the value in the store, 1 to 15 ASCII characters. */
  readonly key: string;
  /** Where the store failed, or held something else. */
  readonly failures: FailureLog;
}

/** The one checkpoint that there is under a key. A download goes on without it where the store fails, so that is only counted. */
export class CheckpointStore {
  readonly text: Text;
  readonly #options: CheckpointStoreOptions;

  constructor(options: CheckpointStoreOptions) {
    this.text = options.text;
    this.#options = options;
  }

  load(): Checkpoint | undefined {
    const { storage, key, failures } = this.#options;
    let checkpoint: Checkpoint | undefined;
    this.#attempt(() => {
      const bytes = storage.read(key);
      if (bytes === undefined) return;
      checkpoint = parseCheckpoint(this.text, bytes);
      if (checkpoint === undefined) failures.add("storage-failed", `${key} is not understood`);
    });
    return checkpoint;
  }

  /** False where it could not be stored; what was stored before is still there then. */
  save(checkpoint: Checkpoint): boolean {
    const { storage, key } = this.#options;
    return this.#attempt(() => storage.write(key, checkpoint.seal()));
  }

  /** False where it may still be there. */
  clear(): boolean {
    const { storage, key } = this.#options;
    return this.#attempt(() => storage.delete(key));
  }

  #attempt(step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      this.#options.failures.add(error.reason, `${this.#options.key}: ${error.message}`);
      return false;
    }
  }
}
