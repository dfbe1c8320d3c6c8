// SPDX-License-Identifier: Apache-2.0
// `npm run test:chip`: an image of a chip's flash in an emulator, against the local server. It builds nothing and fetches nothing.

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Checks } from "../simulator/checks.js";
import { Processes } from "../simulator/processes.js";
import { checkApplication } from "./application.js";
import { Bench } from "./bench.js";
import { checkClock } from "./clock.js";
import { checkColdBoot } from "./cold-boot.js";
import { checkCrashes } from "./crashes.js";
import { checkDamage } from "./damage.js";
import { checkOutages } from "./outages.js";
import { checkPowerCuts } from "./power-cuts.js";
import { checkProvisioning } from "./provisioning.js";
import { checkResets } from "./resets.js";
import { checkSafeMode } from "./safe-mode.js";
import { readSettings, type Settings } from "./settings.js";
import { TimeServer } from "./time-server.js";
import { checkTls } from "./tls.js";
import { checkUpdates } from "./updates.js";
import { checkUptime } from "./uptime.js";

/** By the names for `--only`. */
const groups = new Map<string, (bench: Bench) => Promise<void>>([
  ["cold-boot", checkColdBoot],
  ["clock", checkClock],
  ["resets", checkResets],
  ["power-cuts", checkPowerCuts],
  ["crashes", checkCrashes],
  ["safe-mode", checkSafeMode],
  ["outages", checkOutages],
  ["updates", checkUpdates],
  ["damage", checkDamage],
  ["provisioning", checkProvisioning],
  ["tls", checkTls],
  ["application", checkApplication],
  ["uptime", checkUptime],
]);

async function run(settings: Settings): Promise<Checks> {
  const checks = new Checks();
  const processes = new Processes();
  const folder = await mkdtemp(join(tmpdir(), "xsthing-chip-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void processes.killAll().then(() => process.exit(130)));
  const time = await TimeServer.start();
  if (!time) console.log("no time server: port 123 of loopback is not to be had");
  try {
    const bench = new Bench(checks, processes, settings, folder, time);
    if (await checks.run("the local server starts", () => bench.startServer()))
      for (const [name, check] of groups)
        if (settings.only.length === 0 || settings.only.includes(name)) await check(bench);
  } finally {
    time?.close();
    await processes.killAll();
    if (checks.hasFailed) console.log(`flash, serial log and the server's state are left in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
  return checks;
}

const settings = readSettings(process.env, process.argv.slice(2));
if (typeof settings === "string") console.log(`skipped: ${settings}`);
else {
  for (const file of [settings.flash, settings.qemu]) if (!existsSync(file)) throw new Error(`${file}: not there`);
  const checks = await run(settings);
  console.log(checks.summary);
  process.exit(checks.hasFailed ? 1 : 0);
}
