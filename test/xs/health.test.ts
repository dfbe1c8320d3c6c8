// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { bundleForXs } from "../../hosts/desktop/bundle.js";
import { demoDevice } from "../../server/server.js";
import { startFixture } from "../integration/server/fixture.js";
import { describeOnXs } from "./engine-required.js";
import { until } from "./until.js";
import { XsDevice } from "./xs-device.js";

const patience = 60_000;

describeOnXs("health on XS", () => {
  test(
    "a crash is told at the next connect, with its error and the last steps",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "xsthing-health-"));
      const { server, rest, deviceId } = await startFixture({ minRpcTimeout: 0 });
      const bundle = await bundleForXs("test/xs/health-entry.ts");
      const settings = {
        server: { host: "127.0.0.1", port: server.mqttPort },
        credentials: { token: demoDevice.token },
        wifi: [{ SSID: "simulated" }],
      };
      const first = new XsDevice(folder);
      await first.bootBundle(bundle, settings);
      await first.step("session.live");
      await rest.call("POST", `/rpc/oneway/${deviceId}`, { method: "crash", params: null });
      expect(await first.ended).toBe(70);
      const second = new XsDevice(folder);
      await second.bootBundle(bundle, settings);
      const lastReset = await until(async () => {
        const { lastReset: latest } = await rest.attributes(deviceId, "CLIENT_SCOPE");
        return (latest as { bootCount: number } | undefined)?.bootCount === 2 ? latest : undefined;
      });
      expect(lastReset).toMatchObject({
        reason: "panic",
        error: expect.stringMatching(/^TypeError: a defect at stumble \(test\/xs\/health-entry\.ts:\d+\)/),
        states: expect.arrayContaining([expect.stringMatching(/^\d+ session\.live/)]),
      });
      second.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    patience,
  );
});
