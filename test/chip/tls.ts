// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { waitFor } from "../simulator/waiting.js";
import type { Bench } from "./bench.js";
import { Impostor } from "./impostor.js";
import type { TlsSettings } from "./settings.js";
import { checkUpdate } from "./updates.js";

const memory = ["freeHeap", "largestFreeBlock", "lowestFreeHeap"] as const;

/** From the loss of the server to the first attempt at the one in its place, in seconds. */
const attemptTime = 60;

/** The pause after a server that is not trusted is up to 30 s at first, and twice that the next time, in seconds. */
const patience = 180;

/** A session over TLS, what memory it takes, and a server that is not who it should be. */
export async function checkTls(bench: Bench): Promise<void> {
  const { checks, settings } = bench;
  const { tls } = settings;
  if (typeof tls === "string") {
    console.log(`skipped: tls; ${tls}`);
    return;
  }
  const isLive = await checks.run("TLS: power-on, session, a call is answered", async () => {
    await bench.flashChip("tls", { image: tls.flash });
    printMemory(await bench.boot());
  });
  if (!isLive) return;
  await checks.run("TLS: telemetry of a sample each second arrives, nothing is dropped", async () => {
    await bench.sample(1_000);
    const from = await bench.cloud.deviceTime();
    await waitFor({ what: "6 samples", seconds: 60 }, async () =>
      (await bench.cloud.samples(from)).length >= 6 ? true : undefined,
    );
    const vitals = await bench.cloud.vitals();
    assert.equal(vitals.dropped, 0);
    printMemory(vitals);
  });
  await checks.run(
    "TLS: a server of another authority is told nothing; then the right one is found in the same boot",
    () => checkImpostor(bench, tls),
  );
  await checks.run("TLS: an image is fetched, verified, tried and kept", async () => {
    const { bootCount } = await bench.live();
    const from = await bench.cloud.deviceTime();
    await checkUpdate(bench, bench.flash.application("ota_0"), "0.6.0");
    const heap = await bench.cloud.history("lowestFreeHeap", from);
    const boots = new Map((await bench.cloud.samples(from)).map(({ time, boot }) => [time, boot]));
    const lowest = Math.min(...heap.filter(({ ts }) => boots.get(ts) === bootCount).map(({ value }) => value));
    console.log(`        lowestFreeHeap ${lowest} in the boot that fetched it`);
  });
}

async function checkImpostor(bench: Bench, { port }: TlsSettings): Promise<void> {
  const { bootCount } = await bench.cloud.vitals();
  const impostor = new Impostor(bench.settings.host);
  await bench.server.kill();
  await impostor.listen(port);
  try {
    await waitFor({ what: "an attempt at the wrong server", seconds: attemptTime }, () =>
      impostor.refusals.length + impostor.sessions > 0 ? true : undefined,
    );
  } finally {
    await impostor.close();
    await bench.startServer();
  }
  assert.deepEqual({ sessions: impostor.sessions, heard: impostor.heard }, { sessions: 0, heard: 0 });
  const vitals = await bench.live(0, patience);
  await bench.expectBoot(bootCount, vitals);
  const reasons = JSON.stringify(vitals.disconnectReasons);
  console.log(`        ${impostor.refusals.join(", ")}; disconnectReasons ${reasons}`);
  assert.match(reasons, /"tls-untrusted":[1-9]/);
}

function printMemory(vitals: Readonly<Record<string, unknown>>): void {
  console.log(`        ${memory.map((key) => `${key} ${vitals[key]}`).join(", ")}`);
}
