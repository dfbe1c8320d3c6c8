// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Milliseconds } from "../../../modules/core/ports.js";
import { FakeFlash } from "../../fakes/flash.js";
import { Boot } from "./journal-boot.js";
import { Rig, boot as start } from "./rig.js";

/** Value, wall-clock time and whether that is a guess, load by load, without acknowledging anything. */
function dated(boot: Boot): { value: unknown; at: Milliseconds; isEstimated: boolean }[] {
  const data: { value: unknown; at: Milliseconds; isEstimated: boolean }[] = [];
  boot.reader.rewind();
  while (boot.load() === "loaded")
    for (const { value, time } of boot.staged())
      data.push({ value, at: boot.reader.clock + time, isEstimated: boot.reader.isEstimated });
  return data;
}

function times(boot: Boot): Milliseconds[] {
  return dated(boot).map(({ at }) => at);
}

describe("Journal, time", () => {
  test("of data that were stored when the clock was known", () => {
    const flash = new FakeFlash();
    const boot = new Boot(flash);
    boot.journal.setClock(start);
    expect(flash.operations).toBe(0);
    boot.putNumbers(0, 3);
    const expected = [start + 1_000, start + 2_000, start + 3_000];
    expect(times(boot)).toEqual(expected);
    const next = new Boot(flash);
    next.journal.setClock(start + 1e9);
    expect(times(next)).toEqual(expected);
    expect(dated(next).some(({ isEstimated }) => isEstimated)).toBe(false);
  });

  test("of data that were stored before the clock was known, in the same boot and in the next", () => {
    const flash = new FakeFlash();
    const boot = new Boot(flash);
    boot.putNumbers(0, 2);
    expect(times(boot)).toEqual([Number.NaN, Number.NaN]);
    boot.journal.setClock(start);
    boot.putNumbers(2, 3);
    const expected = [start + 1_000, start + 2_000, start + 3_000];
    expect(times(boot)).toEqual(expected);
    const next = new Boot(flash);
    expect(times(next)).toEqual(expected);
    expect(dated(next).some(({ isEstimated }) => isEstimated)).toBe(false);
  });

  test("of data in sectors that are long full when the clock becomes known, whether their boot goes on or not", () => {
    for (const last of [0, 300]) {
      const flash = new FakeFlash({ blocks: 16, blockLength: 2_048 });
      const boot = new Boot(flash);
      boot.putNumbers(0, 500);
      expect(flash.erases).toBeGreaterThan(2);
      boot.journal.setClock(start);
      boot.putNumbers(500, 500 + last);
      const next = new Boot(flash);
      next.journal.setClock(0);
      expect(times(next)).toEqual(Array.from({ length: 500 + last }, (_, index) => start + (index + 1) * 1_000));
    }
  });

  test("is stored also where the sector has no room for it", () => {
    // Whatever is left of the sector, from nothing to the length of the frame that says the time.
    for (let length = 1_950; length < 1_990; length += 1) {
      const flash = new FakeFlash({ blockLength: 2_048, blocks: 4 });
      const boot = new Boot(flash);
      boot.add("a", `"${"x".repeat(800)}"`);
      boot.store();
      boot.add("a", `"${"x".repeat(length - 2 * 15 - 800)}"`);
      boot.store();
      boot.journal.setClock(start);
      const next = new Boot(flash);
      expect([length, ...times(next)]).toEqual([length, start, start]);
    }
  });

  test("keeps what was known when a datum was stored, after a correction", () => {
    const flash = new FakeFlash();
    const boot = new Boot(flash);
    boot.journal.setClock(start);
    boot.put("a", 1);
    boot.journal.setClock(start + 60_000);
    boot.put("a", 2);
    const { operations } = flash;
    boot.journal.setClock(start + 60_000);
    expect(flash.operations).toBe(operations);
    const expected = [start + 1_000, start + 62_000];
    expect(times(boot)).toEqual(expected);
    expect(times(new Boot(flash))).toEqual(expected);
  });

  test("of a boot that never knew it is such that it ended when the next one began", () => {
    const flash = new FakeFlash();
    const unknown = new Boot(flash);
    unknown.putNumbers(0, 3);
    const next = new Boot(flash);
    next.journal.setClock(start);
    next.putNumbers(3, 4);
    const expected = [
      { value: 0, at: start - 2_000, isEstimated: true },
      { value: 1, at: start - 1_000, isEstimated: true },
      { value: 2, at: start, isEstimated: true },
      { value: 3, at: start + 1_000, isEstimated: false },
    ];
    expect(dated(next)).toEqual(expected);
    const last = new Boot(flash);
    last.journal.setClock(start + 1e9);
    expect(dated(last)).toEqual(expected);
  });

  test("of several boots in a row that never knew it adds up, in order", () => {
    const flash = new FakeFlash({ blocks: 16, blockLength: 2_048 });
    for (const count of [2, 300, 3]) new Boot(flash).putNumbers(0, count);
    const now = new Boot(flash);
    now.journal.setClock(start);
    now.put("a", 9);
    // The boots lasted 2 s, 300 s and 3 s.
    const began = [start - 305_000, start - 303_000, start - 3_000];
    const all = times(now);
    expect(all).toHaveLength(306);
    const [first = 0, second = 0, third = 0] = began;
    expect(all.slice(0, 4)).toEqual([first + 1_000, first + 2_000, second + 1_000, second + 2_000]);
    expect(all.slice(301)).toEqual([second + 300_000, third + 1_000, third + 2_000, third + 3_000, start + 1_000]);
    expect([...all].sort((a, b) => a - b)).toEqual(all);
  });

  test("of a boot that knew it is no guess although the boots around it did not", () => {
    const flash = new FakeFlash();
    new Boot(flash).put("a", 1);
    const middle = new Boot(flash);
    middle.put("a", 2);
    middle.journal.setClock(start);
    new Boot(flash).put("a", 3);
    const now = new Boot(flash);
    now.journal.setClock(start + 50_000);
    expect(dated(now)).toEqual([
      { value: 1, at: start, isEstimated: true },
      { value: 2, at: start + 1_000, isEstimated: false },
      { value: 3, at: start + 50_000, isEstimated: true },
    ]);
  });

  test("is waited for, and not looked for again and again meanwhile", () => {
    const flash = new FakeFlash({ blocks: 16, blockLength: 2_048 });
    new Boot(flash).putNumbers(0, 800);
    const boot = new Boot(flash);
    expect(boot.load(true)).toBe("undated");
    const { reads } = flash;
    for (let poll = 0; poll < 100; poll += 1) expect(boot.load(true)).toBe("undated");
    expect(flash.reads - reads).toBeLessThanOrEqual(200);
    boot.journal.setClock(start);
    expect(boot.load(true)).toBe("loaded");
    expect(boot.reader.clock).toBe(start - 800_000);
  });

  test("of one load is that of one boot", () => {
    const flash = new FakeFlash();
    for (let count = 0; count < 5; count += 1) {
      const boot = new Boot(flash);
      boot.journal.setClock(start + count * 1e6);
      boot.putNumbers(0, 2);
    }
    const expected = [0, 1, 2, 3, 4].flatMap((count) => [1_000, 2_000].map((time) => start + count * 1e6 + time));
    expect(times(new Boot(flash))).toEqual(expected);
  });
});

describe("Telemetry with a journal, time", () => {
  test("sends nothing undated from the journal while its time can still become known", () => {
    const flash = new FakeFlash();
    const first = new Rig({ flash });
    first.isClockKnown = false;
    first.telemetry.record("a", 1);
    first.clock.advance(5_000);
    expect(first.telemetry.journaled).toBe(1);
    const rig = new Rig({ flash, clockPatience: 1_000 });
    rig.isClockKnown = false;
    rig.offset = start + 20_000;
    rig.connect();
    rig.telemetry.record("a", 2);
    rig.clock.advance(300_000);
    expect(rig.received()).toEqual([{ ts: undefined, key: "a", value: 2 }]);
    rig.isClockKnown = true;
    rig.telemetry.onClockKnown();
    rig.clock.advance(1_000);
    expect(rig.received().slice(1)).toEqual([{ ts: start + 20_000, key: "a", value: 1 }]);
    expect(rig.log.events()).toContain("telemetry.estimated");
  });

  test("corrects what was recorded and stored before the clock was known, across a restart", () => {
    const flash = new FakeFlash();
    const first = new Rig({ flash });
    first.isClockKnown = false;
    first.telemetry.record("a", 1);
    first.clock.advance(5_000);
    first.telemetry.record("a", 2);
    first.isClockKnown = true;
    first.telemetry.onClockKnown();
    first.telemetry.store();
    const rig = new Rig({ flash });
    rig.offset = start + 1e6;
    rig.connect();
    rig.clock.advance(1_000);
    rig.link.acknowledge(1);
    rig.clock.advance(1_000);
    expect(rig.received()).toEqual([
      { ts: start, key: "a", value: 1 },
      { ts: start + 5_000, key: "a", value: 2 },
    ]);
    expect(rig.log.events()).not.toContain("telemetry.estimated");
  });
});
