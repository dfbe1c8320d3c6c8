// SPDX-License-Identifier: Apache-2.0
// npm start, and a package that is uploaded to its server.

import { expect, test } from "@jest/globals";
import { startProgram } from "../../hosts/desktop/children.js";
import { parseEntry } from "../../hosts/node/log.js";
import { Images } from "../integration/ota/life-scene.js";
import { change, createPackage } from "../integration/server/ota-package.js";
import { RestClient } from "../integration/server/rest-client.js";
import { describeOnXs } from "./engine-required.js";
import { eachWithPrograms } from "./programs.js";
import { until } from "./until.js";

const patience = 90_000;

describeOnXs("npm start", () => {
  const programs = eachWithPrograms();

  async function step(event: string): Promise<string> {
    return (await until(() => programs.entries.find((entry) => entry.event === event))).detail;
  }

  test(
    "with an uploaded package ends with the device running it and the server showing UPDATED",
    async () => {
      const args = ["--mqtt-port=0", "--http-port=0", "--engine=xs", `--state=${programs.state}`, "--json"];
      const run = startProgram("hosts/desktop/start.ts", args, (line) => {
        const entry = parseEntry(line);
        if (entry) programs.entries.push(entry);
      });
      programs.children.push(run);
      const rest = await RestClient.login(Number(new URL(await step("run.page")).port));
      const device = await rest.demoDeviceId();
      await step("session.live");
      expect((await rest.latest(device, "program")).program).toBeNull();
      const image = await new Images("xs").firmware("red");
      const { id } = await createPackage(rest, image, { title: "xsthing", version: "2.0.0" });
      await change(rest, "device", device, { firmwareId: id });
      const latest = await until(async () => {
        const values = await rest.latest(device, "program,fw_state,fw_error,current_fw_title,current_fw_version");
        return values.program === "red" && values.fw_state === "UPDATED" ? values : undefined;
      });
      expect(latest).toMatchObject({ fw_error: "", current_fw_title: "xsthing", current_fw_version: "2.0.0" });
      expect(await step("host.image")).toMatch(/^ota_1, \d+ bytes, on trial$/);
      const states = await rest.history(device, "fw_state");
      expect(states).toEqual([
        ...["QUEUED", "INITIATED", "DOWNLOADING", "DOWNLOADED", "VERIFIED", "UPDATING", "UPDATED"],
      ]);
    },
    patience,
  );
});
