// SPDX-License-Identifier: Apache-2.0

import { type Figure, figure } from "./figure.js";
import { commands, instants, period, sample } from "./machine/commands.js";
import type { BenchMachine } from "./machine.js";
import { capacity, goLive, storeAfter } from "./memory.js";

const rounds = 100;
const keys = Object.keys(sample(0)).length;
const data = rounds * instants * keys;

/** The epoch of the rig at the start of a round does not matter: all its timestamps have 13 digits. */
const epoch = 1_767_225_600_000;

/** Batches of 20 instants of 5 keys: computrons per datum from `record` to the last byte of its PUBLISH, and the wire's share. */
export async function trafficFigures(machine: BenchMachine): Promise<Figure[]> {
  await goLive(machine);
  const before = (await machine.do(commands.nothing)).report;
  const { report, compute } = await machine.do(commands.rounds, rounds);
  const delivered = report.delivered - before.delivered;
  if (delivered !== data) throw new Error(`traffic: ${delivered} data were delivered, not ${data}`);
  const bytes = report.publishBytes - before.publishBytes;
  return [
    figure("cpu.perDatum", compute / data),
    figure("wire.overhead", bytes / smallestJson()),
    figure("wire.packets", ((report.publishes - before.publishes) / data) * 1_000),
  ];
}

/** Bytes of the shortest JSON that ThingsBoard takes for the same data, one document per round. */
function smallestJson(): number {
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const groups = Array.from({ length: instants }, (_, instant) => ({
      ts: epoch + instant * period,
      values: sample(round * instants + instant),
    }));
    bytes += Buffer.byteLength(JSON.stringify(groups));
  }
  return bytes;
}

/**
 * From opening the socket, TCP's own round trip included, to the acknowledgement of a datum that was recorded before, so long that
 * it has gone through the journal.
 */
export async function connectRoundTrips(machine: BenchMachine): Promise<Figure> {
  await machine.do(commands.prepare, capacity, storeAfter);
  await machine.do(commands.make);
  const { report } = await machine.do(commands.connect);
  if (report.stored !== 1) throw new Error("connect.roundTrips: the datum was not stored");
  if (report.roundTrips === null) throw new Error("connect.roundTrips: nothing was acknowledged");
  return figure("connect.roundTrips", report.roundTrips);
}
