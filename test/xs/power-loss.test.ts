// SPDX-License-Identifier: Apache-2.0
// kill -9 of the whole npm start while its server is down: what was reported as stored arrives, each datum at its own time.

import type { ChildProcess } from "node:child_process";
import { expect, test } from "@jest/globals";
import { startProgram } from "../../hosts/desktop/children.js";
import { type LogEntry, parseEntry } from "../../hosts/node/log.js";
import { RestClient } from "../integration/server/rest-client.js";
import { describeOnXs } from "./engine-required.js";
import { eachWithPrograms } from "./programs.js";
import { until } from "./until.js";

const patience = 120_000;
const period = 100;

/** Every key of a sample, as main.ts takes it. */
const keys =
  "bootCount,loadAverage,processMemory,xsSlots,xsSlotsPeak,xsChunks,xsChunksPeak,xsKeys,uptime,queued,stored,dropped,refused," +
  "quarantined,disconnects,disconnectReasons";

interface Sample {
  readonly ts: number;
  readonly value: number;
}

/** Data that the device has reported as stored. */
function storedBy(entries: readonly LogEntry[]): number {
  return entries
    .filter(({ event }) => event === "telemetry.stored")
    .reduce((sum, { detail }) => sum + Number.parseInt(detail, 10), 0);
}

describeOnXs("power loss", () => {
  const programs = eachWithPrograms();

  function start(): ChildProcess {
    const args = ["--mqtt-port=0", "--http-port=0", "--engine=xs", `--state=${programs.state}`, "--json"];
    const child = startProgram("hosts/desktop/start.ts", args, (line) => {
      const entry = parseEntry(line);
      if (entry) programs.entries.push(entry);
    });
    programs.children.push(child);
    return child;
  }

  function step(event: string): Promise<LogEntry> {
    return until(() => programs.entries.find((entry) => entry.event === event));
  }

  async function history(rest: RestClient, from: number, to: number): Promise<Readonly<Record<string, Sample[]>>> {
    const id = await rest.demoDeviceId();
    const query = `keys=${keys}&startTs=${from}&endTs=${to}&limit=100000&orderBy=ASC&useStrictDataTypes=true`;
    return rest.call("GET", `/plugins/telemetry/DEVICE/${id}/values/timeseries?${query}`);
  }

  async function serverOf(): Promise<{ readonly rest: RestClient; readonly pid: number }> {
    const port = Number(new URL((await step("run.page")).detail).port);
    const pid = Number(/pid (\d+)/.exec((await step("run.server")).detail)?.[1]);
    return { rest: await RestClient.login(port), pid };
  }

  test(
    "npm start, killed at a random moment while the server is down, delivers every datum that it had stored",
    async () => {
      const first = start();
      const before = await serverOf();
      await step("session.live");
      const device = await before.rest.demoDeviceId();
      await before.rest.call("POST", `/plugins/telemetry/DEVICE/${device}/attributes/SHARED_SCOPE`, { period });
      await until(async () => ((await history(before.rest, 0, Date.now())).uptime?.[10] ? true : undefined));
      process.kill(before.pid, "SIGKILL");
      const outage = Date.now();
      await until(() => (storedBy(programs.entries) > 0 ? true : undefined));
      await new Promise((resolve) => setTimeout(resolve, 4_000 * Math.random()));
      first.kill("SIGKILL");
      await new Promise((resolve) => first.once("close", resolve));
      const death = Date.now();
      const stored = storedBy(programs.entries);

      programs.entries.length = 0;
      start();
      const after = await serverOf();
      const arrived = await until(async () => {
        const found = await history(after.rest, outage - 1_000, death);
        return Object.values(found).flat().length >= stored ? found : undefined;
      });
      const times = (arrived.uptime ?? []).map(({ ts }) => ts);
      const pauses = times.slice(1).map((ts, index) => ts - (times[index] ?? 0));
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(period / 2);
      expect(Math.max(...pauses)).toBeLessThan(10 * period);
      // An uptime is in seconds, and its time says when that was.
      const boots = (arrived.uptime ?? []).map(({ ts, value }) => ts - 1_000 * value);
      expect(Math.max(...boots) - Math.min(...boots)).toBeLessThan(1_200);
      expect((await step("telemetry.journal")).detail).toMatch(/^[1-9]\d* data from before/);
    },
    patience,
  );
});
