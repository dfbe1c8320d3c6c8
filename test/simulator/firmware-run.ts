// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Checks } from "./checks.js";
import { LocalServer } from "./local-server.js";
import { Rest } from "./rest.js";
import { root } from "./sdk.js";
import { type Bench, Simulator } from "./simulator.js";
import { waitFor } from "./waiting.js";

const live = "session.live";

/** How long the server is away, in milliseconds: several attempts to connect. */
const outage = 5_000;

/** Builds the firmware for the simulator and lets it live through a day in half a minute, against the local server. */
export async function checkFirmware(checks: Checks, bench: Bench): Promise<void> {
  const { processes, folder } = bench;
  const server = new LocalServer(processes, join(folder, "server"));
  const simulator = new Simulator(bench);
  const build = async (): Promise<void> => {
    const settings = [`port=${server.ports.mqttPort}`, `storage=${join(folder, "flash")}`];
    assert.deepEqual(await simulator.build(root, "xsthing", settings), []);
  };
  try {
    if (!(await checks.run("the local server starts", () => server.start()))) return;
    if (!(await checks.run("mcconfig -d -m -p lin: types, bytecode, link, no warning naming a module of ours", build)))
      return;
    const started = await checks.run("the simulator starts the firmware, and its session becomes live", async () => {
      await simulator.start();
      await simulator.line(live, 30);
    });
    if (started) await checkLife(checks, server, simulator);
  } finally {
    await simulator.stop();
  }
}

async function checkLife(checks: Checks, server: LocalServer, simulator: Simulator): Promise<void> {
  const rest = new Rest(server.ports.httpPort);
  await checks.run("telemetry of the XS machine arrives at the server", async () => {
    await rest.login();
    for (const key of ["uptime", "xsSlots", "xsChunks"])
      await waitFor({ what: key, seconds: 15 }, async () => (await rest.history(key, 0, Date.now()))[0]);
  });
  await checks.run("RPC getVitals is answered", async () => {
    const vitals = (await rest.call("getVitals")) as Record<string, unknown>;
    assert.equal(typeof vitals.uptime, "number", JSON.stringify(vitals));
  });
  await checks.run("shared attribute period is applied at once, and said so", () => checkPeriod(rest));
  await checks.run("a killed server is found again, and nothing of the gap is missing", () =>
    checkOutage(rest, server, simulator),
  );
  await checks.run("killed while the server is away, what it had stored arrives after the next start", () =>
    checkPowerLoss(rest, server, simulator),
  );
  await checks.run("RPC reboot restarts the firmware, which knows that it was asked to", async () => {
    const before = simulator.lines.length;
    await rest.call("reboot");
    await simulator.line("host.restart", 5, before);
    await simulator.line(live, 30, before);
    await waitFor({ what: "getVitals", seconds: 10 }, () => rest.call("getVitals").catch(() => undefined));
  });
  await checks.run("no exception reached the platform", () => {
    assert.deepEqual(
      simulator.lines.filter((line) => line.includes("host.panic")),
      [],
    );
  });
  await checks.run("every module was preloaded: none is loaded at run time", () => {
    assert.equal(simulator.peak("Modules loaded"), 0);
  });
  await checks.run("a quarter of the stack was always free", () => simulator.checkStack());
}

async function checkPeriod(rest: Rest): Promise<void> {
  await rest.setShared({ period: 500 });
  await waitFor({ what: "client attribute periodInUse", seconds: 10 }, async () =>
    Number(await rest.clientAttribute("periodInUse")) === 500 ? true : undefined,
  );
  const from = Date.now();
  await waitFor({ what: "6 samples", seconds: 6 }, async () =>
    (await rest.history("uptime", from, Date.now())).length >= 6 ? true : undefined,
  );
}

/** Samples are taken every half second, so that no second of the outage may be without one. */
async function checkOutage(rest: Rest, server: LocalServer, simulator: Simulator): Promise<void> {
  const before = simulator.lines.length;
  const from = Date.now();
  await server.kill();
  await simulator.line("session.disconnected", 20, before);
  await new Promise((resolve) => setTimeout(resolve, outage));
  const to = Date.now();
  await server.start();
  await simulator.line(live, 60, before);
  await rest.login();
  const expected = Math.floor((to - from) / 500) - 1;
  await waitFor({ what: `${expected} samples of the gap`, seconds: 15 }, async () =>
    (await rest.history("uptime", from, to)).length >= expected ? true : undefined,
  );
  assert.ok(await rest.call("getVitals"));
}

/** A sample is as many data as `getVitals` has members, and all of one instant are stored together. */
async function checkPowerLoss(rest: Rest, server: LocalServer, simulator: Simulator): Promise<void> {
  const width = Object.keys((await rest.call("getVitals")) as object).length;
  const before = simulator.lines.length;
  const from = Date.now();
  await server.kill();
  await simulator.line("telemetry.stored", 30, before);
  await new Promise((resolve) => setTimeout(resolve, outage));
  await simulator.stop();
  const to = Date.now();
  const reports = simulator.lines.slice(before).map((line) => /telemetry\.stored +(\d+) data/.exec(line)?.[1] ?? "0");
  const stored = reports.reduce((sum, count) => sum + Number(count), 0);
  assert.ok(stored >= 2 * width, `${stored} data were stored`);
  const dead = simulator.lines.length;
  await server.start();
  await simulator.start();
  await simulator.line(live, 60, dead);
  await rest.login();
  const expected = stored / width;
  await waitFor({ what: `${expected} samples from before`, seconds: 20 }, async () =>
    (await rest.history("uptime", from - 1_000, to)).length >= expected ? true : undefined,
  );
}
