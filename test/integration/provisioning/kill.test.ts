// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { LogEntry } from "../../fakes/log.js";
import { flashFolder } from "../board.js";
import { builtProgram } from "../built-program.js";
import { startFixture } from "../server/fixture.js";
import { profileBody } from "../server/profile.js";

const program = await builtProgram("test/integration/provisioning/device-process.ts", "hosts/node/partitions.ts");

/** From the network to the stored candidate, a new device takes some 20 ms; to being live, up to 300. */
const longestLife = 300;

const rounds = 10;

const running = new Set<ChildProcess>();

afterEach(async () => {
  await Promise.all([...running].map(kill));
});

function start(folder: string, config: object): ChildProcess {
  const child = spawn(process.execPath, [program, folder, JSON.stringify(config)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Reads the log up to an event. @returns the events */
async function until(child: ChildProcess, last: string): Promise<string[]> {
  const events: string[] = [];
  if (child.stdout === null) return events;
  for await (const line of createInterface({ input: child.stdout })) {
    events.push((JSON.parse(line) as LogEntry).event);
    if (events.at(-1) === last) break;
  }
  return events;
}

/** Within the n-th part of the way, which has more of them at its beginning; at another moment in every run. */
function moment(round: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ((round + Math.random()) / rounds) ** 3 * longestLife));
}

describe("a device that is killed while it is provisioned", () => {
  test("is live the next time, whenever that was", async () => {
    const { server, rest, events } = await startFixture();
    await rest.call("POST", "/deviceProfile", profileBody());
    for (let round = 0; round < rounds; round += 1) {
      const folder = flashFolder();
      const config = {
        server: { host: "127.0.0.1", port: server.mqttPort },
        provisioning: { key: "key", secret: "secret", deviceName: `New ${round}` },
        wifi: [{ SSID: "simulated" }],
      };
      const first = start(folder, config);
      await until(first, "wifi.connected");
      await moment(round);
      await kill(first);
      const second = start(folder, config);
      expect(await until(second, "session.live")).toContain("session.live");
      await kill(second);
    }
    const answers = events.filter(({ event }) => event === "provision.answered");
    expect(answers.length).toBeGreaterThanOrEqual(rounds);
    const { totalElements } = await rest.call("GET", "/tenant/devices?pageSize=99&page=0");
    expect(totalElements).toBe(2 + rounds);
  }, 90_000);
});
