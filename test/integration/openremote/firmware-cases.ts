// SPDX-License-Identifier: Apache-2.0
// The default firmware against OpenRemote, as the README has it: one suite for both engines.

import { expect, test } from "@jest/globals";
import { eachWithPrograms } from "../../xs/programs.js";
import { until } from "../../xs/until.js";
import { FirmwareScene } from "./firmware-scene.js";

const patience = 90_000;

export function defineFirmwareCases(engine: "xs" | "node"): void {
  const programs = eachWithPrograms();
  const option = `--engine=${engine}`;

  test(
    "is live, samples as it is told, answers calls, and loses nothing that it has stored to kill -9 of either side",
    async () => {
      const scene = new FirmwareScene(programs);
      await scene.startManager();
      scene.startDevice("device", option);
      await scene.until(({ attribute }) => attribute === "uptime");
      expect((await scene.until(({ attribute }) => attribute === "lastReset")).value).toMatchObject({
        ...{ reason: "power-on", bootCount: 1 },
      });
      for (const name of ["model", "identity", "resetReason", "safeMode"])
        await scene.until(({ attribute }) => attribute === name);

      scene.write("period", 200);
      await scene.until(({ attribute, value }) => attribute === "periodInUse" && value === 200);
      const from = Date.now();
      await until(() => (scene.times("uptime").filter((time) => time > from).length >= 3 ? true : undefined));
      expect(await scene.call(1, "getVitals")).toMatchObject({ result: { uptime: expect.any(Number) } });
      expect(await scene.call(2, "identify")).toMatchObject({ result: { identity: expect.any(String) } });
      expect(await scene.call(3, "nonsense")).toMatchObject({ error: { code: "unknown-method" } });

      let { seen } = scene;
      const { length: before } = scene.stored;
      scene.killManager();
      await scene.step("session.disconnected", seen);
      const journaled = Number((await scene.step("telemetry.stored", seen)).detail.split(" ")[0]);
      const killed = Date.now();
      seen = scene.seen;
      scene.killFirmware();
      expect((await scene.step("device.start", seen)).detail).toContain("power-on");
      await scene.startManager();
      await scene.step("session.live", seen);
      // Each of them with a time at which the boot before has recorded it.
      await until(() => {
        const kept = scene.stored.slice(before).filter(({ timestamp }) => timestamp < killed);
        const distinct = new Set(kept.map(({ attribute, timestamp }) => `${attribute} ${timestamp}`));
        return distinct.size >= journaled ? true : undefined;
      });
      expect(journaled).toBeGreaterThan(0);

      seen = scene.seen;
      expect(await scene.call(4, "reboot")).toMatchObject({ result: { accepted: true } });
      expect((await scene.step("device.start", seen)).detail).toContain("software");
      await scene.until(
        ({ attribute, value }) => attribute === "lastReset" && (value as { reason: string }).reason === "software",
      );
      expect(programs.entries.filter(({ event }) => event === "host.panic")).toEqual([]);
      // The manager ends a session for what it has no place for.
      expect(programs.entries.filter(({ reason }) => reason === "poisoned-datum")).toEqual([]);
    },
    patience,
  );

  test(
    "becomes known by its certificate, over TLS, and knows at once what was set for it",
    async () => {
      const scene = new FirmwareScene(programs);
      await scene.startManager();
      scene.startDevice("provisioned", option);
      await scene.step("provisioning.succeeded");
      await scene.until(({ asset, attribute }) => asset === "thing-2" && attribute === "uptime");
      scene.write("thing-2/period", 300);
      await scene.until(({ attribute, value }) => attribute === "periodInUse" && value === 300);
    },
    patience,
  );
}
