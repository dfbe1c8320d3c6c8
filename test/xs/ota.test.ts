// SPDX-License-Identifier: Apache-2.0
// Updates over the air, end to end: what an operator does by REST and sees there, and processes that boot.

import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { tellStories } from "../integration/ota/life-stories.js";
import { describeOnXs } from "./engine-required.js";

const firmware = new URL("../programs/firmware.js", import.meta.url).pathname;

describeOnXs("an update", () => {
  tellStories("xs", {
    "of the application alone runs, outlives a power cut, and is taken back": async (scene) => {
      const device = await scene.device();
      const version = await scene.offer(device, await scene.images.application("green"), { type: "SOFTWARE" });
      await device.runs("green");
      const isUpdated = { sw_state: "UPDATED", sw_error: "", current_sw_title: "xsthing-application" };
      await device.shows({ ...isUpdated, current_sw_version: version });
      // However small the package.
      const states = ["QUEUED", "INITIATED", "DOWNLOADING", "DOWNLOADED", "VERIFIED", "UPDATING", "UPDATED"];
      await device.hasTold(states, "sw");
      await device.cutPower();
      await device.runs("green");
      await device.shows({ ...isUpdated, current_sw_version: version });
      expect(await device.call("rollback", { kind: "software" })).toEqual({ accepted: true });
      await device.fails("rolled-back", "sw");
      await device.shows({ current_sw_version: "0.1.0" });
      // A method of main.ts.
      expect(await device.call("getVitals")).toMatchObject({ resetReason: "software" });
      expect(device.count("ota.download")).toBe(1);
    },
    "of the application that throws, or that is for another framework, falls back to the firmware's own": async (
      scene,
    ) => {
      const device = await scene.device("blue");
      await scene.offer(device, await scene.images.application("green-throwing"), { type: "SOFTWARE" });
      await device.fails("application-failed", "sw");
      await device.runs("blue");
      await scene.offer(device, await scene.images.application("green-foreign"), { type: "SOFTWARE" });
      await device.fails("wrong-framework", "sw");
      await device.runs("blue");
      await device.shows({ sw_error: /9\.9/, current_sw_version: "0.1.0" });
      const version = await scene.offer(device, await scene.images.application("green"), { type: "SOFTWARE" });
      await device.runs("green");
      await device.shows({ sw_state: "UPDATED", current_sw_version: version });
      expect(device.count("ota.download")).toBe(3);
    },
    "of the application that does not reach the server falls back to the firmware's own": async (scene) => {
      const device = await scene.device("impatient");
      await scene.offer(device, await scene.images.application("green-silent"), { type: "SOFTWARE" });
      await device.fails("trial-timeout", "sw");
      await device.runs("impatient");
      await device.shows({ current_sw_version: "0.1.0" });
      expect(device.count("ota.download")).toBe(1);
    },
    "whose trial loses its power is tried again": async (scene) => {
      const device = await scene.device("blue");
      const version = await scene.offer(device, await scene.images.firmware("red"), { algorithm: "SHA512" });
      await device.step("ota.trial");
      await device.cutPower();
      await device.runs("red");
      await device.shows({ fw_state: "UPDATED", current_fw_version: version });
      expect(await device.states()).not.toContain("FAILED");
      expect(device.count("ota.download")).toBe(1);
    },
    "of the firmware is taken back without a download, and not fetched again": async (scene) => {
      const device = await scene.device("blue");
      const version = await scene.offer(device, await scene.images.firmware("red"), { algorithm: "MD5" });
      await device.runs("red");
      await device.shows({
        fw_state: "UPDATED",
        fw_error: "",
        current_fw_title: "xsthing",
        current_fw_version: version,
      });
      expect(await device.call("rollback")).toEqual({ accepted: true });
      await device.fails("rolled-back");
      await device.runs("blue");
      await device.shows({ current_fw_version: "0.1.0" });
      await device.cutPower();
      await device.runs("blue");
      await device.fails("rolled-back");
      expect(device.count("ota.download")).toBe(1);
    },
    "mends a device in safe mode": async (scene) => {
      const device = await scene.device("blue");
      const bad = await scene.offer(device, await scene.images.firmware("faltering"));
      await device.tells("safeMode", true);
      await device.shows({ fw_state: "UPDATED", current_fw_version: bad });
      expect(device.count("host.panic")).toBe(3);
      const good = await scene.offer(device, await scene.images.firmware("red"));
      await device.runs("red");
      await device.tells("safeMode", false);
      await device.shows({ fw_state: "UPDATED", current_fw_version: good });
    },
    "has to be signed where the firmware has a key": async (scene) => {
      const folder = mkdtempSync(join(tmpdir(), "xsthing-signed-"));
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const config = { ota: { publicKey: publicKey.export({ format: "pem", type: "spki" }) } };
      const program = join(folder, "signed.ts");
      const call = `runFirmware("signed", ${JSON.stringify(config)})`;
      writeFileSync(program, `import { runFirmware } from "${firmware}";\nexport default () => ${call};\n`);
      const device = await scene.device(program);
      rmSync(folder, { recursive: true });
      const image = await scene.images.firmware("red");
      const version = await scene.offer(device, image);
      await device.fails("signature-missing");
      expect(device.count("ota.download")).toBe(0);
      const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
      await scene.setShared(device, { fw_signature: sign("sha256", image, other.privateKey).toString("base64") });
      await device.fails("signature-wrong");
      await device.runs("signed");
      await scene.setShared(device, { fw_signature: sign("sha256", image, privateKey).toString("base64") });
      await device.runs("red");
      await device.shows({ fw_state: "UPDATED", fw_error: "", current_fw_version: version });
      const downloads = device.entries.filter(({ event }) => event === "ota.download").map(({ detail }) => detail);
      // What was right but for its signature need not come again.
      expect(downloads.at(-1)).toMatch(/, 0 of \d+ chunks are missing/);
    },
  });
});
