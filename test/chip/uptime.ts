// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { type Bench, pause } from "./bench.js";
import type { Vitals } from "./cloud.js";

/** Between two looks, in milliseconds. */
const interval = 5_000;

/** A session that begins, and what it fills, is over by then; in seconds of the chip. */
const warmUp = 60;

/** What the least free heap of the second half may be below that of the first, in bytes: a buffer of lwIP or of Wi-Fi. */
const tolerance = 2_048;

/** The device left alone, while its time passes several times as fast as the server's. */
export async function checkUptime(bench: Bench): Promise<void> {
  const { checks, settings } = bench;
  await checks.run(
    `${settings.minutes} min alone: one boot, one session, nothing dropped, and the heap stays as it was`,
    async () => {
      await bench.flashChip("uptime");
      bench.chip.start("hasty");
      const { bootCount } = await bench.live();
      const seen: Vitals[] = [];
      for (let left = settings.minutes * 60_000; left > 0; left -= interval) {
        await pause(interval);
        const vitals = await bench.live();
        await bench.expectBoot(bootCount, vitals);
        seen.push(vitals);
      }
      const { uptime, disconnects, dropped, refused } = await bench.live();
      console.log(`        up for ${(uptime / 3_600).toFixed(1)} h; ${heapOf(seen)}`);
      assert.deepEqual({ disconnects, dropped, refused }, { disconnects: 0, dropped: 0, refused: 0 });
      const settled = seen.filter(({ uptime }) => uptime > warmUp);
      const half = Math.floor(settled.length / 2);
      const halves = [settled.slice(0, half), settled.slice(half)];
      const [free = 0, freeLater = 0] = halves.map((seen) => Math.min(...valuesOf(seen, "freeHeap")));
      assert.ok(freeLater > free - tolerance, `freeHeap: ${free}, then ${freeLater}`);
      // One buffer takes a piece of it for a moment, and it is told by classes of 2,048 bytes: what is mostly so has to stay.
      const [block = 0, blockLater = 0] = halves.map((seen) => median(valuesOf(seen, "largestFreeBlock")));
      assert.ok(blockLater >= block, `largestFreeBlock: mostly ${block}, then ${blockLater}`);
    },
  );
}

function valuesOf(seen: readonly Vitals[], key: string): readonly number[] {
  return seen.map((vitals) => vitals[key] ?? Number.NaN);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function heapOf(seen: readonly Vitals[]): string {
  const told = [seen[0], seen[Math.floor(seen.length / 2)], seen.at(-1)];
  return told.map((vitals) => `freeHeap ${vitals?.freeHeap} of ${vitals?.uptime} s`).join(", ");
}
