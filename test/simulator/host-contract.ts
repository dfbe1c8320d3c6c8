// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Peers } from "../contract/host/case.js";
import { hostCases, plainCases } from "../contract/host/cases.js";
import { PeerServers } from "../contract/host/peers.js";
import type { Checks } from "./checks.js";
import { type Bench, Simulator } from "./simulator.js";

const application = fileURLToPath(new URL("app/manifest.json", import.meta.url));

/** What `app/unset-clock.ts` and `app/no-memory.ts` add to the contract. */
const unsetClock = { name: "a host whose clock is not set looks at everything but dates" };
const noMemory = { name: "a connection that there is no memory for is out-of-memory" };

/** The firmware starts anew for every case. */
const secondsPerCase = 3;

const reset = "a connection that the peer resets is connection-reset";
const closed = 'reason: "connection-closed", not "connection-reset"';

/** What the SDK's sockets cannot do, and what they do instead: docs/porting.md. */
const deviations: ReadonlyMap<string, string> = new Map([
  [reset, closed],
  [`over TLS, ${reset}`, closed],
]);

/** Holds the simulator's host to the contract that all hosts have with the firmware. */
export async function checkHostContract(checks: Checks, bench: Bench): Promise<void> {
  const servers = new PeerServers();
  const simulator = new Simulator(bench);
  const isSecure = bench.tls === "tls";
  const cases = [...(isSecure ? [...hostCases, unsetClock] : plainCases), noMemory];
  try {
    const source = await writeManifest(bench, isSecure, await servers.start());
    const hasRun = await checks.run("the host contract runs in the simulator to its end", async () => {
      await simulator.build(source, "xsthing-host-contract", [`storage=${join(bench.folder, "contract")}`]);
      await simulator.start();
      await simulator.line("cases.done", cases.length * secondsPerCase);
    });
    if (!hasRun) return;
    for (const { name } of cases) {
      const title = deviations.has(name) ? `host contract, known deviation from "${name}"` : `host contract: ${name}`;
      await checks.run(title, () => checkCase(simulator.lines, name));
    }
  } finally {
    await simulator.stop();
    servers.stop();
  }
}

/** Certificates are too long for a command line. Returns the folder of the manifest. */
async function writeManifest({ folder }: Bench, isSecure: boolean, peers: Peers): Promise<string> {
  const source = join(folder, "host-contract");
  await mkdir(source);
  const manifest = { include: application, config: { isSecure, peers } };
  await writeFile(join(source, "manifest.json"), JSON.stringify(manifest));
  return source;
}

function checkCase(lines: readonly string[], name: string): void {
  const begin = lines.findIndex((line) => line.includes("case.begin") && line.endsWith(name));
  assert.ok(begin >= 0, "it did not begin");
  const outcome = lines.slice(begin).find((line) => line.includes("case.done") || line.includes("host.panic"));
  const deviation = deviations.get(name);
  if (deviation === undefined) assert.ok(outcome?.includes("case.done"), outcome);
  else assert.ok(outcome?.includes(deviation), `no longer deviates as documented: ${outcome}`);
}
