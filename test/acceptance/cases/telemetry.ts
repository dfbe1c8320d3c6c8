// SPDX-License-Identifier: Apache-2.0

import type { Case } from "../case.js";
import { expectSame, type World } from "../world.js";

async function values(world: World, id: string, key: string): Promise<{ ts: number; value: unknown }[]> {
  const range = `startTs=0&endTs=${Date.now() + 60_000}&limit=1000&orderBy=ASC`;
  const path = `/plugins/telemetry/DEVICE/${id}/values/timeseries?keys=${key}&${range}&useStrictDataTypes=true`;
  return (await world.rest.call("GET", path))[key] ?? [];
}

export const telemetryCases: readonly Case[] = [
  {
    id: "g00",
    title: "hello world: connects with a token and sends telemetry periodically",
    run: async (world) => {
      const { id, token } = await world.device();
      await world.board({ example: "hello-world", args: [`--token=${token}`] });
      const found = await world.until("three temperatures", async () => {
        const all = await values(world, id, "temperature");
        return all.length >= 3 && all;
      });
      for (const [index, { ts, value }] of found.entries()) {
        if (typeof value !== "number" || value < 20 || value > 30) throw new Error(`temperature ${value}`);
        const before = found[index - 1]?.ts;
        if (before !== undefined && Math.abs(ts - before - 1_000) > 700)
          throw new Error(`${ts - before} ms between two`);
      }
    },
  },
  {
    id: "h10",
    title: "telemetry upload: numbers, booleans and texts are the latest telemetry",
    run: async (world) => {
      const { id, token } = await world.device();
      await world.board({ example: "telemetry", args: [`--token=${token}`] });
      expectSame(typeof (await world.latest(id, "temperature")), "number", "temperature");
      expectSame(typeof (await world.latest(id, "door")), "boolean", "door");
      expectSame(typeof (await world.latest(id, "board")), "string", "board");
    },
  },
  {
    id: "e10",
    title: "time-series registry: what is registered is polled at its own period, and sent by its own rule",
    run: async (world) => {
      const { id, token } = await world.device();
      await world.board({ example: "telemetry", args: [`--token=${token}`] });
      const temperatures = await world.until("five temperatures", async () => {
        const all = await values(world, id, "temperature");
        return all.length >= 5 && all;
      });
      for (const [index, { ts, value }] of temperatures.entries()) {
        const before = temperatures[index - 1];
        if (before === undefined) continue;
        if (ts - before.ts < 300) throw new Error(`${ts - before.ts} ms between two polls`);
        const change = Math.abs(Number(value) - Number(before.value));
        if (change <= 0.2) throw new Error(`a change of ${change} was reported`);
      }
      expectSame((await values(world, id, "board")).length, 1, "reports of what is polled once a minute");
    },
  },
];
