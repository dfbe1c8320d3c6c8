// SPDX-License-Identifier: Apache-2.0

import Instrumentation from "instrumentation";

/** Reports one vital sign. */
export type Report = (key: string, value: number) => void;

/** Where the SDK keeps a figure; release builds know none. */
interface Figure {
  readonly key: string;
  /** Key of the highest value so far; undefined for what never falls. */
  readonly peakKey: string | undefined;
  readonly index: number;
  readonly scale: number;
  peak: number;
}

/**
 * Vital signs of the XS machine, garbage included: used slots by count, used chunks in bytes, entries of the key table; of slots and
 * chunks also the most that was ever measured, which is the more telling the more often they are. Reports nothing in a release build, which the SDK makes without instrumentation.
 */
export class XsHeap {
  readonly #figures: readonly Figure[];

  /** `slotSize` in bytes: 16 where pointers have 32 bits, 32 where they have 64. */
  constructor(slotSize: number) {
    this.#figures = [
      figure("xsSlots", "xsSlotsPeak", "XS Slot Heap Used", 1 / slotSize),
      figure("xsChunks", "xsChunksPeak", "XS Chunk Heap Used", 1),
      figure("xsKeys", undefined, "XS Keys Used", 1),
    ].filter((found) => found !== undefined);
  }

  measure(report: Report): void {
    for (const figure of this.#figures) {
      const value = (Instrumentation.get(figure.index) ?? 0) * figure.scale;
      figure.peak = Math.max(figure.peak, value);
      report(figure.key, value);
      if (figure.peakKey !== undefined) report(figure.peakKey, figure.peak);
    }
  }
}

function figure(
  key: string,
  peakKey: string | undefined,
  name: Parameters<typeof Instrumentation.map>[0],
  scale: number,
): Figure | undefined {
  const index = Instrumentation.map(name);
  return index === undefined ? undefined : { key, peakKey, index, scale, peak: 0 };
}
