// SPDX-License-Identifier: Apache-2.0
// A download over a slow link leaves room for everything else.

import { expect } from "@jest/globals";
import { LifeLink } from "../integration/ota/life-link.js";
import { tellStories } from "../integration/ota/life-stories.js";
import { waitFor } from "../integration/ota/life-waiting.js";
import { describeOnXs } from "./engine-required.js";

/** A window of chunks takes a second. */
const bytesPerSecond = 32_768;
/** Time enough for three reports of progress. */
const imageLength = 760_000;

/** Between two reports of progress, less what a clock may be off. */
const progressPeriod = 9_500;

interface Sample {
  readonly ts: number;
  readonly value: number;
}

describeOnXs("a download over a slow link", () => {
  tellStories("xs", {
    "tells its progress, and leaves room for telemetry and calls": async (scene) => {
      const link = new LifeLink(() => scene.mqttPort, bytesPerSecond);
      try {
        const device = await scene.device("blue", await link.listen());
        const red = await scene.images.firmware("red");
        const image = new Uint8Array(imageLength);
        image.set(red);
        await scene.offer(device, image, { algorithm: "CRC32" });
        await device.step("ota.download");
        const begin = Date.now();
        let calls = 0;
        while (!device.entries.some(({ detail }) => detail === "fw_state DOWNLOADED")) {
          const since = Date.now();
          // The firmware of the tests knows no methods: that is an answer, too.
          expect(await device.call("nonsense")).toMatchObject({ error: { code: "unknown-method" } });
          expect(Date.now() - since).toBeLessThan(2_000);
          calls += 1;
          const path = `/plugins/telemetry/DEVICE/${device.id}/values/timeseries?keys=beats`;
          await waitFor("telemetry meanwhile", async () => {
            const [{ ts }] = (await scene.rest.call("GET", path)).beats;
            return ts > since;
          });
          expect(Date.now() - since).toBeLessThan(5_000);
        }
        const end = Date.now();
        expect(end - begin).toBeGreaterThan((1_000 * imageLength) / bytesPerSecond - 2_000);
        expect(calls).toBeGreaterThan(5);
        await device.runs("red");
        await device.shows({ fw_state: "UPDATED" });
        const range = `startTs=${begin - 60_000}&endTs=${end + 60_000}&limit=1000&orderBy=ASC&useStrictDataTypes=true`;
        const path = `/plugins/telemetry/DEVICE/${device.id}/values/timeseries?keys=fw_progress&${range}`;
        const progress: Sample[] = (await scene.rest.call("GET", path)).fw_progress;
        expect(progress.length).toBeGreaterThanOrEqual(3);
        const values = progress.map(({ value }) => value);
        expect(values).toEqual([...values].sort((a, b) => a - b));
        const pauses = progress.slice(1).map(({ ts }, index) => ts - (progress[index]?.ts ?? 0));
        expect(Math.min(...pauses)).toBeGreaterThan(progressPeriod);
      } finally {
        link.close();
      }
    },
  });
});
