// SPDX-License-Identifier: Apache-2.0
// npm run bench: the figures of the design, measured.

import { writeFileSync } from "node:fs";
import { engineAvailable } from "../hosts/desktop/engine.js";
import { flag, readOptions, runProgram, seconds, text, UsageError } from "../hosts/node/options.js";
import { type Figure, figure, formatTable } from "./figure.js";
import { Scene } from "./loss.js";
import { BenchMachine } from "./machine.js";
import { heapGrowth, heapIdle, heapOfDevice, heapPerDatum, keysGrowth } from "./memory.js";
import { connectRoundTrips, trafficFigures } from "./traffic.js";

const options = {
  /** File for the figures as JSON. */
  json: text,
  /** How long the device of loss.offline is offline, in seconds; the design's figure takes 600. */
  offline: seconds,
  /** Leaves out the figures that take real time. */
  quick: flag,
} as const;

const defaultOffline = 60;
const period = 100;
/** As slow as a device that is offline for ten minutes with the default queue may be. */
const offlinePeriod = 500;

runProgram(async () => {
  const values = readOptions(options, process.argv.slice(2));
  if (!engineAvailable()) throw new UsageError("bench: needs the XS engine (npm package @agoric/xsnap)");
  const figures = await machineFigures();
  if (values.quick !== true) figures.push(...(await lossFigures((values.offline ?? defaultOffline) * 1_000)));
  console.log(formatTable(figures));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ figures }, undefined, 2)}\n`);
});

async function machineFigures(): Promise<Figure[]> {
  const machine = await BenchMachine.start();
  try {
    return [
      heapIdle(await heapOfDevice()),
      await heapPerDatum(machine),
      await heapGrowth(machine),
      await keysGrowth(machine),
      ...(await trafficFigures(machine)),
      await connectRoundTrips(machine),
    ];
  } finally {
    machine.stop();
  }
}

async function lossFigures(offline: number): Promise<Figure[]> {
  const restart = Scene.lost({ period, run: (scene) => scene.restartServer(12_000) });
  const blackHole = Scene.lost({ period, run: (scene) => scene.swallow(8_000) });
  const away = Scene.lost({ period: offlinePeriod, run: (scene) => scene.restartServer(offline) });
  return [
    figure("loss.restart", await restart),
    figure("loss.blackhole", await blackHole),
    figure("loss.offline", await away),
  ];
}
