// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";
import type { Vitals } from "./cloud.js";
import { longestGap } from "./series.js";
import { storedSamples } from "./stored-data.js";

const period = 500;

/** The server is away this long before the power goes at the latest, in milliseconds. */
const longestOutage = 12_000;

/** A datum waits 2 s in memory before it is stored. An emulator that is short of time needs longer for all of that. */
const longestUnstored = 6_000;

/**
 * The power goes while the device stores its samples, because the server is away. What it had stored is what its journal in the
 * flash file holds at that moment: all of that has to arrive, with no gap before it.
 */
export async function checkPowerCuts(bench: Bench): Promise<void> {
  const { checks } = bench;
  if (bench.time === undefined) {
    console.log("skipped: power-cuts; without a time server what was stored arrives after ten minutes, and undated");
    return;
  }
  const isLive = await checks.run("a chip that samples twice a second", async () => {
    await bench.flashChip("power-cuts");
    await bench.boot();
    await bench.sample(period);
    await pause(3_000);
  });
  if (!isLive) return;
  for (let cut = 1; cut <= bench.settings.cuts; cut += 1) {
    const outage = Math.round(2_000 + Math.random() * (longestOutage - 2_000));
    const name = `power cut ${cut} of ${bench.settings.cuts}, ${outage} ms after the server went: nothing stored is lost`;
    // The next cut needs a device that lives.
    const end = { stop: () => bench.chip.cut(), goOn: () => bench.boot() };
    if (!(await checks.run(name, () => checkStored(bench, outage, end)))) return;
  }
}

/** How a boot ends. */
export interface End {
  /** After it the flash file is as the boot leaves it. */
  readonly stop: () => Promise<void>;
  /** The next boot, until it answers. */
  readonly goOn: (boot: number) => Promise<Vitals>;
}

/** Ends a boot, a while after the server went: what it had stored arrives. The device samples twice a second. */
export async function checkStored(bench: Bench, outage: number, { stop, goOn }: End): Promise<void> {
  const { bootCount } = await bench.cloud.vitals();
  const lastSample = await bench.cloud.deviceTime();
  const gone = Date.now();
  await bench.server.kill();
  await pause(outage);
  await stop();
  const cut = Date.now();
  const stored = storedSamples(bench.flash.read("journal")).filter(({ boot }) => boot === bootCount);
  assert.ok(!stored.some(({ time }) => Number.isNaN(time)), "the chip never knew the time");
  await bench.startServer();
  await bench.expectBoot(bootCount + 1, await goOn(bootCount));
  const arrivedSince = async (from: number) =>
    (await bench.cloud.samples(from)).filter(({ boot }) => boot === bootCount);
  // The last one that the server has may be among them: the device had not heard of that.
  const first = Math.min(lastSample, ...stored.map(({ time }) => time));
  await waitFor({ what: `${stored.length} samples that were stored`, seconds: 30 }, async () => {
    const times = new Set((await arrivedSince(first)).map(({ time }) => time));
    return stored.every(({ time }) => times.has(time)) ? true : undefined;
  });
  const samples = await arrivedSince(lastSample);
  const unstored = cut - gone - ((samples.at(-1)?.time ?? 0) - lastSample);
  console.log(`        ${stored.length} samples were stored, the last one ${unstored} ms before the end`);
  assert.ok(longestGap(samples) < 2.5 * period, `${longestGap(samples)} ms without a sample`);
  assert.ok(unstored < longestUnstored, `nothing of the last ${unstored} ms`);
  const { dropped, refused } = await bench.cloud.vitals();
  assert.deepEqual({ dropped, refused }, { dropped: 0, refused: 0 });
}
