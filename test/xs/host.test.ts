// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type Bundle, bundleForXs } from "../../hosts/desktop/bundle.js";
import type { Engine } from "../../hosts/desktop/engine.js";
import { runOnXs } from "../../hosts/desktop/run-on-xs.js";
import { XsVitals } from "../../hosts/desktop/vitals.js";
import { formatHuman } from "../../hosts/node/log.js";
import { createMachine } from "../../hosts/node/machine.js";
import type { HostCase, Peers } from "../contract/host/case.js";
import { hostCases } from "../contract/host/cases.js";
import { PeerServers } from "../contract/host/peers.js";
import { describeOnXs } from "./engine-required.js";
import { XsDevice } from "./xs-device.js";

describeOnXs("host on XS", () => {
  const servers = new PeerServers();
  const folder = mkdtempSync(join(tmpdir(), "xsthing-"));
  let peers: Peers;
  let bundle: Bundle;
  const engines: Engine[] = [];

  afterEach(() => {
    for (const engine of engines.splice(0)) engine.stop();
  });

  beforeAll(async () => {
    peers = await servers.start();
    bundle = await bundleForXs("test/xs/host-entry.ts");
  });

  afterAll(() => {
    servers.stop();
    rmSync(folder, { recursive: true });
  });

  test.each(hostCases)("$name", (hostCase) => run(hostCase));

  test("an exception that escapes is a panic, with what was logged before it and its place in the sources", async () => {
    const device = new XsDevice();
    await device.bootBundle(await bundleForXs("test/xs/panic-entry.ts"), {});
    expect(await device.ended).toBe(70);
    expect(device.entries.map(({ event }) => event)).toEqual(["host.engine", "stored", "host.panic"]);
    expect(device.entries.at(-1)?.detail).toMatch(/^TypeError: a defect at stumble \(test\/xs\/panic-entry\.ts:\d+\)/);
    device.stop();
  });

  test("flash that cannot be written is storage-failed inside the machine", async () => {
    const device = new XsDevice();
    rmSync(join(device.folder, "nvs"), { recursive: true });
    await device.bootBundle(await bundleForXs("test/xs/panic-entry.ts"), {});
    expect(await device.step("not.stored")).toMatchObject({ level: "error", reason: "storage-failed" });
    device.stop();
  });

  async function run(hostCase: HostCase): Promise<void> {
    const vitals = new XsVitals();
    const outcome = new Promise<void>((resolve, reject) => {
      let said = "";
      const machine = createMachine({
        folder: mkdtempSync(join(folder, "case-")),
        format: formatHuman,
        writeLine: (line) => {
          said = line;
          if (line.includes("case.done")) machine.stop();
        },
        onEnd: (code) => (code === 0 ? resolve() : reject(new Error(said))),
        engine: "XS",
        measureEngine: vitals.measure,
      });
      void runOnXs(machine, vitals, bundle, { name: hostCase.name, peers }).then((started) => {
        engines.push(started);
      });
    });
    await outcome;
  }
});
