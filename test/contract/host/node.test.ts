// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, test } from "@jest/globals";
import { formatHuman } from "../../../hosts/node/log.js";
import { createMachine, type Machine } from "../../../hosts/node/machine.js";
import { measureV8 } from "../../../hosts/node/system.js";
import type { HostCase, Peers } from "./case.js";
import { hostCases } from "./cases.js";
import { PeerServers } from "./peers.js";

const servers = new PeerServers();
const folder = mkdtempSync(join(tmpdir(), "xsthing-"));
const machines: Machine[] = [];
let peers: Peers;

beforeAll(async () => {
  peers = await servers.start();
});

afterEach(() => {
  for (const machine of machines.splice(0)) machine.stop();
});

afterAll(() => {
  servers.stop();
  rmSync(folder, { recursive: true });
});

describe("host on V8", () => {
  test.each(hostCases)("$name", (hostCase) => run(hostCase));
});

function run(hostCase: HostCase): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const machine = createMachine({
      folder: mkdtempSync(join(folder, "case-")),
      format: formatHuman,
      writeLine: (line) => {
        said = line;
      },
      onEnd: (code) => (code === 0 ? resolve() : reject(new Error(said))),
      engine: "V8",
      measureEngine: measureV8,
    });
    machines.push(machine);
    machine.guard.enter(() => hostCase.run(machine, () => machine.stop(), peers));
  });
}
