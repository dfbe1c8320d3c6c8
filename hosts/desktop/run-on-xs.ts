// SPDX-License-Identifier: Apache-2.0

import type { Machine } from "../node/machine.js";
import { Bridge } from "./bridge.js";
import type { Bundle } from "./bundle.js";
import { Engine } from "./engine.js";
import { answerRequest } from "./requests.js";
import type { XsVitals } from "./vitals.js";

/** A delivery longer than this is an endless loop: some seconds here, and nothing the firmware does comes near. */
const computeLimit = 1_000_000_000;

/** Starts an engine and boots the firmware in it. The engine lives until it is stopped or the machine's process ends. */
export async function runOnXs(machine: Machine, vitals: XsVitals, bundle: Bundle, settings: object): Promise<Engine> {
  const engine = new Engine({
    onRequest: (message) => answerRequest(machine, message),
    onOutput: (line) => machine.log.write("debug", "host.output", line),
    onExit: (why, isWatchdog) => {
      if (isWatchdog) machine.bite(why);
      else machine.guard.panic(new Error(`the engine has ended: ${why}`));
    },
    computeLimit,
  });
  vitals.engine = engine;
  machine.log.write("info", "host.engine", `XS in process ${engine.pid}, its board in ${process.pid}`);
  await new Bridge(machine, engine, vitals).start(bundle, settings);
  return engine;
}
