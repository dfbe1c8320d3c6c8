// SPDX-License-Identifier: Apache-2.0
// Images that must not stay: the one before comes back by itself, and the server is told why.

import { expect } from "@jest/globals";
import { firmwareImage } from "../../hosts/desktop/bundle.js";
import { firmwarePartitions } from "../../hosts/node/partitions.js";
import type { LifeDevice } from "../integration/ota/life-device.js";
import { tellStories } from "../integration/ota/life-stories.js";
import { pause } from "../integration/ota/life-waiting.js";
import { describeOnXs } from "./engine-required.js";

/** An offer that has failed is left alone at least this long, a boot and a connect included. */
const calm = 20_000;

async function failsFor(device: LifeDevice, reason: string): Promise<void> {
  await device.fails(reason);
  await device.runs("blue");
  const attempts = () => [device.count("ota.download"), device.count("ota.failed")];
  const before = attempts();
  const lives = device.count("session.live");
  await device.cutPower();
  await device.step("session.live", lives + 1);
  await pause(calm);
  await device.fails(reason);
  await device.runs("blue");
  await device.shows({ current_fw_title: "xsthing", current_fw_version: "0.1.0" });
  expect(attempts()).toEqual(before);
  expect((await device.states()).at(-1)).toBe("FAILED");
}

describeOnXs("a bad image of the firmware", () => {
  tellStories("xs", {
    "that crashes at its start": async (scene) => {
      const device = await scene.device("blue");
      await scene.offer(device, await scene.images.firmware("crashing"));
      await failsFor(device, "trial-crashed");
      expect((await device.latest("fw_error")).fw_error).toMatch(/panic: TypeError: a defect at the start/);
      expect(await device.states()).toEqual(expect.arrayContaining(["DOWNLOADED", "VERIFIED", "UPDATING"]));
    },
    "whose application throws": async (scene) => {
      const device = await scene.device("blue");
      await scene.offer(device, await scene.images.firmware("throwing"));
      await failsFor(device, "application-failed");
    },
    "that computes for ever": async (scene) => {
      const device = await scene.device("blue");
      await scene.offer(device, await scene.images.firmware("endless"));
      await failsFor(device, "trial-crashed");
      expect((await device.latest("fw_error")).fw_error).toMatch(/ended by watchdog/);
    },
    "that does not reach the server": async (scene) => {
      const device = await scene.device("blue");
      await scene.offer(device, await scene.images.firmware("unreachable"));
      await failsFor(device, "trial-timeout");
    },
    "without its beginning": async (scene) => {
      const device = await scene.device("blue");
      await scene.offer(device, (await scene.images.firmware("red")).subarray(10));
      await failsFor(device, "image-refused");
    },
    "without its end": async (scene) => {
      const device = await scene.device("blue");
      const image = await scene.images.firmware("red");
      await scene.offer(device, image.subarray(0, image.length - 10), { algorithm: "CRC32" });
      await failsFor(device, "image-refused");
    },
    "of the other engine": async (scene) => {
      const device = await scene.device("blue");
      await scene.offer(device, await firmwareImage("node", "test/programs/red.ts"));
      await failsFor(device, "image-refused");
    },
    "for other devices": async (scene) => {
      const device = await scene.device("blue");
      await scene.offer(device, await scene.images.firmware("red"), { title: "otherthing" });
      await failsFor(device, "wrong-title");
      expect(device.count("ota.download")).toBe(0);
    },
    "that is larger than the slot": async (scene) => {
      const device = await scene.device("blue");
      await scene.offer(device, new Uint8Array((firmwarePartitions().get("ota_1") ?? 0) + 1));
      await failsFor(device, "package-too-large");
      expect(device.count("ota.download")).toBe(0);
    },
    "with another checksum than the operator says": async (scene) => {
      const device = await scene.device("blue");
      const image = await scene.images.firmware("red");
      await scene.offer(device, image, { title: "otherthing" });
      await device.fails("wrong-title");
      await scene.setShared(device, { fw_title: "xsthing", fw_checksum: "ab".repeat(32) });
      await failsFor(device, "checksum-mismatch");
      expect(device.count("ota.checksum")).toBe(3);
    },
  });
});
