// SPDX-License-Identifier: Apache-2.0
// main.ts on XS against the local server, over loopback.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type ServerAddress, ServerProcess } from "../../hosts/desktop/local-server.js";
import { RestClient } from "../integration/server/rest-client.js";
import { describeOnXs } from "./engine-required.js";
import { until } from "./until.js";
import { XsDevice } from "./xs-device.js";

const patience = 60_000;

describeOnXs("firmware on XS", () => {
  let state: string;
  let server: ServerProcess;
  let address: ServerAddress;
  let rest: RestClient;
  let deviceId: string;
  let device: XsDevice;

  beforeEach(async () => {
    state = mkdtempSync(join(tmpdir(), "xsthing-server-"));
    await startServer(0, 0);
    deviceId = await rest.demoDeviceId();
    device = new XsDevice();
    await device.boot(address.mqttPort);
    await device.step("session.live");
  }, patience);

  afterEach(async () => {
    device.stop();
    await server.stop();
    rmSync(state, { recursive: true });
  });

  async function startServer(mqttPort: number, httpPort: number): Promise<void> {
    server = new ServerProcess({ mqttPort, httpPort, state, onLine: () => undefined, onEnd: () => undefined });
    address = await server.listening;
    rest = await RestClient.login(address.httpPort);
  }

  async function setShared(values: object): Promise<void> {
    await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/attributes/SHARED_SCOPE`, values);
  }

  async function call(method: string, params: unknown = {}): Promise<Record<string, unknown>> {
    return rest.call("POST", `/rpc/twoway/${deviceId}`, { method, params, timeout: 5_000 });
  }

  async function history(key: string): Promise<{ readonly ts: number; readonly value: number }[]> {
    const query = `keys=${key}&startTs=0&endTs=${Date.now() + 60_000}&limit=10000&orderBy=ASC&useStrictDataTypes=true`;
    return (await rest.call("GET", `/plugins/telemetry/DEVICE/${deviceId}/values/timeseries?${query}`))[key] ?? [];
  }

  test(
    "reports the vital signs of the XS machine, and says on which engine it runs",
    async () => {
      const latest = await until(async () => {
        const values = await rest.latest(deviceId, "uptime,loadAverage,xsSlots,xsChunks,xsKeys");
        return values.xsSlots === null ? undefined : values;
      });
      expect(latest.xsSlots).toBeGreaterThan(1_000);
      expect(latest.xsChunks).toBeGreaterThan(10_000);
      expect(latest.xsKeys).toBeGreaterThan(100);
      const attributes = await until(async () => {
        const values = await rest.attributes(deviceId, "CLIENT_SCOPE");
        return values.model === undefined ? undefined : values;
      });
      expect(attributes).toMatchObject({ model: `${process.platform} XS`, identity: device.machine.system.identity });
    },
    patience,
  );

  test(
    "gives all values of a sample one time, and each key once",
    async () => {
      const [first] = await until(async () => {
        const uptimes = await history("uptime");
        return uptimes.length === 0 ? undefined : uptimes;
      });
      for (const key of ["loadAverage", "xsSlots", "queued", "disconnects"])
        expect((await history(key)).filter(({ ts }) => ts === first?.ts)).toHaveLength(1);
      expect((await history("uptime")).filter(({ ts }) => Math.abs(ts - (first?.ts ?? 0)) < 500)).toHaveLength(1);
    },
    patience,
  );

  test(
    "samples at the period that a shared attribute sets, at once",
    async () => {
      await setShared({ period: 200 });
      await until(async () =>
        (await rest.attributes(deviceId, "CLIENT_SCOPE")).periodInUse === 200 ? true : undefined,
      );
      const start = Date.now();
      const samples = await until(async () => {
        const recent = (await history("uptime")).filter(({ ts }) => ts >= start);
        return recent.length >= 5 ? recent : undefined;
      });
      const pauses = samples.slice(1).map(({ ts }, index) => ts - (samples[index]?.ts ?? 0));
      expect(Math.min(...pauses)).toBeGreaterThan(100);
      expect(pauses.sort((a, b) => a - b)[Math.floor(pauses.length / 2)]).toBeLessThan(1_000);
    },
    patience,
  );

  test(
    "answers procedure calls, and says which method it does not know",
    async () => {
      expect(await call("identify")).toMatchObject({ identity: device.machine.system.identity });
      const vitals = await call("getVitals");
      expect(vitals).toMatchObject({ xsSlots: expect.any(Number), uptime: expect.any(Number) });
      expect(JSON.stringify(await call("nonsense"))).toContain("unknown-method");
    },
    patience,
  );

  test(
    "restarts when it is told to, and knows it",
    async () => {
      await call("reboot");
      expect(await device.ended).toBe(75);
      const again = new XsDevice(device.folder);
      await again.boot(address.mqttPort);
      await again.step("session.live");
      expect(again.machine.system).toMatchObject({
        resetReason: "software",
        identity: device.machine.system.identity,
      });
      again.stop();
    },
    patience,
  );

  test(
    "comes back by itself after the server was killed, with what happened meanwhile, at its own time",
    async () => {
      await setShared({ period: 200 });
      await until(async () => ((await history("uptime")).length > 3 ? true : undefined));
      process.kill(address.pid, "SIGKILL");
      const killedAt = Date.now();
      const seen = device.entries.length;
      await device.step("session.disconnected", seen);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      const backAt = Date.now();
      await startServer(address.mqttPort, address.httpPort);
      await device.step("session.live", seen);
      const gap = await until(async () => {
        const samples = (await history("uptime")).filter(({ ts }) => ts > killedAt && ts < backAt);
        // The older ones come from the journal, behind the new ones.
        return samples.length >= (backAt - killedAt) / 200 - 2 ? samples : undefined;
      });
      expect(gap.length).toBeGreaterThanOrEqual(6);
      expect(await call("identify")).toMatchObject({ firmware: expect.any(String) });
      await setShared({ period: 300 });
      await until(async () =>
        (await rest.attributes(deviceId, "CLIENT_SCOPE")).periodInUse === 300 ? true : undefined,
      );
    },
    patience,
  );

  test(
    "survives what no server should send",
    async () => {
      await setShared({ period: "never", nested: { deep: [[[[[[1]]]]]] }, long: "x".repeat(20_000) });
      await setShared({ period: -1 });
      await setShared({ period: 250 });
      await until(async () =>
        (await rest.attributes(deviceId, "CLIENT_SCOPE")).periodInUse === 250 ? true : undefined,
      );
      expect(device.entries.filter(({ event }) => event === "host.panic")).toEqual([]);
    },
    patience,
  );

  test(
    "an engine that is killed is a panic with its reason, and the next boot knows",
    async () => {
      process.kill(device.engine.pid ?? 0, "SIGKILL");
      expect(await device.ended).toBe(70);
      expect((await device.step("host.panic")).detail).toContain("signal SIGKILL");
      const again = new XsDevice(device.folder);
      expect(again.machine.system.resetReason).toBe("panic");
      again.stop();
    },
    patience,
  );
});
