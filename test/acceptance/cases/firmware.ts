// SPDX-License-Identifier: Apache-2.0

import { createPackage } from "../../integration/server/ota-package.js";
import { profileBody } from "../../integration/server/profile.js";
import type { Case } from "../case.js";
import { expectSame } from "../world.js";

/** What main.ts takes packages for. */
const title = "xsthing";
const versions = ["0.1.0.2", "0.1.0.3", "0.1.0.4"];

export const firmwareCases: readonly Case[] = [
  {
    id: "h50",
    title: "firmware update: three versions in a row, each assigned to the device's profile, with a CRC-32",
    run: async (world) => {
      const profile = await world.profile(profileBody({ name: world.name("profile"), provisionType: "DISABLED" }));
      const id = await world.enter({ name: world.name("updated"), deviceProfileId: profile.id });
      const { credentialsId } = await world.rest.call("GET", `/device/${id}/credentials`);
      const board = await world.board({ args: [`--token=${credentialsId}`] });
      expectSame(await world.latest(id, "current_fw_title"), title, "the title before");
      expectSame(await world.latest(id, "current_fw_version"), "0.1.0", "the version before");
      const image = await world.firmware();
      for (const version of versions) {
        const since = board.log.length;
        const options = { title, version, profileId: profile.id, algorithm: "CRC32" };
        const { id: firmwareId } = await createPackage(world.rest, image, options);
        await world.assign(profile.id.id, firmwareId);
        // A client attribute that the new image publishes.
        await world.clientAttribute(id, "firmware", version);
        await world.until("updated", async () => (await world.latest(id, "fw_state")) === "UPDATED");
        expectSame(await world.latest(id, "current_fw_version"), version, "the version that runs");
        const steps = board.log.slice(since).filter(({ event }) => event === "ota.state");
        expectSame(
          steps.map(({ detail }) => detail),
          ["DOWNLOADING", "DOWNLOADED", "VERIFIED", "UPDATING", "UPDATED"].map((state) => `fw_state ${state}`),
          "the states of the device",
        );
      }
      const states = new Set(await world.rest.history(id, "fw_state"));
      for (const state of ["DOWNLOADING", "DOWNLOADED", "VERIFIED", "UPDATING", "UPDATED"])
        if (!states.has(state)) throw new Error(`the server never had ${state}`);
    },
  },
];
