// SPDX-License-Identifier: Apache-2.0
// Updates end to end where V8 runs the firmware. There is more of it in test/xs.

import { describe, expect } from "@jest/globals";
import { firmwareImage } from "../../../hosts/desktop/bundle.js";
import { tellStories } from "./life-stories.js";

describe("an update on V8", () => {
  tellStories("node", {
    "of main.ts runs and is reported": async (scene) => {
      const device = await scene.device();
      const version = await scene.offer(device, await scene.images.firmware("red"));
      await device.runs("red");
      await device.shows({
        fw_state: "UPDATED",
        fw_error: "",
        current_fw_title: "xsthing",
        current_fw_version: version,
      });
    },
    "that crashes at its start, or is for the other engine, is undone and reported": async (scene) => {
      const device = await scene.device("blue");
      await scene.offer(device, await scene.images.firmware("crashing"));
      await device.fails("trial-crashed");
      await device.runs("blue");
      await scene.offer(device, await firmwareImage("xs", "test/programs/red.ts"));
      await device.fails("image-refused");
      await device.runs("blue");
      await device.shows({ current_fw_version: "0.1.0" });
      expect(device.count("ota.download")).toBe(2);
    },
    "of the application alone runs, and one that throws falls back to the firmware's own": async (scene) => {
      const device = await scene.device("blue");
      const version = await scene.offer(device, await scene.images.application("green"), { type: "SOFTWARE" });
      await device.runs("green");
      await device.shows({ sw_state: "UPDATED", sw_error: "", current_sw_version: version });
      await scene.offer(device, await scene.images.application("green-throwing"), { type: "SOFTWARE" });
      await device.fails("application-failed", "sw");
      await device.runs("blue");
    },
  });
});
