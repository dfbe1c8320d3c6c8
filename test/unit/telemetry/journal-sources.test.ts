// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { crcEnd, crcStart, crcStep } from "../../../modules/core/crc32.js";
import { FakeFlash } from "../../fakes/flash.js";
import { Boot, range } from "./journal-boot.js";
import { Rig } from "./rig.js";

const alignments = [1, 4, 16, 32];

/** In a journal, before the name. */
const sourceFrame = 6;

/** CRC-32 of a partition that a firmware without sub-devices has written. */
const checksumFromBefore = 4_082_183_449;

describe("Journal of a device with sub-devices", () => {
  test.each(alignments)(
    "gives back each datum with its sub-device, whatever numbers they have since, with a write alignment of %d",
    (writeAlign) => {
      const flash = new FakeFlash({ writeAlign, blockLength: 2_048, blocks: 24 });
      const names = [undefined, "meter", "pump", "valve 7", "ä😀"];
      const expected: string[] = [];
      for (let life = 0; life < 5; life += 1) {
        const boot = new Boot(flash, { maxSources: 8 });
        for (let index = 0; index < 100; index += 1) {
          const source = names[(index * 3 + life) % names.length];
          boot.add(`key ${index % 3}`, life * 100 + index, source);
          if (index % 4 === 0) expect(boot.store()).toBeGreaterThan(0);
          expected.push(`${source} key ${index % 3}=${life * 100 + index}`);
        }
        boot.store();
      }
      const last = new Boot(flash, { maxSources: 8 });
      last.add("key", 1, "new here");
      last.add("key", 1, "valve 7");
      expect(last.journal.recovered).toBe(500);
      expect(last.drain().map(({ source, key, value }) => `${source} ${key}=${value}`)).toEqual(expected);
    },
  );

  test("tells names apart for which this boot has no number left", () => {
    const flash = new FakeFlash();
    const boot = new Boot(flash, { maxSources: 3 });
    for (const name of ["A", "B", "C"]) boot.put("k", 1, name);
    const next = new Boot(flash, { maxSources: 1 });
    next.put("k", 2, "Z");
    expect(next.drain().map(({ source }) => source)).toEqual(["A", "B", "C", "Z"]);
  });

  test("keeps 255 sub-devices apart, each with as long a name as it can have", () => {
    const flash = new FakeFlash({ blocks: 60 });
    const boot = new Boot(flash, { maxSources: 255 });
    const names = range(0, 255).map((number) => `${number}`.padEnd(255, "s"));
    for (const name of names) boot.add("k", true, name);
    expect(boot.store()).toBe(255);
    const next = new Boot(flash, { maxSources: 255 });
    expect(next.drain().map(({ source }) => source)).toEqual(names);
  });

  test.each(alignments)(
    "takes the largest datum there is into the smallest block, with a write alignment of %d",
    (writeAlign) => {
      const flash = new FakeFlash({ blocks: 4, blockLength: 2_048, writeAlign });
      const value = `"${"x".repeat(1_022)}"`;
      const [key, source] = ["k".repeat(255), "s".repeat(255)];
      expect(new Boot(flash, { maxSources: 1 }).put(key, value, source)).toBe(true);
      expect(new Boot(flash, { maxSources: 1 }).drain()).toMatchObject([{ source, key, value }]);
    },
  );

  test("is written byte by byte as before there were any, where there are none", () => {
    const flash = new FakeFlash();
    const boot = new Boot(flash, { maxSources: 255 });
    boot.putNumbers(0, 300);
    boot.put("text", '"a text"');
    boot.put("t", true);
    let crc = crcStart;
    for (const byte of flash.contents) crc = crcStep(crc, byte);
    expect(crcEnd(crc)).toBe(checksumFromBefore);
  });

  test("has a frame that a firmware from before cannot know ahead of the first datum of a sub-device", () => {
    const flash = new FakeFlash();
    const boot = new Boot(flash, { maxSources: 1 });
    boot.put("k", 1);
    const end = flash.bytesWritten;
    boot.put("k", 2, "A");
    expect(flash.contents[end]).toBe(sourceFrame);
    expect(new Boot(flash).drain().map(({ value }) => value)).toEqual([1, 2]);
  });

  test("is cleared away bit by bit by a device that has none, which has other things to do", () => {
    const flash = new FakeFlash({ blocks: 16 });
    const gateway = new Rig({ flash, maxSources: 1 });
    for (let number = 0; number < 3_000; number += 1) gateway.telemetry.source("child")?.record("theirs", number);
    gateway.telemetry.store();
    const rig = new Rig({ flash });
    rig.connect();
    expect(rig.telemetry.refused).toBeLessThan(1_000);
    rig.clock.advance(20_000);
    expect(rig.telemetry).toMatchObject({ recovered: 3_000, refused: 3_000, depth: 0 });
    expect(rig.link.published).toEqual([]);
  });

  test("is read by a device that has none: what is theirs is refused, counted and named, and the rest delivered", () => {
    const flash = new FakeFlash();
    const gateway = new Rig({ flash, maxSources: 2 });
    for (let number = 0; number < 30; number += 1) {
      if (number % 10 < 3) gateway.telemetry.record("own", number);
      else gateway.telemetry.source(`child ${number % 2}`)?.record("theirs", number);
    }
    gateway.telemetry.store();
    const rig = new Rig({ flash });
    rig.connect();
    for (let round = 0; round < 20; round += 1) {
      rig.link.acknowledge();
      rig.clock.advance(1_000);
    }
    expect(rig.received().map(({ source, key, value }) => [source, key, value])).toEqual(
      range(0, 30)
        .filter((number) => number % 10 < 3)
        .map((number) => [undefined, "own", number]),
    );
    expect(rig.telemetry).toMatchObject({ recovered: 30, delivered: 9, refused: 21, depth: 0, journaled: 0 });
    expect(rig.log.reasons("telemetry.refused")[0]).toBe("too-many-sources");
  });
});
