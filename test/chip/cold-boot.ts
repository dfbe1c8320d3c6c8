// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";

const period = 1_000;

/** Vital signs that every build for the chip has, and those of debug builds. */
const expected = ["freeHeap", "lowestFreeHeap", "largestFreeBlock", "uptime", "rssi", "bootCount", "dropped"];
const instrumented = ["xsSlots", "xsSlotsPeak", "xsChunks", "xsChunksPeak", "xsKeys"];

/** From power-on to a live session, and what a device is asked for there. */
export async function checkColdBoot(bench: Bench): Promise<void> {
  const { checks } = bench;
  const from = Date.now();
  const isLive = await checks.run("power-on: Wi-Fi, session, a call is answered", async () => {
    await bench.flashChip("cold-boot");
    await bench.boot();
  });
  if (!isLive) return;
  await checks.run("every vital sign is there, and the memory that it tells of", async () => {
    const vitals = await bench.cloud.vitals();
    for (const key of expected) assert.equal(typeof vitals[key], "number", `${key}: ${vitals[key]}`);
    const figures = [...expected.slice(0, 3), ...instrumented].filter((key) => vitals[key] !== undefined);
    console.log(`        ${figures.map((key) => `${key} ${vitals[key]}`).join(", ")}`);
  });
  await checks.run("client attributes tell who it is and why it started", async () => {
    const attributes = await waitFor({ what: "client attributes", seconds: 10 }, async () => {
      const found = await bench.cloud.clientAttributes();
      return found.resetReason === undefined ? undefined : found;
    });
    assert.equal(attributes.resetReason, "power-on");
    for (const key of ["model", "identity", "firmware"]) assert.equal(typeof attributes[key], "string", key);
  });
  await checks.run("telemetry of the vital signs arrives", async () => {
    for (const key of expected)
      await waitFor({ what: key, seconds: 20 }, async () => (await bench.cloud.history(key, from))[0]);
  });
  await checks.run("shared attribute period changes how often it samples", async () => {
    await bench.sample(period);
    const changed = await bench.cloud.deviceTime();
    await waitFor({ what: "6 samples", seconds: 30 }, async () =>
      (await bench.cloud.samples(changed)).length >= 6 ? true : undefined,
    );
    const times = (await bench.cloud.samples(changed)).map(({ time }) => time).slice(1, 6);
    const spacing = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 4;
    assert.ok(Math.abs(spacing - period) < period / 4, `${spacing} ms apart`);
  });
  await checks.run("it stays up: no reset, no end of the session, nothing dropped", async () => {
    const before = await bench.cloud.vitals();
    await pause(5_000);
    const { dropped, disconnects, ...vitals } = await bench.cloud.vitals();
    await bench.expectBoot(before.bootCount, vitals);
    assert.deepEqual({ dropped, disconnects }, { dropped: 0, disconnects: before.disconnects });
    assert.equal(bench.chip.resets.length, 1, bench.chip.resets.join(", "));
  });
}
