// SPDX-License-Identifier: Apache-2.0

import { type Figure, figure } from "./figure.js";
import { commands, type Report, sample } from "./machine/commands.js";
import { type BenchMachine, growth } from "./machine.js";
import { capacity, storeAfter } from "./memory.js";

const blockLength = 4_096;
const data = 10_000;
const keys = Object.keys(sample(0)).length;

/** More than the journal holds, so that every block was written to, and most of them twice. */
const dataOfFullJournal = 150_000;

/** Data of an outage and what they take of the flash: whole blocks, with everything else that the journal writes there. */
export async function flashPerDatum(machine: BenchMachine): Promise<Figure> {
  await goOffline(machine);
  return figure("flash.perDatum", flashOf(await machine.do(commands.record, data / keys)));
}

/** As `flashPerDatum`, for a device that measures one thing every 5 s, so that each datum is stored by itself. */
export async function flashPerSingleDatum(machine: BenchMachine): Promise<Figure> {
  await goOffline(machine);
  return figure("flash.perDatum.single", flashOf(await machine.do(commands.recordSingly, data, 5_000)));
}

/** What a boot costs that finds every block full, over one that finds them erased. */
export async function mountFigures(machine: BenchMachine): Promise<Figure[]> {
  await machine.do(commands.prepare, capacity, storeAfter);
  const empty = await machine.do(commands.make);
  const { report } = await machine.do(commands.record, dataOfFullJournal / keys);
  await machine.do(commands.prepareAgain);
  const full = await machine.do(commands.make);
  return [
    figure("flash.erases", (report.erases / dataOfFullJournal) * 100_000),
    figure("journal.mount", full.compute - empty.compute),
  ];
}

/** From the 2,000th datum that was stored and delivered to the 22,000th, and what the way through the flash costs each. */
export async function backlogFigures(machine: BenchMachine): Promise<Figure[]> {
  await goOffline(machine);
  await spillAndDrain(machine, 1_000);
  await machine.do(commands.leave);
  await spillAndDrain(machine, 1_000);
  const before = await machine.heap();
  await machine.do(commands.leave);
  const count = 20_000;
  const compute = await spillAndDrain(machine, count);
  return [
    figure("journal.growth", growth(before, await machine.heap())),
    figure("cpu.perDatum.journaled", compute / count),
  ];
}

async function goOffline(machine: BenchMachine): Promise<void> {
  await machine.do(commands.prepare, capacity, storeAfter);
  await machine.do(commands.make);
  await machine.do(commands.start);
  const { report } = await machine.do(commands.leave);
  if (report.isLive) throw new Error("the device did not notice that the server is gone");
}

/** Returns what it took in computrons, from `record` to the last acknowledgement, with attempts to connect meanwhile. */
async function spillAndDrain(machine: BenchMachine, count: number): Promise<number> {
  const { delivered } = (await machine.do(commands.nothing)).report;
  const away = await machine.do(commands.record, count / keys);
  if (away.report.journaled !== count) throw new Error(`journal: ${away.report.journaled} data, not ${count}`);
  const back = await machine.do(commands.comeBack);
  if (back.report.delivered !== delivered + count) throw new Error("journal: not all data were delivered");
  return away.compute + back.compute;
}

function flashOf({ report }: { readonly report: Report }): number {
  if (report.stored !== data) throw new Error(`flash.perDatum: ${report.stored} data were stored, not ${data}`);
  return (report.erases * blockLength) / data;
}
