// SPDX-License-Identifier: Apache-2.0
// npm run bench: the figures of the design, measured.

import { writeFileSync } from "node:fs";
import { engineAvailable } from "../hosts/desktop/engine.js";
import { flag, readOptions, runProgram, seconds, text, UsageError } from "../hosts/node/options.js";
import { type Figure, figure, formatTable } from "./figure.js";
import { backlogFigures, flashPerDatum, flashPerSingleDatum, mountFigures } from "./journal.js";
import { Scene } from "./loss.js";
import { BenchMachine } from "./machine.js";
import { heapGrowth, heapIdle, heapOfDevice, heapOfGateway, heapPerDatum, keysGrowth } from "./memory.js";
import { connectRoundTrips, trafficFigures } from "./traffic.js";
import { updateFigures } from "./update.js";

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
/** Short, so that the data of `loss.kill` are soon recorded. */
const killPeriod = 20;
const killedWith = 500;

runProgram(async () => {
  const values = readOptions(options, process.argv.slice(2));
  if (!engineAvailable()) throw new UsageError("bench: needs the XS engine (npm package @agoric/xsnap)");
  const figures = await machineFigures();
  if (values.quick !== true) {
    figures.push(...(await updateFigures()));
    figures.push(...(await lossFigures((values.offline ?? defaultOffline) * 1_000)));
  }
  console.log(formatTable(figures));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ figures }, undefined, 2)}\n`);
});

async function machineFigures(): Promise<Figure[]> {
  const heap = await heapOfDevice();
  const machine = await BenchMachine.start();
  try {
    return [
      heapIdle(heap),
      ...(await heapOfGateway(heap)),
      await heapPerDatum(machine),
      await heapGrowth(machine),
      await keysGrowth(machine),
      ...(await backlogFigures(machine)),
      await flashPerDatum(machine),
      await flashPerSingleDatum(machine),
      ...(await mountFigures(machine)),
      ...(await trafficFigures(machine)),
      await connectRoundTrips(machine),
    ];
  } finally {
    machine.stop();
  }
}

async function lossFigures(offline: number): Promise<Figure[]> {
  const [restart, blackHole, kill, away] = await Promise.all([
    Scene.play({ period, run: (scene) => scene.restartServer(12_000) }),
    Scene.play({ period, run: (scene) => scene.swallow(8_000) }),
    Scene.play({ period: killPeriod, run: killDevice }),
    Scene.play({ period, run: (scene) => scene.restartServer(offline) }),
  ]);
  return [
    figure("loss.restart", restart.lost),
    figure("loss.blackhole", blackHole.lost),
    figure("loss.kill", kill.lost),
    figure("loss.kill.unstored", kill.unstored),
    figure("loss.offline", away.lost),
    figure("duplicates.restart", restart.duplicates),
    figure("duplicates.blackhole", blackHole.duplicates),
    figure("duplicates.kill", kill.duplicates),
    figure("duplicates.offline", away.duplicates),
  ];
}

/** The device dies while the server is down, and both come back. */
async function killDevice(scene: Scene): Promise<void> {
  scene.killServer();
  await scene.killDevice(killedWith);
  await scene.startServer();
}
