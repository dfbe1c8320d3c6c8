// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";

/** Crashes in a row, the last two soon after their boots, until the device starts without its application. */
const crashes = 3;

/** From power-on to a client attribute of the new boot, in seconds. */
const startTime = 90;

/** A run of this many seconds has not failed at its start; with a second to spare. */
const stableUptime = 61;

/** How often the power goes soon after it came, and after how many milliseconds at the latest. */
const cuts = 6;
const longestPower = 4_000;

/** A firmware that crashes again and again, and one that only loses its power. */
export async function checkSafeMode(bench: Bench): Promise<void> {
  const { checks } = bench;
  const isLive = await checks.run("a chip that crashes again and again", async () => {
    await bench.flashChip("safe-mode");
    await bench.boot();
    await bench.sample(1_000);
  });
  if (!isLive) return;
  if (!(await checks.run(`${crashes} crashes in a row: safe mode, which it tells`, () => checkEntered(bench)))) return;
  await checks.run("safe mode: live, vital signs go on, calls of the application are refused", () =>
    checkReachable(bench),
  );
  await checks.run("safe mode: the call reboot gives the application another chance", async () => {
    const boot = await bootOf(bench);
    assert.deepEqual(await bench.cloud.call("reboot"), { accepted: true });
    await bench.expectBoot(boot + 1, await bench.live(boot));
    await bench.expectReason("software");
    await expectMode(bench, boot + 1, false);
  });
  await checks.run("one crash soon after that is safe mode again, which a power cut ends, too", async () => {
    const boot = await bootOf(bench);
    await bench.chip.crash();
    await expectMode(bench, boot + 1, true);
    await bench.chip.cut();
    await bench.expectBoot(boot + 2, await bench.boot());
    await expectMode(bench, boot + 2, false);
  });
  await checks.run("a crash after a minute is not the next one in a row", async () => {
    await waitFor({ what: `uptime ${stableUptime} s`, seconds: 4 * stableUptime }, async () => {
      const { uptime } = await bench.cloud.vitals();
      return uptime >= stableUptime ? true : undefined;
    });
    const boot = await bootOf(bench);
    await bench.chip.crash();
    await bench.expectBoot(boot + 1, await bench.live(boot));
    await expectMode(bench, boot + 1, false);
  });
  await checks.run(`${cuts} power cuts soon after power-on are no crashes`, () => checkCuts(bench));
}

async function checkEntered(bench: Bench): Promise<void> {
  const { bootCount } = await bench.cloud.vitals();
  for (let crash = 1; crash <= crashes; crash += 1) {
    await bench.chip.crash();
    await expectMode(bench, bootCount + crash, crash === crashes);
  }
  assert.equal(bench.chip.resets.length, crashes + 1, bench.chip.resets.join(", "));
}

async function checkReachable(bench: Bench): Promise<void> {
  const from = await bench.cloud.deviceTime();
  const boot = await bootOf(bench);
  const answer = JSON.stringify(await bench.cloud.call("getVitals"));
  console.log(`        ${answer}`);
  assert.match(answer, /unknown-method/);
  await waitFor({ what: "vital signs of safe mode", seconds: 60 }, async () =>
    (await bench.cloud.samples(from)).some((sample) => sample.boot === boot) ? true : undefined,
  );
}

/** The first ones before the firmware runs, the last ones when it is about to be live. */
async function checkCuts(bench: Bench): Promise<void> {
  await bench.chip.cut();
  for (let cut = 1; cut <= cuts; cut += 1) {
    bench.chip.start();
    await pause((cut * longestPower) / cuts);
    await bench.chip.cut();
  }
  const { bootCount } = await bench.boot();
  await expectMode(bench, bootCount, false);
  await bench.expectReason("power-on");
}

/** Waits until the device has told of boot `boot` whether it is in safe mode. */
async function expectMode(bench: Bench, boot: number, isSafe: boolean): Promise<void> {
  let told = "nothing";
  await waitFor({ what: `safeMode ${isSafe} of boot ${boot}`, seconds: startTime }, async () => {
    const { safeMode, lastReset } = await bench.cloud.clientAttributes();
    told = JSON.stringify({ safeMode, lastReset });
    const { bootCount } = (lastReset ?? {}) as { bootCount?: number };
    return bootCount === boot && safeMode === isSafe ? true : undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${told}\nresets: ${bench.chip.resets.join(", ")}`);
  });
}

async function bootOf(bench: Bench): Promise<number> {
  const { lastReset } = await bench.cloud.clientAttributes();
  return (lastReset as { bootCount: number }).bootCount;
}
