// SPDX-License-Identifier: Apache-2.0
// Budgets of the design that are counts, asserted on XS; the bench publishes the same numbers.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Figure, formatTable } from "../../bench/figure.js";
import { backlogFigures, flashPerDatum, flashPerSingleDatum } from "../../bench/journal.js";
import { BenchMachine } from "../../bench/machine.js";
import { heapGrowth, heapIdle, heapOfDevice, heapOfGateway, heapPerDatum, keysGrowth } from "../../bench/memory.js";
import { connectRoundTrips, trafficFigures } from "../../bench/traffic.js";
import { costFigures, refetchFigures, wrongChecksum } from "../../bench/update.js";
import { UpdateScene } from "../../bench/update-scene.js";
import { describeOnXs } from "./engine-required.js";

const patience = 120_000;

describeOnXs("budgets on XS", () => {
  const figures: Figure[] = [];
  let machine: BenchMachine;

  beforeAll(async () => {
    machine = await BenchMachine.start();
  });

  afterAll(() => {
    machine.stop();
    process.stdout.write(`\n${formatTable(figures)}\n`);
  });

  async function measure(step: Promise<Figure>): Promise<number> {
    const figure = await step;
    figures.push(figure);
    return figure.value;
  }

  test("a connected device is at rest with the heap that is printed", async () => {
    const heap = await heapOfDevice();
    figures.push(heapIdle(heap));
    process.stdout.write(`\nheap of a connected device: ${heap.slots} slots, ${heap.chunks} bytes of chunks\n`);
    expect(heap.slots).toBeGreaterThan(100);
    expect(heap.chunks).toBeGreaterThan(10_000);
  });

  test("a child of a gateway takes 512 bytes of heap or less", async () => {
    for (const each of await heapOfGateway(await heapOfDevice())) {
      figures.push(each);
      if (each.id === "heap.perChild") expect(each.value).toBeLessThanOrEqual(512);
    }
  });

  test("a queued number takes 16 bytes of heap or less", async () => {
    expect(await measure(heapPerDatum(machine))).toBeLessThanOrEqual(16);
  });

  test(
    "the heap does not grow from the 1,000th to the 100,000th datum",
    async () => {
      expect(await measure(heapGrowth(machine))).toBe(0);
    },
    patience,
  );

  test(
    "the key table does not grow with the names that a server chooses, over 10,000 messages",
    async () => {
      expect(await measure(keysGrowth(machine))).toBe(0);
    },
    patience,
  );

  test(
    "the heap does not grow while 20,000 data go through the journal",
    async () => {
      const [growth, compute] = await backlogFigures(machine);
      figures.push(...[growth, compute].filter((figure) => figure !== undefined));
      expect(growth?.value).toBe(0);
    },
    patience,
  );

  test(
    "a journaled number takes 16 bytes of flash or less, also one that is stored by itself",
    async () => {
      expect(await measure(flashPerDatum(machine))).toBeLessThanOrEqual(16);
      expect(await measure(flashPerSingleDatum(machine))).toBeLessThanOrEqual(16);
    },
    patience,
  );

  test("a batch is one packet and hardly larger than its JSON", async () => {
    const traffic = await trafficFigures(machine);
    figures.push(...traffic);
    const value = (id: string): number | undefined => traffic.find((figure) => figure.id === id)?.value;
    expect(value("wire.packets")).toBeLessThanOrEqual(10);
    expect(value("wire.overhead")).toBeLessThanOrEqual(1.03);
    expect(value("cpu.perDatum")).toBeGreaterThan(0);
  });

  test("the first datum is acknowledged within three round trips", async () => {
    expect(await measure(connectRoundTrips(machine))).toBeLessThanOrEqual(3);
  });

  test(
    "an update of 256 KiB asks for 64 chunks, with less heap than the window would take",
    async () => {
      const cost = await onScene(costFigures);
      figures.push(...cost);
      const value = (id: string): number | undefined => cost.find((figure) => figure.id === id)?.value;
      expect(value("ota.requests")).toBe(64);
      expect(value("ota.heap.peak")).toBeGreaterThan(0);
      expect(value("ota.heap.peak")).toBeLessThanOrEqual(9 * 4_096);
      expect(value("ota.cpu.perKiB")).toBeGreaterThan(0);
      expect(value("ota.cpu.perKiB.verify")).toBeGreaterThan(0);
    },
    patience,
  );

  test(
    "a cut link or a killed device costs an update no more than a window of chunks",
    async () => {
      const refetched = await onScene(refetchFigures);
      figures.push(...refetched);
      expect(refetched).toHaveLength(2);
      for (const { value } of refetched) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
    },
    patience,
  );

  test(
    "a package with a wrong checksum is downloaded three times",
    async () => {
      expect(await measure(onScene(wrongChecksum))).toBe(3);
    },
    patience,
  );
});

async function onScene<T>(run: (scene: UpdateScene) => Promise<T>): Promise<T> {
  const scene = await UpdateScene.open();
  try {
    return await run(scene);
  } finally {
    await scene.close();
  }
}
