// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Telemetry } from "../../../modules/telemetry/telemetry.js";
import { FakeFlash } from "../../fakes/flash.js";
import { FaultyFlash } from "./journal-faulty-flash.js";
import { Rig, boot as start } from "./rig.js";

function expectBalance(telemetry: Telemetry): void {
  const { recorded, recovered, delivered, dropped, refused, quarantined, depth } = telemetry;
  expect(delivered + dropped + refused + quarantined + depth).toBe(recorded + recovered);
}

/** Leaves numbers from 0 in the journal, one every 10 ms. */
function fill(flash: FakeFlash, count: number): void {
  const rig = new Rig({ flash });
  for (let number = 0; number < count; number += 1) {
    rig.telemetry.record("k", number);
    rig.clock.advance(10);
  }
  rig.telemetry.store();
  expect(rig.telemetry.journaled).toBe(count);
}

/** A server that acknowledges at once. */
function serve(rig: Rig, rounds: number): void {
  for (let round = 0; round < rounds; round += 1) {
    rig.link.acknowledge();
    rig.clock.advance(1_000);
  }
}

describe("Telemetry, when the flash fails", () => {
  test("counts what gave way while it was under way, also where the rest moves to the journal afterwards", () => {
    const flash = new FakeFlash({ blocks: 4, blockLength: 2_048 });
    const rig = new Rig({ flash, capacity: 1_024, window: 2, maxCount: 50, maxAge: 0 });
    const record = (count: number, pause: number): void => {
      for (let number = 0; number < count; number += 1) {
        rig.telemetry.record("k", number + Math.PI);
        rig.clock.advance(pause);
      }
    };
    rig.connect();
    flash.fail();
    record(100, 1);
    expect(rig.link.unacknowledged).toBe(2);
    record(20, 0);
    expectBalance(rig.telemetry);
    flash.restore();
    record(20, 0);
    rig.clock.advance(3_000);
    expectBalance(rig.telemetry);
    serve(rig, 20);
    expectBalance(rig.telemetry);
    expect(rig.telemetry.depth).toBe(0);
  });

  test("goes on by itself after a read that failed, with nothing new to send", () => {
    const flash = new FaultyFlash({ blocks: 4, blockLength: 4_096 });
    fill(flash, 300);
    const rig = new Rig({ flash });
    let isFailing = true;
    flash.fails = (operation) => {
      const fails = isFailing && operation === "read";
      if (fails) isFailing = false;
      return fails;
    };
    rig.connect();
    serve(rig, 20);
    expect(isFailing).toBe(false);
    expect(rig.telemetry.delivered).toBe(300);
  });

  test("delivers what could not be read at the start, with nothing new to send", () => {
    const flash = new FakeFlash({ blocks: 8, blockLength: 4_096 });
    fill(flash, 100);
    flash.fail();
    const rig = new Rig({ flash });
    rig.connect();
    rig.clock.advance(60_000);
    expect(rig.telemetry.recovered).toBe(0);
    flash.restore();
    serve(rig, 20);
    expect(rig.telemetry).toMatchObject({ recovered: 100, delivered: 100, depth: 0 });
  });

  test("leaves a partition alone that is of no use", () => {
    const rig = new Rig({ flash: new FakeFlash({ blocks: 3, blockLength: 4_096 }) });
    rig.connect();
    rig.telemetry.record("k", 1);
    serve(rig, 100);
    expect(rig.telemetry.delivered).toBe(1);
    expect(rig.clock.pending).toBeUndefined();
  });
});

describe("Telemetry, while the server is slower than the device", () => {
  test("stores what waits too long behind what is under way", () => {
    const rig = new Rig({ flash: new FakeFlash({ blocks: 16, blockLength: 4_096 }) });
    rig.connect();
    rig.link.maxDataPoints = 10;
    let longest = 0;
    for (let second = 0; second < 180; second += 1) {
      for (let sample = 0; sample < 20; sample += 1) {
        rig.telemetry.record("k", second * 20 + sample);
        rig.clock.advance(50);
      }
      rig.link.acknowledge(1);
      longest = Math.max(longest, rig.telemetry.depth - rig.telemetry.journaled);
    }
    expect(rig.telemetry.stored).toBeGreaterThan(1_000);
    // Ten seconds of data wait in RAM, and what is under way until it is answered.
    expect(longest).toBeLessThan(20 * 16);
    expectBalance(rig.telemetry);
    for (let round = 0; round < 600 && rig.telemetry.depth > 0; round += 1) serve(rig, 1);
    expect(rig.telemetry.depth).toBe(0);
    expectBalance(rig.telemetry);
  });

  test("publishes on where the journal takes nothing more", () => {
    const flash = new FakeFlash({ blocks: 4, blockLength: 2_048 });
    const rig = new Rig({ flash, whenJournalFull: "drop-newest" });
    fill(flash, 100);
    rig.connect();
    rig.link.maxDataPoints = 1;
    for (let sample = 0; sample < 3_000; sample += 1) {
      rig.telemetry.record("k", sample);
      rig.clock.advance(100);
      if (sample % 5 === 0) rig.link.acknowledge(1);
    }
    const { delivered } = rig.telemetry;
    expect(delivered).toBeGreaterThan(500);
    serve(rig, 10);
    expect(rig.telemetry.delivered).toBeGreaterThan(delivered);
    expectBalance(rig.telemetry);
  });
});

describe("Telemetry, what earlier boots have stored", () => {
  test("is delivered whole although a text of today may not be as long", () => {
    const flash = new FakeFlash({ blocks: 4, blockLength: 4_096 });
    const value = "y".repeat(900);
    const first = new Rig({ flash });
    first.telemetry.record("t", value);
    first.telemetry.store();
    const rig = new Rig({ flash, capacity: 1_024 });
    rig.connect();
    serve(rig, 2);
    expect(rig.received()).toEqual([{ ts: start, key: "t", value }]);
  });

  test("is dated also where the clock becomes known after it was read, and was sent undated in part", () => {
    const flash = new FakeFlash({ blocks: 8, blockLength: 4_096 });
    const rig = new Rig({ flash });
    rig.isClockKnown = false;
    for (let number = 0; number < 200; number += 1) {
      rig.telemetry.record("k", number);
      rig.clock.advance(10);
    }
    rig.telemetry.store();
    rig.connect();
    rig.clock.advance(700_000);
    rig.link.close();
    const before = rig.link.published.length;
    expect(before).toBe(1);
    rig.isClockKnown = true;
    rig.telemetry.onClockKnown();
    rig.connect();
    serve(rig, 10);
    const again = rig.received(rig.link.published.slice(before));
    expect(again.map(({ ts }) => ts)).toEqual(again.map(({ value }) => start + 10 * Number(value)));
    expect(rig.telemetry).toMatchObject({ delivered: 200, depth: 0 });
  });

  test.each([
    ["by the limits of the program", { maxCount: 1 }, undefined],
    ["by those of the server", {}, 60],
  ])("stays acknowledged in a full journal, one datum a message %s", (_why, options, maxPayload) => {
    const flash = new FakeFlash({ blocks: 8, blockLength: 4_096 });
    const first = new Rig({ flash });
    for (let number = 0; number < 9_000; number += 1) {
      first.telemetry.record("k", number % 60);
      first.clock.advance(10);
      if (number % 200 === 0) first.telemetry.store();
    }
    first.telemetry.store();
    const rig = new Rig({ flash, ...options });
    if (maxPayload !== undefined) rig.link.maxPayload = maxPayload;
    const { recovered } = rig.telemetry;
    rig.connect();
    for (let round = 0; round < 1_500; round += 1) {
      rig.clock.advance(50);
      rig.link.acknowledge();
    }
    expect(rig.log.reasons("telemetry.journal-failed")).toEqual([]);
    const { delivered } = rig.telemetry;
    expect(delivered).toBeGreaterThan(1_000);
    // In the last free block, sixteen data are acknowledged together.
    const again = new Rig({ flash }).telemetry.recovered - (recovered - delivered);
    expect(again).toBeGreaterThanOrEqual(0);
    expect(again).toBeLessThan(16);
  });
});

describe("Telemetry, odd cases", () => {
  test("a handler of quarantined data that throws upsets nothing, and the next one is called too", () => {
    const flash = new FakeFlash({ blocks: 8, blockLength: 4_096 });
    fill(flash, 3);
    const rig = new Rig({ flash });
    const told: string[] = [];
    rig.telemetry.onQuarantined(() => {
      throw new RangeError("values: too long");
    });
    rig.telemetry.onQuarantined((key) => told.push(key));
    for (let round = 0; round < 200 && told.length === 0; round += 1) {
      rig.connect();
      rig.clock.advance(3_000);
      rig.link.close();
      rig.clock.advance(100);
    }
    expect(told).toEqual(["k"]);
    expect(rig.log.reasons("telemetry.refused")).toContain("handler-failed");
    expectBalance(rig.telemetry);
    rig.connect();
    serve(rig, 20);
    expect(rig.telemetry).toMatchObject({ delivered: 2, quarantined: 1, dropped: 0, depth: 0 });
  });

  test.each([true, false])(
    "an alarm goes at once although its sample fills the queue, with a journal: %s",
    (hasJournal) => {
      const flash = hasJournal ? new FakeFlash({ blocks: 8, blockLength: 4_096 }) : undefined;
      const hour = 3_600_000;
      const rig = new Rig({ flash, capacity: 1_024, maxAge: hour, maxCount: 1_000, storeAfter: hour });
      rig.telemetry.setRule("alarm", { maximum: 10 });
      rig.connect();
      rig.clock.advance(10);
      // The text takes what is left but two bytes, and so the alarm has no room.
      while (1_024 - rig.telemetry.depthBytes > 306 + 13) rig.telemetry.record("x", "abcde");
      while (1_024 - rig.telemetry.depthBytes > 306 + 2) rig.telemetry.record("b", true);
      rig.telemetry.record({ x: "a".repeat(300), alarm: 50 });
      rig.clock.advance(1_000);
      expect(rig.received().map(({ key }) => key)).toContain("alarm");
    },
  );

  test("a change by exactly the share of the deadband is none", () => {
    for (let percent = 1; percent <= 100; percent += 1) {
      const rig = new Rig();
      rig.telemetry.setRule("k", { deadbandPercent: percent });
      rig.telemetry.record("k", 100);
      rig.telemetry.record("k", 100 + percent);
      expect([percent, rig.telemetry.suppressed]).toEqual([percent, 1]);
      rig.telemetry.record("k", 100.01 + percent);
      expect([percent, rig.telemetry.suppressed]).toEqual([percent, 1]);
    }
  });
});
