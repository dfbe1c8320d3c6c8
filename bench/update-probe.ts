// SPDX-License-Identifier: Apache-2.0

import type { Engine } from "../hosts/desktop/engine.js";
import { XsVitals } from "../hosts/desktop/vitals.js";
import type { Machine } from "../hosts/node/machine.js";
import type { Flash } from "../modules/core/ports.js";

/** Log event of a sample; its detail is the sample as JSON. */
export const sampleEvent = "bench.update";

/** How far an update has come when a delivery to the machine ends. Of image partitions only, and all of it since the boot. */
export interface UpdateSample {
  readonly written: number;
  readonly read: number;
  /** When the last byte was written or read, epoch. */
  readonly at: number;
  /** Computrons. */
  readonly compute: number;
  /** Of the heap, where it is measured. */
  readonly slots?: number;
  readonly chunks?: number;
}

/**
 * Watches an update from the board: logs a sample after each delivery in which the flash was used, or, with `measuresHeap`, after
 * every delivery, with the heap, garbage collected.
 */
export class UpdateProbe extends XsVitals {
  readonly #measuresHeap: boolean;
  #machine: Machine | undefined;
  #ownEngine: Engine | undefined;
  #written = 0;
  #read = 0;
  #at = 0;
  #logged = 0;

  constructor(measuresHeap: boolean) {
    super();
    this.#measuresHeap = measuresHeap;
  }

  override set engine(engine: Engine) {
    super.engine = engine;
    this.#ownEngine = engine;
  }

  /** The machine to run in the place of `machine`. */
  watch(machine: Machine): Machine {
    this.#machine = machine;
    const { openFlash } = machine;
    return {
      ...machine,
      openFlash: (path) => (path.startsWith("ota_") ? this.#watchFlash(openFlash(path)) : openFlash(path)),
    };
  }

  override async refresh(): Promise<void> {
    await super.refresh();
    const engine = this.#ownEngine;
    if (engine === undefined || (!this.#measuresHeap && this.#logged === this.#written + this.#read)) return;
    this.#logged = this.#written + this.#read;
    const progress = { written: this.#written, read: this.#read, at: this.#at, compute: engine.totalCompute };
    const heap = this.#measuresHeap ? await engine.heap() : undefined;
    const sample: UpdateSample =
      heap === undefined ? progress : { ...progress, slots: heap.slots, chunks: heap.chunks };
    this.#machine?.log.write("debug", sampleEvent, JSON.stringify(sample));
  }

  #watchFlash(flash: Flash): Flash {
    return {
      status: flash.status,
      read: (into, byteOffset) => {
        flash.read(into, byteOffset);
        this.#read += into.length;
        this.#at = Date.now();
      },
      write: (from, byteOffset) => {
        flash.write(from, byteOffset);
        this.#written += from.length;
        this.#at = Date.now();
      },
      eraseBlock: (block) => flash.eraseBlock(block),
    };
  }
}
