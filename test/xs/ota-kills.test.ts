// SPDX-License-Identifier: Apache-2.0
// kill -9 of the server and of the device in the middle of an update, again and again.

import type { ChildProcess } from "node:child_process";
import { expect, test } from "@jest/globals";
import { startProgram } from "../../hosts/desktop/children.js";
import { type ServerAddress, ServerProcess } from "../../hosts/desktop/local-server.js";
import { type LogEntry, parseEntry } from "../../hosts/node/log.js";
import { demoDevice } from "../../server/server.js";
import { LifeLink } from "../integration/ota/life-link.js";
import { Images } from "../integration/ota/life-scene.js";
import { change, createPackage } from "../integration/server/ota-package.js";
import { RestClient } from "../integration/server/rest-client.js";
import { describeOnXs } from "./engine-required.js";
import { eachWithPrograms } from "./programs.js";
import { isAlive, until } from "./until.js";

const patience = 180_000;
const chunkLength = 4_096;
/** Chunks on their way at a kill, all of which may be lost. */
const window = 8;
/** Ten chunks a second or so: time to kill. */
const bytesPerSecond = 60_000;

describeOnXs("an update", () => {
  const programs = eachWithPrograms();
  let server: ServerProcess;
  let address: ServerAddress = { mqttPort: 0, httpPort: 0, page: "", pid: 0 };

  async function startServer(): Promise<RestClient> {
    const { mqttPort, httpPort } = address;
    const state = `${programs.state}/server`;
    server = new ServerProcess({ mqttPort, httpPort, state, onLine: () => undefined, onEnd: () => undefined });
    address = await server.listening;
    return RestClient.login(address.httpPort);
  }

  async function killServer(): Promise<RestClient> {
    await kill(address.pid);
    return startServer();
  }

  function startDevice(port: number): ChildProcess {
    const args = [`--server=mqtt://127.0.0.1:${port}`, `--token=${demoDevice.token}`, "--engine=xs", "--json"];
    const child = startProgram("hosts/desktop/device.ts", [...args, `--state=${programs.state}/device`], (line) => {
      const entry = parseEntry(line);
      if (entry) programs.entries.push(entry);
    });
    programs.children.push(child);
    return child;
  }

  function steps(event: string): LogEntry[] {
    return programs.entries.filter((entry) => entry.event === event);
  }

  /** Engine and board, as they run now. */
  function processes(): number[] {
    return (steps("host.engine").at(-1)?.detail.match(/\d+/g) ?? []).map(Number);
  }

  async function kill(pid: number): Promise<void> {
    process.kill(pid, "SIGKILL");
    await until(() => (isAlive(pid) ? undefined : true));
  }

  test(
    "whose server is killed three times and whose device is killed twice ends as if nothing had happened",
    async () => {
      const before = await startServer();
      const link = new LifeLink(() => address.mqttPort, bytesPerSecond);
      try {
        const device = startDevice(await link.listen());
        await until(() => steps("session.live")[0]);
        const image = await new Images("xs").firmware("red");
        const chunks = Math.ceil(image.length / chunkLength);
        const { id, version } = await createPackage(before, image, { title: "xsthing", version: "2.0.0" });
        const deviceId = await before.demoDeviceId();
        await change(before, "device", deviceId, { firmwareId: id });
        const fetched = (share: number) => until(() => (link.requests >= share * chunks ? true : undefined));

        await fetched(0.2);
        await killServer();
        await fetched(0.4);
        const [, board = 0] = processes();
        await kill(board);
        await fetched(0.6);
        await killServer();
        await fetched(0.8);
        const orphans = processes();
        device.kill("SIGKILL");
        await until(() => (orphans.some(isAlive) ? undefined : true));
        startDevice(link.port);
        await until(() => steps("ota.selected")[0]);
        // The third time, the new image comes up without a server.
        await kill(address.pid);
        const trial = await until(() => steps("ota.trial")[0]);
        await until(() => steps("session.disconnected").find(({ time }) => time > trial.time));
        const rest = await startServer();
        const latest = await until(async () => {
          const values = await rest.latest(deviceId, "fw_state,fw_error,program,current_fw_title,current_fw_version");
          return values.fw_state === "UPDATED" && values.program === "red" ? values : undefined;
        });
        expect(latest).toMatchObject({ fw_error: "", current_fw_title: "xsthing", current_fw_version: version });
        expect(await rest.history(deviceId, "fw_state")).not.toContain("FAILED");
        expect(steps("ota.checksum")).toEqual([]);
        expect(link.requests).toBeGreaterThanOrEqual(chunks);
        expect(link.requests).toBeLessThanOrEqual(chunks + 4 * window);
      } finally {
        link.close();
        await server.stop();
      }
    },
    patience,
  );
});
