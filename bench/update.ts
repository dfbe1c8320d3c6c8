// SPDX-License-Identifier: Apache-2.0
// Updates from the local server over a link of 10 Mbit/s. Their images are none, so that the boot loader has the last word.

import type { Milliseconds } from "../modules/core/ports.js";
import { type Figure, type FigureId, figure } from "./figure.js";
import { floorOf, plainTransfer } from "./link-floor.js";
import { chipSlotBytes } from "./machine.js";
import type { UpdateSample } from "./update-probe.js";
import { bandwidth, type Update, UpdateScene } from "./update-scene.js";

/** The defaults of `config.ota`. */
const chunkSize = 4_096;
const window = 8;

/** The time of a large image is its link's. */
const floorSize = 1_048_576;
/** As much in flight as the longest link holds, in few messages: until its first answer the server counts each. */
const fastConfig = { session: { receiveBuffer: 32_832 }, ota: { chunkSize: 32_768, window: 32 } };
/** The best counts: this machine has other things to do, the link has not. */
const tries = 3;

const countSize = 262_144;
const wrongSize = 65_536;
const usualRoundTrip = 60;

/** In which a device that is connected comes to rest. */
const settling = 5_000;

/** Times over the floor, at `roundTrip`. */
async function floorFigures(scene: UpdateScene): Promise<Figure[]> {
  await scene.offer(floorSize);
  const plain = await bestOf(tries, () => plainTransfer(floorSize, bandwidth, usualRoundTrip));
  return [
    overFloor("ota.floor.0", 0, await bestOf(tries, () => download(scene, 0, fastConfig))),
    overFloor("ota.floor.60", 60, await bestOf(tries, () => download(scene, 60, fastConfig))),
    overFloor("ota.floor.500", 500, await bestOf(tries, () => download(scene, 500, fastConfig))),
    overFloor("ota.floor.default.0", 0, await bestOf(tries, () => download(scene, 0, {}))),
    overFloor("ota.floor.default.60", 60, await bestOf(tries, () => download(scene, 60, {}))),
    overFloor("ota.floor.default.500", 500, await download(scene, 500, {})),
    overFloor("ota.floor.plain", usualRoundTrip, plain),
  ];
}

/** What an update costs that nothing disturbs. */
export async function costFigures(scene: UpdateScene): Promise<Figure[]> {
  await scene.withdraw();
  return scene.play(usualRoundTrip, async ({ boot, requests }) => {
    const device = boot({ measuresHeap: true });
    await device.step("session.live");
    await new Promise((resolve) => setTimeout(resolve, settling));
    const idle = heapOf(device.samples.at(-1));
    await scene.offer(countSize);
    await device.state("VERIFIED");
    await device.until(({ samples }) => (samples.at(-1)?.read ?? 0) >= countSize);
    const { samples } = device;
    const peak = Math.max(...samples.map(heapOf));
    const before = samples.findLast(({ written }) => written === 0)?.compute ?? Number.NaN;
    const downloaded = samples.find(({ written }) => written >= countSize)?.compute ?? Number.NaN;
    const verified = samples.find(({ read }) => read >= countSize)?.compute ?? Number.NaN;
    return [
      figure("ota.requests", requests.count),
      figure("ota.heap.peak", peak - idle),
      figure("ota.cpu.perKiB", ((downloaded - before) * 1_024) / countSize),
      figure("ota.cpu.perKiB.verify", ((verified - downloaded) * 1_024) / countSize),
    ];
  });
}

/** What is asked for once more after a cut in the middle. */
export async function refetchFigures(scene: UpdateScene): Promise<Figure[]> {
  await scene.offer(floorSize);
  return [
    figure(
      "ota.refetch.disconnect",
      await refetched(scene, async ({ boot, link }) => {
        const device = boot();
        await device.written(floorSize / 2);
        link.cut();
        return () => device.state("DOWNLOADED");
      }),
    ),
    figure(
      "ota.refetch.kill",
      await refetched(scene, async ({ boot }) => {
        const device = boot();
        await device.written(floorSize / 2);
        await device.kill();
        return () => boot().state("DOWNLOADED");
      }),
    ),
  ];
}

/** How often a package is downloaded that is not what its checksum says. */
export async function wrongChecksum(scene: UpdateScene): Promise<Figure> {
  await scene.offer(wrongSize);
  await scene.spoilChecksum();
  return scene.play(0, async ({ boot, requests }) => {
    const device = boot();
    await device.state("FAILED");
    const end = device.entries.find(({ event }) => event === "ota.failed");
    if (end?.reason !== "checksum-mismatch") throw new Error(`ota.downloads: the update ended by ${end?.reason}`);
    return figure("ota.downloads.wrongChecksum", (requests.count * chunkSize) / wrongSize);
  });
}

/** All that this file measures, one after another: their times are real. */
export async function updateFigures(): Promise<Figure[]> {
  const scene = await UpdateScene.open();
  try {
    return [
      ...(await floorFigures(scene)),
      ...(await costFigures(scene)),
      ...(await refetchFigures(scene)),
      await wrongChecksum(scene),
    ];
  } finally {
    await scene.close();
  }
}

function overFloor(id: FigureId, roundTrip: Milliseconds, took: Milliseconds): Figure {
  return figure(id, took / floorOf(floorSize, bandwidth, roundTrip));
}

/** From the first request for a chunk, as the link gets it, to the last chunk in the flash. */
function download(scene: UpdateScene, roundTrip: Milliseconds, config: object): Promise<Milliseconds> {
  return scene.play(roundTrip, async ({ boot, requests }) => {
    const device = boot({ config });
    await device.written(floorSize);
    const end = device.samples.find(({ written }) => written >= floorSize);
    return (end?.at ?? Number.NaN) - requests.firstAt;
  });
}

async function bestOf(count: number, measure: () => Promise<Milliseconds>): Promise<Milliseconds> {
  let best = Number.POSITIVE_INFINITY;
  for (let index = 0; index < count; index += 1) best = Math.min(best, await measure());
  return best;
}

/** In windows. `disturb` cuts the download short and returns how to wait for its end. */
function refetched(scene: UpdateScene, disturb: (update: Update) => Promise<() => Promise<void>>): Promise<number> {
  const chunks = floorSize / chunkSize;
  return scene.play(usualRoundTrip, async (update) => {
    const finish = await disturb(update);
    if (update.requests.count === chunks) throw new Error("ota.refetch: nothing was left to disturb");
    await finish();
    return (update.requests.count - chunks) / window;
  });
}

function heapOf(sample: UpdateSample | undefined): number {
  return (sample?.slots ?? Number.NaN) * chipSlotBytes + (sample?.chunks ?? Number.NaN);
}
