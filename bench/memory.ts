// SPDX-License-Identifier: Apache-2.0

import type { HeapFigures } from "../hosts/desktop/heap.js";
import { type Figure, figure } from "./figure.js";
import { commands } from "./machine/commands.js";
import { BenchMachine, chipSlotBytes, growth } from "./machine.js";

/** The default of `config.telemetry.capacity`. */
export const capacity = 8_192;

/** The default of `config.telemetry.storeAfter`. */
export const storeAfter = 2_000;

/** While there is a session it is five times that: longer than the rig's data wait for company, so that nothing is stored. */
const patientStoreAfter = 10_000;

const mostChildren = 250;
/** They warm up what all share. */
const firstChildren = 50;

/** A round delivers 100 data. */
const warmUpRounds = 10;
const growthRounds = 990;
const freshMessages = 2_000;
/** Messages of the server with fresh names that each step of `commands.messages` delivers. */
export const messagesPerStep = 5;

/** A whole device, connected, after a minute. Bytes of chunks are as the measuring machine has them: with wider headers. */
export function heapIdle({ slots, chunks }: DeviceHeap): Figure {
  return figure("heap.idle", slots * chipSlotBytes + chunks);
}

export type DeviceHeap = Pick<HeapFigures, "slots" | "chunks">;

/**
 * What a device takes, code apart, which is in flash on a chip. In a machine of its own, because XS keeps the latest instance of
 * every class that has a private method, so that a second device is measured against the first.
 */
export async function heapOfDevice(): Promise<DeviceHeap> {
  const machine = await BenchMachine.start();
  try {
    await machine.do(commands.prepare, capacity, patientStoreAfter);
    const before = await machine.heap();
    await machine.do(commands.make);
    const { report } = await machine.do(commands.start);
    if (!report.isLive) throw new Error("heap.idle: the device is not live");
    const after = await machine.heap();
    return { slots: after.slots - before.slots, chunks: after.chunks - before.chunks };
  } finally {
    machine.stop();
  }
}

/** What a larger queue costs by what it holds, with the dearest numbers there are. */
export async function heapPerDatum(machine: BenchMachine): Promise<Figure> {
  const small = await full(machine, 4_096);
  const large = await full(machine, 65_536);
  return figure("heap.perDatum", growth(small.heap, large.heap) / (large.depth - small.depth));
}

async function full(
  machine: BenchMachine,
  bytes: number,
): Promise<{ readonly heap: HeapFigures; readonly depth: number }> {
  await machine.do(commands.prepareWithoutFlash, bytes);
  await machine.do(commands.make);
  const { report } = await machine.do(commands.fill);
  return { heap: await machine.heap(), depth: report.depth };
}

/**
 * What a gateway takes before it has a child, and what each child takes that has told its attributes and its data. In a machine of its
 * own, as `heapOfDevice`.
 */
export async function heapOfGateway({ slots, chunks }: DeviceHeap): Promise<Figure[]> {
  const machine = await BenchMachine.start();
  try {
    await machine.do(commands.prepareGateway, capacity, mostChildren);
    const before = await machine.heap();
    await machine.do(commands.make);
    await machine.do(commands.start);
    const without = await machine.heap();
    await machine.do(commands.children, firstChildren, 0);
    const few = await machine.heap();
    const { report } = await machine.do(commands.children, mostChildren - firstChildren, firstChildren);
    if (!report.isLive || report.depth > 0 || report.delivered < mostChildren)
      throw new Error(`heap.perChild: ${report.delivered} data were delivered`);
    const many = await machine.heap();
    return [
      figure("heap.gateway", growth(before, without) - slots * chipSlotBytes - chunks),
      figure("heap.perChild", growth(few, many) / (mostChildren - firstChildren)),
    ];
  } finally {
    machine.stop();
  }
}

/** From the 1,000th datum recorded and delivered to the 100,000th. */
export async function heapGrowth(machine: BenchMachine): Promise<Figure> {
  await goLive(machine);
  // What the device tells of itself is no part of it.
  const { report: start } = await machine.do(commands.nothing);
  await machine.do(commands.rounds, warmUpRounds);
  const before = await machine.heap();
  const { report } = await machine.do(commands.rounds, growthRounds);
  const delivered = report.delivered - start.delivered;
  if (delivered !== 100_000) throw new Error(`heap.growth: ${delivered} data were delivered`);
  return figure("heap.growth", growth(before, await machine.heap()));
}

/** 10,000 messages of the server, each with names that never came before. The first ones warm up. */
export async function keysGrowth(machine: BenchMachine): Promise<Figure> {
  await goLive(machine);
  await machine.do(commands.messages, 10, 0);
  const before = await machine.heap();
  const { report } = await machine.do(commands.messages, freshMessages, 10);
  if (!report.isLive) throw new Error("keys.growth: the session did not survive");
  return figure("keys.growth", (await machine.heap()).keys - before.keys);
}

export async function goLive(machine: BenchMachine): Promise<void> {
  await machine.do(commands.prepare, capacity, patientStoreAfter);
  await machine.do(commands.make);
  const { report } = await machine.do(commands.start);
  if (!report.isLive) throw new Error("the device is not live");
}
