// SPDX-License-Identifier: Apache-2.0

import type { Measure } from "../node/system.js";
import type { Engine } from "./engine.js";
import type { HeapFigures } from "./heap.js";

/**
 * Vital signs of the XS machine. It cannot be measured while it runs, so each sample tells the heap as it was after the
 * sample before, and the most that any sample told.
 */
export class XsVitals {
  #engine: Engine | undefined;
  #heap: HeapFigures | undefined;
  #isStale = true;
  #peakSlots = 0;
  #peakChunks = 0;

  set engine(engine: Engine) {
    this.#engine = engine;
  }

  readonly measure: Measure = (report) => {
    const memory = this.#engine?.residentMemory;
    if (memory !== undefined) report("processMemory", memory);
    if (this.#heap !== undefined) {
      report("xsSlots", this.#heap.slots);
      report("xsSlotsPeak", this.#peakSlots);
      report("xsChunks", this.#heap.chunks);
      report("xsChunksPeak", this.#peakChunks);
      report("xsKeys", this.#heap.keys);
    }
    this.#isStale = true;
  };

  /** Measures where somebody asked since. The machine must be at rest. */
  async refresh(): Promise<void> {
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#heap = await this.#engine?.heap();
    this.#peakSlots = Math.max(this.#peakSlots, this.#heap?.slots ?? 0);
    this.#peakChunks = Math.max(this.#peakChunks, this.#heap?.chunks ?? 0);
  }
}
