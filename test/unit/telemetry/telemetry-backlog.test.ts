// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash } from "../../fakes/flash.js";
import { boot, Rig } from "./rig.js";

/** A sample per millisecond under one key, from `first` to `last`. */
function record(rig: Rig, first: number, last: number): void {
  for (let sample = first; sample <= last; sample += 1) {
    rig.telemetry.record("a", sample);
    rig.clock.advance(1);
  }
}

/** A rig whose journal holds the samples 1 to `count`, from an outage of this boot. */
function afterOutage(count: number, options: Partial<TelemetryOptions> = {}): Rig {
  const rig = new Rig({ flash: new FakeFlash(), ...options });
  record(rig, 1, count);
  rig.telemetry.store();
  expect(rig.telemetry).toMatchObject({ depth: count, journaled: count, depthBytes: 0 });
  return rig;
}

/** Samples of every message since `from`. */
function messages(rig: Rig, from = 0): unknown[][] {
  return rig.link.published.slice(from).map((published) => rig.received([published]).map(({ value }) => value));
}

function samples(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function expectBalance(rig: Rig): void {
  const { recorded, recovered, delivered, dropped, refused, quarantined, depth } = rig.telemetry;
  expect(delivered + dropped + refused + quarantined + depth).toBe(recorded + recovered);
}

describe("Telemetry, backlog", () => {
  test("stores what waited too long without a session, and nothing sooner", () => {
    const rig = new Rig({ flash: new FakeFlash(), storeAfter: 5_000 });
    rig.telemetry.record("a", 1);
    rig.clock.advance(4_999);
    expect(rig.telemetry).toMatchObject({ stored: 0, journaled: 0 });
    rig.telemetry.record("a", 2);
    rig.clock.advance(1);
    expect(rig.telemetry).toMatchObject({ stored: 2, journaled: 2, depth: 2, depthBytes: 0 });
    expect(rig.log.events()).toContain("telemetry.stored");
  });

  test("leaves what waits for a session's answer alone five times as long", () => {
    const rig = new Rig({ flash: new FakeFlash(), storeAfter: 2_000 });
    rig.connect();
    rig.link.room = 0;
    rig.telemetry.record("a", 1);
    rig.clock.advance(9_999);
    expect(rig.telemetry.stored).toBe(0);
    rig.clock.advance(1);
    expect(rig.telemetry).toMatchObject({ stored: 1, depth: 1, depthBytes: 0 });
  });

  test("does not store what only waits for company in its message", () => {
    const rig = new Rig({ flash: new FakeFlash(), storeAfter: 2_000, maxAge: 60_000 });
    rig.connect();
    for (let second = 0; second < 300; second += 1) {
      rig.telemetry.record("a", second);
      rig.clock.advance(1_000);
      rig.link.acknowledge();
    }
    expect(rig.telemetry.stored).toBe(0);
    expect(rig.link.published).toHaveLength(5);
  });

  test("does not store what is under way before its fate is known", () => {
    const rig = new Rig({ flash: new FakeFlash(), storeAfter: 2_000, maxAge: 0 });
    rig.connect();
    record(rig, 1, 3);
    rig.clock.advance(60_000);
    expect(rig.telemetry).toMatchObject({ stored: 0, inFlight: 3 });
    rig.link.close();
    rig.clock.advance(2_000);
    expect(rig.telemetry).toMatchObject({ stored: 3, depth: 3, inFlight: 0 });
  });

  test("sends live data first and the backlog behind them, each datum with its time", () => {
    const rig = afterOutage(3);
    rig.clock.advance(60_000);
    rig.telemetry.record("live", 4);
    rig.link.open();
    expect(rig.received()).toEqual([
      { ts: boot + 60_003, key: "live", value: 4 },
      ...[1, 2, 3].map((value) => ({ ts: boot + value - 1, key: "a", value })),
    ]);
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ delivered: 4, depth: 0, batches: 2, inFlight: 0 });
  });

  test("has one message of the backlog under way at a time", () => {
    const rig = afterOutage(25, { maxCount: 10 });
    rig.connect();
    expect(messages(rig)).toEqual([samples(1, 10)]);
    rig.clock.advance(10_000);
    expect(rig.telemetry).toMatchObject({ inFlight: 1, batches: 1 });
    rig.link.acknowledge();
    expect(messages(rig, 1)).toEqual([samples(11, 20)]);
    rig.link.acknowledge();
    rig.link.acknowledge();
    expect(messages(rig, 2)).toEqual([samples(21, 25)]);
    expect(rig.telemetry).toMatchObject({ delivered: 25, depth: 0, inFlight: 0 });
  });

  test("sends again what a session took with it, as a duplicate, and never what was acknowledged", () => {
    const flash = new FakeFlash();
    const rig = afterOutage(25, { maxCount: 10, flash });
    rig.connect();
    rig.link.acknowledge();
    rig.link.close();
    expectBalance(rig);
    rig.link.open();
    expect(messages(rig)).toEqual([samples(1, 10), samples(11, 20), samples(11, 20)]);
    expect(rig.link.published.map(({ isDuplicate }) => isDuplicate)).toEqual([false, false, true]);
    rig.link.acknowledge();
    const next = new Rig({ flash });
    next.connect();
    expect(next.telemetry).toMatchObject({ recovered: 5, depth: 5 });
    expect(messages(next)).toEqual([samples(21, 25)]);
  });

  test("goes on by itself while there is nothing else to send", () => {
    const rig = afterOutage(1_000, { maxCount: 10 });
    rig.connect();
    for (let round = 0; round < 120; round += 1) rig.link.acknowledge();
    expect(rig.received().map(({ value }) => value)).toEqual(samples(1, 1_000));
    expect(rig.telemetry).toMatchObject({ delivered: 1_000, depth: 0 });
    rig.clock.advance(60_000);
    expect(rig.clock.pending).toBeUndefined();
  });

  test("refuses what the largest message cannot hold, and delivers the rest without being prompted", () => {
    const rig = new Rig({ flash: new FakeFlash() });
    for (const value of ["x".repeat(400), 1, "y".repeat(400), "z".repeat(400), 2, "end".repeat(150)])
      rig.telemetry.record("a", value);
    rig.telemetry.store();
    rig.link.maxPayload = 200;
    rig.connect();
    for (let round = 0; round < 3; round += 1) rig.link.acknowledge();
    expect(rig.received().map(({ value }) => value)).toEqual([1, 2]);
    expect(rig.telemetry).toMatchObject({ delivered: 2, refused: 4, depth: 0, journaled: 0 });
    expect(rig.log.reasons("telemetry.refused")).toContain("value-refused");
    expectBalance(rig);
  });

  test("publishes in smaller messages what no longer fits into one", () => {
    const rig = afterOutage(100);
    rig.connect();
    rig.link.close();
    rig.link.maxPayload = 300;
    rig.link.maxDataPoints = 7;
    rig.link.open();
    for (let round = 0; round < 20; round += 1) rig.link.acknowledge();
    const [first, ...rest] = messages(rig);
    expect(first).toHaveLength(100);
    expect(rest.every((message) => message.length <= 7)).toBe(true);
    expect(rest.flat()).toEqual(samples(1, 100));
    expect(rig.telemetry).toMatchObject({ delivered: 100, refused: 0, depth: 0 });
  });

  test("stores everything for a shutdown, so that the next boot delivers it", () => {
    const flash = new FakeFlash();
    const rig = new Rig({ flash, maxAge: 0 });
    rig.connect();
    record(rig, 1, 3);
    rig.link.acknowledgeAt(1);
    record(rig, 4, 5);
    rig.link.close("session-stopped");
    rig.telemetry.store();
    expect(rig.telemetry).toMatchObject({ delivered: 1, stored: 4, depth: 4, depthBytes: 0 });
    const next = new Rig({ flash });
    next.connect();
    expect(messages(next)).toEqual([[1, 3, 4, 5]]);
    next.link.acknowledge();
    expect(next.telemetry).toMatchObject({ recovered: 4, delivered: 4, depth: 0 });
  });
});

describe("Telemetry, backlog and queue that are full", () => {
  /** About 100 bytes each, so that ten fill the smallest queue. */
  function fill(rig: Rig, first: number, last: number): boolean[] {
    return samples(first, last).map((sample) => rig.telemetry.record("a", `${sample} ${"x".repeat(90)}`));
  }

  /** Numbers of the data in the messages since `from`. */
  function numbers(rig: Rig, from = 0): number[] {
    return messages(rig, from)
      .flat()
      .map((value) => Number.parseInt(String(value), 10));
  }

  function deliverAll(rig: Rig): void {
    if (!rig.link.isOpen) rig.connect();
    for (let round = 0; round < 400 && rig.telemetry.depth > 0; round += 1) {
      rig.clock.advance(1_000);
      rig.link.acknowledge();
      expectBalance(rig);
    }
  }

  test("a queue that overflows within one turn moves to the journal", () => {
    const rig = new Rig({ flash: new FakeFlash(), capacity: 1_024 });
    expect(fill(rig, 1, 100).every((isKept) => isKept)).toBe(true);
    expect(rig.telemetry.stored).toBeGreaterThan(80);
    expect(rig.telemetry).toMatchObject({ recorded: 100, dropped: 0, depth: 100 });
    deliverAll(rig);
    expect(numbers(rig).sort((a, b) => a - b)).toEqual(samples(1, 100));
  });

  test("what is under way moves there too, is sent twice and counted once", () => {
    const rig = new Rig({ flash: new FakeFlash(), capacity: 1_024, maxAge: 0 });
    rig.connect();
    fill(rig, 1, 4);
    rig.clock.advance(0);
    expect(rig.telemetry.inFlight).toBe(1);
    fill(rig, 5, 60);
    expectBalance(rig);
    rig.link.acknowledge();
    expectBalance(rig);
    expect(rig.telemetry).toMatchObject({ dropped: 0 });
    deliverAll(rig);
    expect(rig.telemetry).toMatchObject({ delivered: 60, dropped: 0, depth: 0, depthBytes: 0 });
    expect(new Set(numbers(rig))).toEqual(new Set(samples(1, 60)));
  });

  test("a full journal gives up its oldest block, and the newest data are delivered", () => {
    const rig = new Rig({ flash: new FakeFlash(), capacity: 1_024 });
    fill(rig, 1, 500);
    const { dropped } = rig.telemetry;
    expect(dropped).toBeGreaterThan(100);
    expectBalance(rig);
    deliverAll(rig);
    expect(numbers(rig).sort((a, b) => a - b)).toEqual(samples(dropped + 1, 500));
    expect(rig.telemetry).toMatchObject({ delivered: 500 - dropped, depth: 0 });
  });

  test("a full journal with whenJournalFull drop-newest keeps the oldest, and says so to the caller", () => {
    const rig = new Rig({ flash: new FakeFlash(), capacity: 1_024, whenJournalFull: "drop-newest" });
    const kept = fill(rig, 1, 500).filter((isKept) => isKept).length;
    expect(kept).toBeLessThan(400);
    expect(rig.telemetry).toMatchObject({ recorded: 500, dropped: 500 - kept, depth: kept });
    deliverAll(rig);
    expect(numbers(rig).sort((a, b) => a - b)).toEqual(samples(1, kept));
  });

  test.each(["acknowledged", "lost"])(
    "a block that is given up while its oldest data are under way keeps the balance when these are %s",
    (fate) => {
      const rig = new Rig({ flash: new FakeFlash(), capacity: 1_024, maxCount: 5 });
      fill(rig, 1, 250);
      rig.link.open();
      const backlogMessage = messages(rig).findIndex((message) => String(message[0]).startsWith("1 "));
      expect(backlogMessage).toBeGreaterThanOrEqual(0);
      rig.link.room = 0;
      for (let sample = 251; rig.telemetry.dropped === 0; sample += 1) {
        fill(rig, sample, sample);
        expectBalance(rig);
      }
      const { dropped, delivered, depth, inFlight } = rig.telemetry;
      if (fate === "acknowledged") rig.link.acknowledgeAt(backlogMessage);
      else rig.link.close();
      expectBalance(rig);
      expect(rig.telemetry.depth).toBe(depth - 5);
      if (fate === "acknowledged") expect(rig.telemetry).toMatchObject({ delivered: delivered + 5, dropped });
      else expect(rig.telemetry).toMatchObject({ delivered, dropped: dropped + 5, inFlight: 0 });
      expect(inFlight).toBeGreaterThan(0);
      rig.link.relieve();
      const from = rig.link.published.length;
      deliverAll(rig);
      expect(rig.telemetry).toMatchObject({ depth: 0, inFlight: 0 });
      expect(numbers(rig, from)).not.toContain(1);
    },
  );

  test.each([
    ["spill", true, 1],
    ["drop-oldest", true, 91],
    ["drop-newest", true, 1],
    ["spill", false, 91],
    ["drop-oldest", false, 91],
    ["drop-newest", false, 1],
  ] as const)("whenFull %s, with a flash: %s, the oldest to be delivered is %s", (whenFull, hasFlash, oldest) => {
    const rig = new Rig({ capacity: 1_024, whenFull, ...(hasFlash ? { flash: new FakeFlash() } : {}) });
    fill(rig, 1, 100);
    const isSpill = whenFull === "spill" && hasFlash;
    expect(rig.telemetry.stored > 0).toBe(isSpill);
    expect(rig.telemetry.dropped).toBe(isSpill ? 0 : 90);
    rig.clock.advance(60_000);
    expect(rig.telemetry.stored).toBe(isSpill ? 100 : 0);
    rig.connect();
    expect(numbers(rig)[0]).toBe(oldest);
  });

  test("without a flash, whenJournalFull is what a full queue does under spill", () => {
    const rig = new Rig({ capacity: 1_024, whenJournalFull: "drop-newest" });
    expect(fill(rig, 1, 100).filter((isKept) => isKept).length).toBe(rig.telemetry.depth);
    rig.connect();
    expect(numbers(rig)[0]).toBe(1);
  });

  test("delivers what an earlier boot stored, whatever happens to new data", () => {
    const flash = new FakeFlash();
    afterOutage(5, { flash });
    for (const whenFull of ["drop-oldest", "drop-newest"] as const) {
      const rig = new Rig({ flash, whenFull });
      rig.connect();
      expect(messages(rig)).toEqual([samples(1, 5)]);
    }
  });
});

describe("Telemetry, backlog and the clock", () => {
  test("waits for the time of data that have none, up to ten minutes, and then leaves that to the server", () => {
    const rig = new Rig({ flash: new FakeFlash() });
    rig.isClockKnown = false;
    record(rig, 1, 2);
    rig.telemetry.store();
    rig.connect();
    rig.clock.advance(30_000 + 599_999);
    expect(rig.link.published).toEqual([]);
    rig.clock.advance(1);
    rig.link.acknowledge();
    rig.link.acknowledge();
    expect(rig.received()).toEqual([1, 2].map((value) => ({ ts: undefined, key: "a", value })));
    expect(rig.telemetry).toMatchObject({ delivered: 2, undated: 2, depth: 0 });
  });

  test("waits ten minutes in all sessions together, and in each as long as new data do", () => {
    const rig = new Rig({ flash: new FakeFlash() });
    rig.isClockKnown = false;
    record(rig, 1, 3);
    rig.telemetry.store();
    for (let session = 0; session < 3; session += 1) {
      rig.connect();
      rig.clock.advance(30_000 + 150_000);
      rig.link.close();
      rig.clock.advance(60_000);
    }
    rig.connect();
    rig.clock.advance(30_000 + 149_999);
    expect(rig.link.published).toEqual([]);
    rig.clock.advance(1);
    for (let message = 0; message < 3; message += 1) rig.link.acknowledge();
    expect(rig.received()).toEqual([1, 2, 3].map((value) => ({ ts: undefined, key: "a", value })));
    rig.link.close();
    record(rig, 4, 4);
    rig.telemetry.store();
    rig.connect();
    rig.clock.advance(29_999);
    expect(messages(rig, 3)).toEqual([]);
    rig.clock.advance(1);
    expect(messages(rig, 3)).toEqual([[4]]);
  });

  test("does not store what a live session has while it waits for the clock, so that it goes with the first undated data", () => {
    const rig = new Rig({ flash: new FakeFlash() });
    rig.isClockKnown = false;
    rig.connect();
    for (let second = 0; second < 33; second += 1) {
      rig.telemetry.record("a", second);
      rig.clock.advance(1_000);
      while (rig.telemetry.inFlight > 0) rig.link.acknowledge();
    }
    expect(rig.telemetry).toMatchObject({ stored: 0, delivered: 33, undated: 33, depth: 0 });
  });

  test("loses nothing of what waited for a clock that never comes, whatever is recorded meanwhile", () => {
    const rig = new Rig({ flash: new FakeFlash() });
    rig.isClockKnown = false;
    record(rig, 1, 20);
    rig.telemetry.store();
    rig.connect();
    for (let sample = 0; sample < 70; sample += 1) {
      rig.telemetry.record("a", sample);
      rig.clock.advance(10_000);
      while (rig.telemetry.inFlight > 0) rig.link.acknowledge();
      if (sample === 60) expect(rig.telemetry.journaled).toBe(20);
    }
    expect(rig.telemetry).toMatchObject({ delivered: 90, undated: 90, depth: 0, journaled: 0 });
  });

  test("dates what it stored before the clock was known", () => {
    const rig = new Rig({ flash: new FakeFlash() });
    rig.isClockKnown = false;
    record(rig, 1, 2);
    rig.telemetry.store();
    rig.connect();
    rig.clock.advance(100_000);
    rig.isClockKnown = true;
    rig.telemetry.onClockKnown();
    rig.clock.advance(0);
    expect(rig.received()).toEqual([1, 2].map((value) => ({ ts: boot + value - 1, key: "a", value })));
  });

  test("sends the dated data of an earlier boot while the new ones wait for the clock", () => {
    const flash = new FakeFlash();
    afterOutage(3, { flash });
    const rig = new Rig({ flash, storeAfter: 3_600_000 });
    rig.isClockKnown = false;
    rig.telemetry.record("new", 4);
    rig.connect();
    expect(rig.received()).toEqual([1, 2, 3].map((value) => ({ ts: boot + value - 1, key: "a", value })));
    rig.link.acknowledge();
    rig.clock.advance(29_999);
    expect(rig.link.published).toHaveLength(1);
    rig.clock.advance(1);
    expect(messages(rig, 1)).toEqual([[4]]);
    expect(rig.telemetry.undated).toBe(1);
  });
});

describe("Telemetry, options of the backlog", () => {
  test.each([
    [{ whenFull: "drop" }, "whenFull: no such policy"],
    [{ whenJournalFull: "spill" }, "whenJournalFull: no such policy"],
    [{ storeAfter: -1 }, "storeAfter"],
    [{ storeAfter: 3_600_001 }, "storeAfter"],
    [{ storeAfter: 1.5 }, "storeAfter"],
    [{ backlogShare: 0 }, "backlogShare"],
    [{ backlogShare: 101 }, "backlogShare"],
    [{ backlogShare: "50" }, "backlogShare"],
  ])("refuses %j", (options, message) => {
    expect(() => new Rig(options as Partial<TelemetryOptions>)).toThrow(message);
  });

  test("takes the bounds", () => {
    for (const options of [{ storeAfter: 0 }, { storeAfter: 3_600_000 }, { backlogShare: 1 }, { backlogShare: 100 }])
      expect(() => new Rig(options)).not.toThrow();
  });

  test("stores in the next turn with storeAfter 0", () => {
    const rig = new Rig({ flash: new FakeFlash(), storeAfter: 0 });
    rig.telemetry.record("a", 1);
    rig.clock.advance(0);
    expect(rig.telemetry.stored).toBe(1);
  });
});
