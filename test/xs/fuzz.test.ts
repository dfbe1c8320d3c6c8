// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { growth } from "../../bench/machine.js";
import { bundleForXs } from "../../hosts/desktop/bundle.js";
import { Engine } from "../../hosts/desktop/engine.js";
import type { FuzzReport } from "../faults/fuzz/run.js";
import { describeOnXs } from "./engine-required.js";

const packets = 10_000;
const warmUp = 5_000;

/** Bytes that tables of a bounded size still take up after the first half: a tenth of one byte per packet. */
const allowance = 4_096;

const patience = 240_000;

describeOnXs("fuzz on XS", () => {
  test(
    "10,000 mutated packets: nothing escapes, the heap stays as it is, and no name becomes a key",
    async () => {
      const engine = new Engine({
        onRequest: () => new Uint8Array(),
        onOutput: (line) => process.stdout.write(`${line}\n`),
        onExit: (why) => process.stdout.write(`fuzz: ${why}\n`),
        computeLimit: 0,
      });
      const send = async (count: number): Promise<FuzzReport & { readonly aftermath?: string }> => {
        const command = Buffer.alloc(4);
        command.writeUInt32BE(count);
        return JSON.parse(Buffer.from((await engine.deliver(command)).result).toString());
      };
      try {
        await engine.evaluate((await bundleForXs("test/xs/fuzz-entry.ts")).script);
        await send(warmUp);
        const before = await engine.heap();
        const { escaped, ...figures } = await send(packets - warmUp);
        const after = await engine.heap();
        const grown = { heap: growth(before, after), keys: after.keys - before.keys };
        process.stdout.write(`fuzz on XS: ${JSON.stringify({ ...figures, ...grown })}\n`);
        expect(escaped).toEqual([]);
        expect(grown.keys).toBe(0);
        expect(grown.heap).toBeLessThan(allowance);
        expect(await send(0)).not.toHaveProperty("aftermath");
        expect(figures.calls).toBeGreaterThan(packets / 100);
      } finally {
        engine.stop();
      }
    },
    patience,
  );
});
