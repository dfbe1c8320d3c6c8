// SPDX-License-Identifier: Apache-2.0
// The commands of the README, as processes: what they print, and how they end.

import type { ChildProcess } from "node:child_process";
import { type AddressInfo, createServer, type Server } from "node:net";
import { expect, test } from "@jest/globals";
import { startProgram } from "../../hosts/desktop/children.js";
import { type LogEntry, parseEntry } from "../../hosts/node/log.js";
import { describeOnXs } from "./engine-required.js";
import { eachWithPrograms } from "./programs.js";
import { isAlive, until } from "./until.js";

const patience = 90_000;
const anyPorts = ["--mqtt-port=0", "--http-port=0"];

describeOnXs("npm start and npm run device", () => {
  const programs = eachWithPrograms();

  /** Resolves with the exit code. */
  function run(
    program: string,
    ...args: readonly string[]
  ): { readonly child: ChildProcess; readonly ended: Promise<number | null> } {
    const child = startProgram(program, [...args, `--state=${programs.state}`, "--json"], (line) => {
      const entry = parseEntry(line);
      if (entry) programs.entries.push(entry);
    });
    programs.children.push(child);
    return { child, ended: new Promise((resolve) => child.once("close", resolve)) };
  }

  function step(event: string, isIt: (entry: LogEntry) => boolean = () => true): Promise<LogEntry> {
    return until(() => programs.entries.find((entry) => entry.event === event && isIt(entry)));
  }

  function count(event: string): number {
    return programs.entries.filter((entry) => entry.event === event).length;
  }

  /** Numbers in a detail, as process ids are written. */
  function numbers({ detail }: LogEntry): number[] {
    return (detail.match(/\d+/g) ?? []).map(Number);
  }

  test(
    "npm start -- --for runs the firmware on XS and ends with 0 when its telemetry arrived",
    async () => {
      expect(await run("hosts/desktop/start.ts", ...anyPorts, "--for=10").ended).toBe(0);
      expect(programs.entries.map(({ event }) => event)).toEqual(
        expect.arrayContaining([
          "server.listening",
          "run.page",
          "host.engine",
          "session.live",
          "telemetry",
          "run.arrived",
        ]),
      );
    },
    patience,
  );

  test(
    "npm start -- --for on V8 does the same, and goes around a default port that is taken",
    async () => {
      const blocker = await occupy(1_883).catch(() => undefined);
      expect(await run("hosts/desktop/start.ts", "--http-port=0", "--for=5", "--engine=node").ended).toBe(0);
      blocker?.close();
      expect((await step("run.port")).detail).toContain("1883");
      expect(count("host.engine")).toBe(0);
      expect((await step("device.start")).detail).toContain("V8");
    },
    patience,
  );

  test(
    "npm start -- --example gateway is a gateway to the server, whose sensors report",
    async () => {
      const { child, ended } = run("hosts/desktop/start.ts", ...anyPorts, "--example=gateway");
      await step("subdevice.created", ({ detail }) => detail.includes("type bus-sensor"));
      await step("telemetry", ({ detail }) => detail.includes("Bus sensor"));
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
    },
    patience,
  );

  test(
    "a server that is killed is reported with the command that brings it and the device back",
    async () => {
      const { ended } = run("hosts/desktop/start.ts", ...anyPorts, "--for=20");
      await step("session.live");
      process.kill(numbers(await step("run.server")).at(-1) ?? 0, "SIGKILL");
      const [, command = ""] = (await step("run.server-ended")).detail.split("npm run server -- ");
      await step("session.disconnected");
      programs.children.push(startProgram("server/main.ts", command.split(" "), () => undefined));
      await until(() => (count("session.live") > 1 ? true : undefined));
      expect(await ended).toBe(0);
    },
    patience,
  );

  test(
    "without a server at the end it ends with 1 and says what is missing",
    async () => {
      const { ended } = run("hosts/desktop/start.ts", ...anyPorts, "--for=4");
      process.kill(numbers(await step("run.server")).at(-1) ?? 0, "SIGKILL");
      expect(await ended).toBe(1);
      expect((await step("run.failed", ({ detail }) => detail.includes("server"))).level).toBe("error");
    },
    patience,
  );

  test(
    "kill -9 of the firmware's process ends its engine, and the device boots again",
    async () => {
      run("hosts/desktop/start.ts", ...anyPorts);
      await step("session.live");
      const [engine = 0, board = 0] = numbers({ ...(await step("host.engine")) }).slice(-2);
      process.kill(board, "SIGKILL");
      await until(() => (isAlive(engine) ? undefined : true));
      await until(() => (count("session.live") > 1 ? true : undefined));
      expect(programs.entries.filter(({ event }) => event === "device.start").at(-1)?.detail).toContain("power-on");
    },
    patience,
  );

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s stops server, device and engine",
    async (signal) => {
      const { child, ended } = run("hosts/desktop/start.ts", ...anyPorts);
      await step("session.live");
      const pids = [...numbers(await step("host.engine")).slice(-2), ...numbers(await step("run.server")).slice(-1)];
      expect(pids.map(isAlive)).toEqual([true, true, true]);
      child.kill(signal);
      expect(await ended).toBe(0);
      await until(() => (pids.some(isAlive) ? undefined : true));
    },
    patience,
  );

  test(
    "kill -9 of npm start leaves nothing behind",
    async () => {
      const { child } = run("hosts/desktop/start.ts", ...anyPorts);
      await step("session.live");
      const pids = [...numbers(await step("host.engine")).slice(-2), ...numbers(await step("run.server")).slice(-1)];
      child.kill("SIGKILL");
      await until(() => (pids.some(isAlive) ? undefined : true));
    },
    patience,
  );

  test(
    "a port that was asked for and is taken is an error that names it",
    async () => {
      const blocker = await occupy(0);
      const { port } = blocker.address() as AddressInfo;
      expect(await run("hosts/desktop/start.ts", `--mqtt-port=${port}`, "--http-port=0").ended).toBe(2);
      blocker.close();
    },
    patience,
  );

  test.each(["xs", "node"])(
    "npm run device with an empty token ends with 2 on %s, having named the field",
    async (engine) => {
      const args = ["--server=mqtt://127.0.0.1:1", "--token=", `--engine=${engine}`];
      expect(await run("hosts/desktop/device.ts", ...args).ended).toBe(2);
      const refusal = programs.entries.find(({ event }) => event === "device.misconfigured");
      expect(refusal).toMatchObject({
        reason: "config-invalid",
        detail: expect.stringContaining("config.credentials.token"),
      });
    },
    patience,
  );

  test(
    "npm run device -- --for ends with 1 where no server is, having named the reason",
    async () => {
      const blocker = await occupy(0);
      const { port } = blocker.address() as AddressInfo;
      await new Promise((resolve) => blocker.close(resolve));
      expect(
        await run("hosts/desktop/device.ts", `--server=mqtt://127.0.0.1:${port}`, "--token=t", "--for=10").ended,
      ).toBe(1);
      expect(programs.entries.find(({ event }) => event === "session.disconnected")?.reason).toBe("connect-refused");
      expect((await step("run.failed")).detail).toContain("live");
    },
    patience,
  );
});

function occupy(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
