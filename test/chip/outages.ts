// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { demoDevice } from "../../server/server.js";
import { type Bench, pause } from "./bench.js";
import { expectGapless } from "./gapless.js";

const period = 500;

/** How long the server is away, in milliseconds: several attempts to connect. */
const outage = 10_000;

/** The first pause after refused credentials is up to 30 s long. */
const refusal = 20_000;
const patience = 120;

/** How long nothing passes the access point, in milliseconds. */
const silence = 20_000;

/** A server that vanishes, an access point that passes nothing on, and a server that refuses the device for a while. */
export async function checkOutages(bench: Bench): Promise<void> {
  const { checks } = bench;
  const isLive = await checks.run("a chip whose server is not always there", async () => {
    await bench.flashChip("outages");
    await bench.boot();
    await bench.sample(period);
    await pause(3_000);
  });
  if (!isLive) return;
  await checks.run("a killed server is found again, and nothing of the gap is missing", async () => {
    const { bootCount } = await bench.cloud.vitals();
    const from = await bench.cloud.deviceTime();
    await bench.server.kill();
    await pause(outage);
    await bench.startServer();
    await bench.expectBoot(bootCount, await bench.live());
    await expectGapless(bench, from, period);
  });
  await checks.run("an access point that passes nothing on for a while: nothing of that time is missing", async () => {
    const { bootCount } = await bench.cloud.vitals();
    const from = await bench.cloud.deviceTime();
    await bench.chip.setLink(false);
    await pause(silence);
    await bench.chip.setLink(true);
    await bench.expectBoot(bootCount, await bench.live(0, patience));
    await expectGapless(bench, from, period);
  });
  await checks.run("refused credentials are tried again slowly, and nothing of the gap is missing", async () => {
    const { disconnects: before = 0, bootCount } = await bench.cloud.vitals();
    const from = await bench.cloud.deviceTime();
    await bench.cloud.setToken("somebody-else");
    await pause(refusal);
    await assert.rejects(bench.cloud.vitals(), "it still answers");
    await bench.cloud.setToken(demoDevice.token);
    const { disconnects = 0, ...vitals } = await bench.live(0, patience);
    await bench.expectBoot(bootCount, vitals);
    await expectGapless(bench, from, period);
    const ended = disconnects - before;
    assert.ok(ended >= 1 && ended <= 6, `${ended} sessions or attempts ended`);
    console.log(`        ${ended} sessions or attempts ended`);
  });
}
