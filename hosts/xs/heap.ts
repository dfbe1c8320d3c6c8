// SPDX-License-Identifier: Apache-2.0

import Instrumentation from "instrumentation";

/** Reports one vital sign. */
export type Report = (key: string, value: number) => void;

/** Where the SDK keeps a figure; release builds know none. */
interface Figure {
  readonly key: string;
  readonly index: number;
  readonly scale: number;
}

/**
 * Vital signs of the XS machine, garbage included: used slots by count, used chunks in bytes, entries of the key table.
 * Reports nothing in a release build, which the SDK makes without instrumentation.
 */
export class XsHeap {
  readonly #figures: readonly Figure[];

  /** `slotSize` in bytes: 16 where pointers have 32 bits, 32 where they have 64. */
  constructor(slotSize: number) {
    this.#figures = [
      figure("xsSlots", "XS Slot Heap Used", 1 / slotSize),
      figure("xsChunks", "XS Chunk Heap Used", 1),
      figure("xsKeys", "XS Keys Used", 1),
    ].filter((found) => found !== undefined);
  }

  measure(report: Report): void {
    for (const { key, index, scale } of this.#figures) report(key, (Instrumentation.get(index) ?? 0) * scale);
  }
}

function figure(key: string, name: Parameters<typeof Instrumentation.map>[0], scale: number): Figure | undefined {
  const index = Instrumentation.map(name);
  return index === undefined ? undefined : { key, index, scale };
}
