// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { sectorMagic } from "../../modules/telemetry/journal-layout.js";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";
import { bootChoice, imageStates } from "./boot-choice.js";
import type { FlashImage } from "./flash-image.js";
import { longestGap } from "./series.js";
import { countStored } from "./stored-data.js";

const sector = 4_096;

/** Until the journal has several sectors of data that the server does not have, in seconds. */
const fillTime = 120;
const filledSectors = 5;

/** The shortest period of samples. */
const densePeriod = 100;

/** What is done to a flash, and whether the device knows its boots afterwards. */
const damages: readonly (readonly [name: string, damage: (flash: FlashImage) => void])[] = [
  ["otadata of random bytes", (flash) => flash.write("otadata", randomBytes(flash.place("otadata").size))],
  ["otadata erased", (flash) => flash.erase("otadata")],
  ["a sector of the journal of random bytes", (flash) => flash.write("journal", randomBytes(sector))],
  ["the whole journal of random bytes", (flash) => flash.write("journal", randomBytes(flash.place("journal").size))],
  ["nvs erased", (flash) => flash.erase("nvs")],
  ["nvs of random bytes", (flash) => flash.write("nvs", randomBytes(flash.place("nvs").size))],
  ["ota_1 erased", (flash) => flash.erase("ota_1")],
  ["ota_1 erased, and chosen", (flash) => chooseErased(flash, imageStates.undefined)],
  ["ota_1 erased, and chosen for good", (flash) => chooseErased(flash, imageStates.valid)],
  ["ota_1 erased, and chosen for a trial", (flash) => chooseErased(flash, imageStates.new)],
  ["ota_1 erased, and on trial", (flash) => chooseErased(flash, imageStates.pending)],
  ["application code of random bytes", (flash) => flash.write("xs", randomBytes(flash.place("xs").size))],
];

function chooseErased(flash: FlashImage, state: number): void {
  flash.erase("ota_1");
  flash.erase("otadata");
  flash.write("otadata", bootChoice(1, imageStates.valid));
  flash.write("otadata", bootChoice(2, state), sector);
}

/** A flash with damage of all kinds: the device comes up, with what is left. */
export async function checkDamage(bench: Bench): Promise<void> {
  const { checks } = bench;
  const isLive = await checks.run("a chip that has lived", async () => {
    await bench.flashChip("damage");
    await bench.boot();
    await bench.sample(1_000);
    await bench.server.kill();
    await pause(6_000);
    await bench.chip.cut();
    await bench.startServer();
  });
  if (!isLive) return;
  for (const [name, damage] of damages)
    await checks.run(`${name}: live, and it samples`, async () => {
      await bench.chip.cut();
      damage(bench.flash);
      const resets = bench.chip.resets.length;
      const from = Date.now();
      await bench.boot();
      await pause(3_000);
      assert.ok((await bench.cloud.samples(from)).length > 0, "no telemetry");
      assert.equal(bench.chip.resets.length, resets + 1, bench.chip.resets.join(", "));
    });
  await checks.run("a sector of random bytes amid data that were not sent: those before and behind it arrive", () =>
    checkHole(bench),
  );
}

async function checkHole(bench: Bench): Promise<void> {
  await bench.chip.cut();
  await bench.boot();
  await bench.sample(densePeriod);
  const { bootCount, ...vitals } = await bench.cloud.vitals();
  const from = await bench.cloud.deviceTime();
  await bench.server.kill();
  await waitFor({ what: `${filledSectors} sectors of data`, seconds: fillTime }, () =>
    lastSectorsOf(bench.flash.read("journal")).length >= filledSectors ? true : undefined,
  );
  await bench.chip.cut();
  const journal = bench.flash.read("journal");
  const sectors = lastSectorsOf(journal);
  const middle = Math.floor(sectors.length / 2);
  const [hole = 0, next = 0] = sectors.slice(middle, middle + 2);
  const lost = dataBefore(journal, next) - dataBefore(journal, hole);
  const left = countStored(journal) - lost;
  bench.flash.write("journal", randomBytes(sector), hole);
  await bench.startServer();
  await bench.boot();
  // Of each sample there is a datum for every vital sign; of those at the two borders some are lost.
  const width = Object.keys(vitals).length + 1;
  const expected = Math.floor(left / width) - 2;
  const ofBoot = async () => (await bench.cloud.samples(from)).filter(({ boot }) => boot === bootCount);
  let arrived = 0;
  await waitFor({ what: `${expected} samples`, seconds: 60 }, async () => {
    arrived = (await ofBoot()).length;
    return arrived >= expected ? true : undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${arrived}`);
  });
  const samples = await ofBoot();
  const gap = longestGap(samples);
  console.log(`        ${lost} data were lost, ${left} not; ${samples.length} samples, ${gap} ms without one`);
  // Where two data of a border were is not known here.
  await waitFor({ what: `${lost} data that were dropped`, seconds: 30 }, async () => {
    const { dropped = 0 } = await bench.cloud.vitals();
    return Math.abs(dropped - lost) <= 2 * width ? true : undefined;
  });
  const end = samples.findIndex(({ time }, at) => time - (samples[at - 1]?.time ?? time) === gap);
  assert.ok(lost > 0 && gap > 3 * densePeriod, "nothing is missing");
  assert.ok(end > 10 && end < samples.length - 10, `the gap is before sample ${end} of ${samples.length}`);
}

/** How many data were ever written before a sector. */
function dataBefore(journal: Buffer, at: number): number {
  return journal.readUInt32BE(at + 12);
}

/** Where a journal has the sectors that its last boot began, the oldest first. Boots have numbers of the journal's own. */
function lastSectorsOf(journal: Buffer): readonly number[] {
  const sequenceOf = (at: number): number => journal.readUInt32BE(at + 4);
  const bootOf = (at: number): number => journal.readUInt32BE(at + 8);
  const offsets: number[] = [];
  for (let at = 0; at < journal.length; at += sector) if (journal.readUInt16BE(at) === sectorMagic) offsets.push(at);
  offsets.sort((one, other) => sequenceOf(one) - sequenceOf(other));
  const last = offsets.at(-1);
  return last === undefined ? [] : offsets.filter((at) => bootOf(at) === bootOf(last));
}
