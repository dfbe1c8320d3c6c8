// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OpenRemote } from "../fakes/openremote/open-remote.js";
import type { Checks } from "./checks.js";
import { root } from "./sdk.js";
import { type Bench, Simulator } from "./simulator.js";
import { waitFor } from "./waiting.js";

const realm = "master";
const userName = "device";
const secret = "secret";

/** What the application publishes and is told, and a vital sign. */
const attributes = {
  ...{
    model: {},
    identity: {},
    resetReason: {},
    firmware: {},
    period: {},
    periodInUse: {},
    safeMode: {},
    command: {},
    result: {},
  },
  uptime: { type: "number", meta: { storeDataPoints: true } },
};

/** The firmware as a device of an OpenRemote manager: only its configuration is another. */
export async function checkOpenRemote(checks: Checks, bench: Bench): Promise<void> {
  const folder = join(bench.folder, "openremote");
  const simulator = new Simulator({ ...bench, folder });
  const manager = await OpenRemote.start();
  try {
    manager.addUser({ realm, username: userName, secret });
    const assetId = manager.addAsset({ realm, attributes });
    const isLive = await checks.run("OpenRemote: built for the simulator, its session becomes live", async () => {
      const source = await writeManifest(folder, manager.port, assetId);
      await simulator.build(source, "xsthing", [`storage=${join(folder, "flash")}`]);
      await simulator.start();
      await simulator.line("session.live", 30);
    });
    if (isLive) {
      await checks.run("OpenRemote: attributes, data and calls", () => checkAsset(manager, assetId));
      await checks.run("OpenRemote: a quarter of the stack was always free", () => simulator.checkStack());
    }
  } finally {
    await simulator.stop();
    await manager.close();
  }
}

/** Returns the folder of the manifest. */
async function writeManifest(folder: string, port: number, assetId: string): Promise<string> {
  const source = join(folder, "source");
  await mkdir(source, { recursive: true });
  const rpc = { command: "command", result: "result" };
  const config = {
    server: { platform: "openremote", host: "127.0.0.1", port },
    openremote: { realm, assetId, rpc, reports: ["uptime", "safeMode"], gatewayApi: true },
    credentials: { userName, password: secret },
  };
  await writeFile(join(source, "manifest.json"), JSON.stringify({ include: join(root, "manifest.json"), config }));
  return source;
}

async function checkAsset(manager: OpenRemote, assetId: string): Promise<void> {
  const value = (name: string): unknown => manager.valueOf(assetId, name);
  await waitFor({ what: "the identity", seconds: 10 }, () => value("identity") ?? undefined);
  manager.write(assetId, "period", 500);
  await waitFor({ what: "6 samples", seconds: 15 }, () =>
    manager.history(assetId, "uptime").length >= 6 ? true : undefined,
  );
  manager.write(assetId, "command", { id: 7, method: "getVitals", params: {} });
  const reply = await waitFor({ what: "the reply", seconds: 10 }, () => value("result") ?? undefined);
  const { id, result } = reply as { id: unknown; result: Record<string, unknown> };
  assert.equal(id, 7);
  assert.equal(typeof result.uptime, "number", JSON.stringify(reply));
  assert.deepEqual(manager.denied, []);
}
