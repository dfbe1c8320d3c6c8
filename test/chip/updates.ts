// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";
import type { EspImage } from "./esp-image.js";

/** For two megabytes through the emulated radio, in seconds. */
const downloadTime = 300;

/** A trial lasts 5 min, where the image's configuration says nothing else. */
const trialTime = 420;

/** Until an image that crashes at its first instruction has done so, in milliseconds. */
const crashTime = 5_000;

/** Nothing answers there. */
const nobody = (host: string): string => host.replace(/.$/, (digit) => (digit === "9" ? "8" : "9"));

/** Updates with the image that runs, which is called what the server calls it, and with two spoilt ones. */
export async function checkUpdates(bench: Bench): Promise<void> {
  const { checks } = bench;
  const isLive = await checks.run("a chip that is updated", async () => {
    await bench.flashChip("updates");
    await bench.boot();
    await bench.sample(5_000);
  });
  if (!isLive) return;
  const image = bench.flash.application("ota_0");
  const { size } = bench.flash.place("ota_1");
  if (image.bytes.length > size) {
    console.log(`skipped: updates; the image of ${image.bytes.length} bytes does not fit into ota_1 of ${size}`);
    return;
  }
  const isUpdated = await checks.run("an image is fetched, verified, tried and kept", () =>
    checkUpdate(bench, image, "0.2.0"),
  );
  if (!isUpdated) return;
  await checks.run("power cut in the middle of the download: it goes on with what is missing", () =>
    checkResumed(bench, image),
  );
  await checks.run("an image that crashes: the one before runs again, and tells", () =>
    checkRefused(bench, image.crashing(), "0.4.0", /trial-(crashed|interrupted)|rolled-back/, () =>
      switchOffAndOn(bench),
    ),
  );
  await checks.run("an image that does not reach the server: the one before runs again, and tells", async () => {
    const { host } = bench.settings;
    await checkRefused(bench, image.withText(host, nobody(host)), "0.5.0", /trial-timeout/, () => Promise.resolve());
  });
}

async function checkUpdate(bench: Bench, image: EspImage, version: string): Promise<void> {
  const { bootCount } = await bench.cloud.vitals();
  const from = Date.now();
  await bench.cloud.offer(version, image.bytes);
  await expectState(bench, from, "UPDATED", downloadTime);
  const states = await statesSince(bench, from);
  assert.deepEqual(states, ["DOWNLOADING", "DOWNLOADED", "VERIFIED", "UPDATING", "UPDATED"]);
  await bench.live(bootCount);
  await expectVersion(bench, version);
}

async function checkResumed(bench: Bench, image: EspImage): Promise<void> {
  const { bootCount } = await bench.cloud.vitals();
  const from = Date.now();
  await bench.cloud.offer("0.3.0", image.bytes);
  const before = await waitFor({ what: "progress", seconds: downloadTime }, async () => {
    const percent = (await bench.cloud.history("fw_progress", from)).at(-1)?.value ?? 0;
    return percent >= 20 ? percent : undefined;
  });
  await bench.chip.cut();
  const cut = Date.now();
  await bench.boot();
  await expectState(bench, from, "UPDATED", downloadTime);
  const after = (await bench.cloud.history("fw_progress", cut))[0]?.value;
  console.log(`        cut after ${before} %, went on with ${after ?? "more than it tells"} %`);
  assert.ok((after ?? 100) >= before, `began anew with ${after} %`);
  await bench.live(bootCount + 1);
  await expectVersion(bench, "0.3.0");
}

async function checkRefused(
  bench: Bench,
  image: EspImage,
  version: string,
  reason: RegExp,
  onTried: () => Promise<void>,
): Promise<void> {
  const { bootCount } = await bench.cloud.vitals();
  const { current_fw_version: running } = await bench.cloud.latest("current_fw_version");
  const resets = bench.chip.resets.length;
  const from = Date.now();
  await bench.cloud.offer(version, image.bytes);
  await waitFor({ what: "restart into the new image", seconds: downloadTime }, () =>
    bench.chip.resets.length > resets ? true : undefined,
  );
  await onTried();
  await bench.live(bootCount, trialTime);
  await expectState(bench, from, "FAILED", 60);
  const error = String((await bench.cloud.history("fw_error", from)).at(-1)?.value);
  console.log(`        ${error}`);
  assert.match(error, reason);
  await expectVersion(bench, String(running));
}

/** A crash that early ends in the mask ROM, which only a watchdog or the power gets it out of; the emulator has no watchdog. */
async function switchOffAndOn({ chip }: Bench): Promise<void> {
  const resets = chip.resets.length;
  await pause(crashTime);
  if (chip.resets.length > resets) return;
  await chip.cut();
  chip.start();
}

/** Those that the device tells: the first ones are the server's. */
async function statesSince(bench: Bench, from: number): Promise<readonly unknown[]> {
  const states: readonly unknown[] = (await bench.cloud.history("fw_state", from)).map(({ value }) => value);
  return states.filter((state) => state !== "QUEUED" && state !== "INITIATED");
}

async function expectState(bench: Bench, from: number, state: string, seconds: number): Promise<void> {
  await waitFor({ what: `fw_state ${state}`, seconds }, async () => {
    const states = await statesSince(bench, from);
    if (states.includes(state)) return true;
    if (states.includes("FAILED"))
      throw new Error(`fw_state FAILED: ${(await bench.cloud.latest("fw_error")).fw_error}`);
    return undefined;
  });
}

async function expectVersion(bench: Bench, version: string): Promise<void> {
  await waitFor({ what: `current_fw_version ${version}`, seconds: 30 }, async () =>
    (await bench.cloud.latest("current_fw_version")).current_fw_version === version ? true : undefined,
  );
}
