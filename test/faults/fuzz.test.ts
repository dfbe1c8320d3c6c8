// SPDX-License-Identifier: Apache-2.0

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { FuzzRun } from "./fuzz/run.js";

const packets = 100_000;
/** By then every table has filled up, and V8 has compiled what it will. */
const warmUp = 40_000;

/** Tables of V8 grow by themselves; what leaks does so with every packet, and 18 bytes of each would come to this. */
const allowance = 1_048_576;

const patience = 120_000;

test(
  "100,000 mutated packets: nothing escapes, the heap stays as it is, and the device works afterwards",
  () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const heap = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const run = new FuzzRun();
    run.send(warmUp);
    const before = heap();
    run.send(packets - warmUp);
    const growth = heap() - before;
    const { escaped, ...figures } = run.report;
    process.stdout.write(`fuzz: ${JSON.stringify(figures)}, heap ${growth >= 0 ? "+" : ""}${growth} bytes\n`);
    expect(escaped).toEqual([]);
    expect(run.aftermath()).toBeUndefined();
    expect(growth).toBeLessThan(allowance);
    // A run in which nothing gets through would prove nothing.
    expect(figures.calls).toBeGreaterThan(packets / 100);
    expect(figures.updates).toBeGreaterThan(packets / 200);
    expect(figures.answers).toBeGreaterThan(packets / 200);
    expect(figures.connections).toBeGreaterThan(packets / 1_000);
  },
  patience,
);
