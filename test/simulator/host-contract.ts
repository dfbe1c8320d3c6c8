// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hostCases } from "../contract/host/cases.js";
import { PeerServers } from "../contract/host/peers.js";
import type { Checks } from "./checks.js";
import { type Bench, Simulator } from "./simulator.js";

const application = fileURLToPath(new URL("app/", import.meta.url));

/** The firmware starts anew for every case. */
const secondsPerCase = 3;

/** What the SDK's sockets cannot do, and what they do instead: docs/porting.md. */
const deviations: ReadonlyMap<string, string> = new Map([
  ["a connection that the peer resets is connection-reset", 'reason: "connection-closed", not "connection-reset"'],
]);

/** Holds the simulator's host to the contract that all hosts have with the firmware. */
export async function checkHostContract(checks: Checks, bench: Bench): Promise<void> {
  const servers = new PeerServers();
  const simulator = new Simulator(bench);
  try {
    const peers = Object.entries(await servers.start()).map(([name, port]) => `${name}=${port}`);
    const hasRun = await checks.run("the host contract runs in the simulator to its end", async () => {
      await simulator.build(application, "xsthing-host-contract", [
        ...peers,
        `storage=${join(bench.folder, "contract")}`,
      ]);
      await simulator.start();
      await simulator.line("cases.done", hostCases.length * secondsPerCase);
    });
    if (!hasRun) return;
    for (const { name } of hostCases) {
      const title = deviations.has(name) ? `host contract, known deviation from "${name}"` : `host contract: ${name}`;
      await checks.run(title, () => checkCase(simulator.lines, name));
    }
  } finally {
    await simulator.stop();
    servers.stop();
  }
}

function checkCase(lines: readonly string[], name: string): void {
  const begin = lines.findIndex((line) => line.includes("case.begin") && line.endsWith(name));
  assert.ok(begin >= 0, "it did not begin");
  const outcome = lines.slice(begin).find((line) => line.includes("case.done") || line.includes("host.panic"));
  const deviation = deviations.get(name);
  if (deviation === undefined) assert.ok(outcome?.includes("case.done"), outcome);
  else assert.ok(outcome?.includes(deviation), `no longer deviates as documented: ${outcome}`);
}
