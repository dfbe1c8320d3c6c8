// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";
import type { EspImage } from "./esp-image.js";
import { UpdateReport } from "./update-report.js";

/** For two megabytes through the emulated radio, in seconds. */
export const downloadTime = 300;

/** A trial lasts 5 min, where the image's configuration says nothing else. */
const trialTime = 420;

/** From the beginning of a download to the power cut, in milliseconds: a third of what the emulator takes for all of it. */
const cutAfter = 2_500;

/** An interrupted trial is begun so often. */
const trials = 3;

/** From power-on until an image has been chosen and runs, or has crashed at its first instruction, in milliseconds. */
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
  await checks.run("an image that crashes during its trial: the one before runs again, and tells", async () => {
    const { host } = bench.settings;
    // One that reaches the server is no longer on trial.
    await checkRefused(
      bench,
      image.withText(host, nobody(host)),
      "0.4.1",
      /trial-crashed: .* ended by panic/,
      async () => {
        await pause(crashTime);
        await bench.chip.crash();
      },
    );
  });
  await checks.run("an image that does not reach the server: the one before runs again, and tells", async () => {
    const { host } = bench.settings;
    await checkRefused(bench, image.withText(host, nobody(host)), "0.5.0", /trial-timeout/, () => Promise.resolve());
  });
}

export async function checkUpdate(bench: Bench, image: EspImage, version: string): Promise<void> {
  const { bootCount } = await bench.cloud.vitals();
  const report = new UpdateReport(bench, "firmware");
  const told = await report.count();
  await bench.cloud.offer(version, image.bytes);
  await report.expectState(told, "UPDATED", downloadTime);
  await report.expectWhole(told);
  await bench.live(bootCount);
  await report.expectVersion(version);
}

async function checkResumed(bench: Bench, image: EspImage): Promise<void> {
  const { bootCount } = await bench.cloud.vitals();
  const report = new UpdateReport(bench, "firmware");
  const told = await report.count();
  await bench.cloud.offer("0.3.0", image.bytes);
  await report.expectState(told, "DOWNLOADING", downloadTime);
  await pause(cutAfter);
  const before = (await bench.cloud.history("fw_progress", 0)).length;
  await bench.chip.cut();
  await bench.boot();
  await report.expectState(told, "UPDATED", downloadTime);
  const percent = (await bench.cloud.history("fw_progress", 0))[before]?.value ?? 0;
  assert.ok(percent > 0, "it began anew");
  console.log(`        it went on at ${percent} %`);
  await bench.live(bootCount + 1);
  await report.expectVersion("0.3.0");
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
  const report = new UpdateReport(bench, "firmware");
  const told = await report.count();
  await bench.cloud.offer(version, image.bytes);
  await waitFor({ what: "restart into the new image", seconds: downloadTime }, () =>
    bench.chip.resets.length > resets ? true : undefined,
  );
  await onTried();
  await bench.live(bootCount, trialTime);
  await report.expectState(told, "FAILED", 60);
  const error = await report.error();
  console.log(`        ${error}`);
  assert.match(error, reason);
  await report.expectVersion(String(running));
}

/**
 * A crash that early ends in the mask ROM, which only the boot loader's watchdog or the power gets it out of, and the emulator has not
 * that watchdog. To the device that is an interrupted trial, which it begins again a few times.
 */
async function switchOffAndOn(bench: Bench): Promise<void> {
  for (let time = 1; time <= trials; time += 1) {
    await pause(crashTime);
    await bench.chip.cut();
    bench.chip.start();
  }
}
