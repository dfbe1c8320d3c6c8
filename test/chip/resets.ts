// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import type { Bench } from "./bench.js";

const commanded = 3;

/** What the device says of its starts. */
export async function checkResets(bench: Bench): Promise<void> {
  const { checks } = bench;
  const isLive = await checks.run("a chip whose resets are looked at", async () => {
    await bench.flashChip("resets");
    await bench.boot();
  });
  if (!isLive) return;
  for (let time = 1; time <= commanded; time += 1)
    await checks.run(`RPC reboot ${time} of ${commanded}: one reset, and it knows that it was asked to`, async () => {
      const { bootCount } = await bench.cloud.vitals();
      const resets = bench.chip.resets.length;
      assert.deepEqual(await bench.cloud.call("reboot"), { accepted: true });
      await bench.expectBoot(bootCount + 1, await bench.live(bootCount));
      await bench.expectReason("software");
      assert.equal(bench.chip.resets.length, resets + 1, bench.chip.resets.join(", "));
    });
  await checks.run("a power cut is power-on again", async () => {
    const { bootCount } = await bench.cloud.vitals();
    await bench.chip.cut();
    await bench.expectBoot(bootCount + 1, await bench.boot());
    await bench.expectReason("power-on");
  });
  await checks.run("no crash is told of", async () => {
    const { lastReset } = await bench.cloud.clientAttributes();
    assert.match(JSON.stringify(lastReset), /"(power-on|software)"/);
  });
}
