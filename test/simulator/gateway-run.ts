// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { join } from "node:path";
import { demoGateway } from "../../server/server.js";
import type { Checks } from "./checks.js";
import { LocalServer } from "./local-server.js";
import { Rest } from "./rest.js";
import { root } from "./sdk.js";
import { type Bench, Simulator } from "./simulator.js";
import { waitFor } from "./waiting.js";

/** Addresses of the sensors that are there from the start. */
const present = [1, 3, 5, 7, 9];

/** Builds the example of a gateway for the simulator, and looks for the devices behind it at the local server. */
export async function checkGateway(checks: Checks, bench: Bench): Promise<void> {
  const folder = join(bench.folder, "gateway");
  const server = new LocalServer(bench.processes, join(folder, "server"));
  const simulator = new Simulator({ ...bench, folder });
  try {
    const isLive = await checks.run("example gateway: built for the simulator, its session becomes live", async () => {
      await server.start();
      const settings = [`port=${server.ports.mqttPort}`, `token=${demoGateway.token}`];
      const source = join(root, "examples/gateway");
      await simulator.build(source, "xsthing", [...settings, `storage=${join(folder, "flash")}`]);
      await simulator.start();
      await simulator.line("session.live", 30);
    });
    if (isLive) {
      const { httpPort } = server.ports;
      await checks.run("example gateway: sub-devices are there, with their attributes and data", () =>
        checkChildren(httpPort),
      );
      await checks.run("example gateway: a call to a sub-device is answered", () => checkCall(httpPort));
      await checks.run("example gateway: a quarter of the stack was always free", () => simulator.checkStack());
    }
  } finally {
    await simulator.stop();
    await server.kill();
  }
}

async function checkChildren(httpPort: number): Promise<void> {
  const rest = new Rest(httpPort);
  for (const address of present) {
    const name = nameOf(address);
    await waitFor({ what: name, seconds: 15 }, () => rest.login(name).then(isDone, isMissing));
    await waitFor({ what: `attribute of ${name}`, seconds: 10 }, async () =>
      (await rest.clientAttribute("address")) === address ? true : undefined,
    );
    await waitFor({ what: `temperature of ${name}`, seconds: 10 }, async () => {
      return (await rest.history("temperature", 0, Date.now()))[0];
    });
  }
}

/** Whichever sensor is there at the time. */
async function checkCall(httpPort: number): Promise<void> {
  const rest = new Rest(httpPort);
  let asked = 0;
  const answer = await waitFor({ what: "getAddress", seconds: 30 }, async () => {
    asked = present[(present.indexOf(asked) + 1) % present.length] as number;
    await rest.login(nameOf(asked));
    return rest.call("getAddress").catch(isMissing);
  });
  assert.deepEqual(answer, { address: asked });
}

function nameOf(address: number): string {
  return `Bus sensor ${address}`;
}

function isDone(): true {
  return true;
}

function isMissing(): undefined {
  return undefined;
}
