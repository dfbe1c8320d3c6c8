// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { waitFor } from "../simulator/waiting.js";
import { type Bench, pause } from "./bench.js";
import { UpdateReport } from "./update-report.js";

/** A download of a few kilobytes, two restarts and the trial, in seconds. */
const updateTime = 240;

/** Until a shared attribute is in use, in seconds. */
const attributeTime = 20;

/** From the restart into the new application to the power cut, in milliseconds: while it is copied, prepared, and on trial. */
const cuts = [300, 600, 900, 1_500];

/** The same archive, spoilt, and what the device says of it. None of these is noticed before it is to run: the checksum is right. */
const spoilt: readonly (readonly [name: string, spoil: (archive: Buffer) => Buffer, error: RegExp])[] = [
  ["noise", (archive) => archive.map((byte, index) => byte ^ (index * 7 + 1)) as Buffer, /image-refused/],
  ["half of it", (archive) => archive.subarray(0, archive.length >> 1), /image-refused/],
  ["one for another framework", (archive) => withText(archive, "0.1", "9.9"), /wrong-framework: built for 9\.9/],
  [
    "one that needs a module which is not there",
    (archive) => withText(archive, "core/errors", "core/terror"),
    /terror/,
  ],
  ["one that throws at its start", (archive) => withText(archive, "integer", "intrude"), /intrude/],
];

/** Application code that comes as a package of its own, and such as is no good. */
export async function checkApplication(bench: Bench): Promise<void> {
  const { checks, settings } = bench;
  const { application } = settings;
  if (typeof application === "string") {
    console.log(`skipped: application; ${application}`);
    return;
  }
  const isLive = await checks.run("a chip with the firmware's own application", async () => {
    await bench.flashChip("application");
    await bench.boot();
    await expectOwn(bench);
  });
  if (!isLive) return;
  const archive = readFileSync(application.archive);
  const isBrought = await checks.run("an application is fetched, verified, tried and kept", () =>
    checkBrought(bench, archive, "1.0.0"),
  );
  if (!isBrought) return;
  await checks.run("after a power cut it is there, and told once more", async () => {
    const report = new UpdateReport(bench, "software");
    const told = await report.count();
    await bench.chip.cut();
    await bench.boot();
    await expectBrought(bench);
    await report.expectState(told, "UPDATED", updateTime);
  });
  for (const [index, cut] of cuts.entries())
    await checks.run(`power cut ${cut} ms after the restart into an application: tried again, and kept`, () =>
      checkCut(bench, archive, `1.${index + 1}.0`, cut),
    );
  for (const [index, [name, spoil, error]] of spoilt.entries())
    await checks.run(`${name}: the firmware's own application runs, and tells`, () =>
      checkSpoilt(bench, spoil(archive), `2.${index}.0`, error),
    );
  await checks.run("after all these a good one is taken", () => checkBrought(bench, archive, "3.0.0"));
}

async function checkBrought(bench: Bench, archive: Buffer, version: string): Promise<void> {
  const report = new UpdateReport(bench, "software");
  const { bootCount } = await bench.cloud.vitals();
  const told = await report.count();
  await bench.cloud.offer(version, archive, "software");
  await report.expectState(told, "UPDATED", updateTime);
  await report.expectWhole(told);
  const vitals = await bench.live(bootCount);
  console.log(`        ${archive.length} bytes, ${vitals.bootCount - bootCount} boots, freeHeap ${vitals.freeHeap}`);
  await report.expectVersion(version);
  await expectBrought(bench);
}

async function checkCut(bench: Bench, archive: Buffer, version: string, milliseconds: number): Promise<void> {
  const report = new UpdateReport(bench, "software");
  const resets = bench.chip.resets.length;
  const told = await report.count();
  await bench.cloud.offer(version, archive, "software");
  await waitFor({ what: "restart into the application", seconds: updateTime }, () =>
    bench.chip.resets.length > resets ? true : undefined,
  );
  await pause(milliseconds);
  await bench.chip.cut();
  await bench.boot();
  await report.expectState(told, "UPDATED", updateTime);
  const states = (await report.states()).slice(told);
  console.log(`        ${states.join(", ")}`);
  assert.equal(states.filter((state) => state === "DOWNLOADING").length, 1, "it was fetched once more");
  await report.expectVersion(version);
  await expectBrought(bench);
}

async function checkSpoilt(bench: Bench, archive: Buffer, version: string, expected: RegExp): Promise<void> {
  const report = new UpdateReport(bench, "software");
  const { bootCount } = await bench.cloud.vitals();
  const told = await report.count();
  await bench.cloud.offer(version, archive, "software");
  await waitFor({ what: "sw_state FAILED", seconds: updateTime }, async () =>
    (await report.states()).slice(told).includes("FAILED") ? true : undefined,
  );
  const error = await report.error();
  console.log(`        ${error}`);
  assert.match(error, expected);
  await bench.live(bootCount);
  await expectOwn(bench);
  await report.expectVersion("0.1.0");
}

/** The calls of the package are answered, by its own modules and by those of the firmware. */
async function expectBrought(bench: Bench): Promise<void> {
  const { cloud } = bench;
  await cloud.setShared({ step: 7 });
  await waitFor({ what: "shared attribute step in use", seconds: attributeTime }, async () => {
    const { count: before } = (await cloud.call("count")) as { count: number };
    const { count: after } = (await cloud.call("count")) as { count: number };
    return after - before === 7 ? true : undefined;
  });
}

async function expectOwn({ cloud }: Bench): Promise<void> {
  assert.match(JSON.stringify(await cloud.call("count")), /unknown-method/);
  assert.match(JSON.stringify(await cloud.call("identify")), /"identity"/);
}

/** Archives tell the length of what is in them. Throws where the text is not in it. */
function withText(archive: Buffer, text: string, other: string): Buffer {
  assert.equal(text.length, other.length);
  assert.ok(archive.includes(text), `the archive has no "${text}"`);
  return Buffer.from(archive.toString("latin1").replaceAll(text, other), "latin1");
}
