// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { localLimits } from "../../../modules/session/pacing.js";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash } from "../../fakes/flash.js";
import { PacedLink } from "./paced-link.js";
import { dataOf, Rig } from "./rig.js";

/** A rig whose journal holds `count` data of an earlier boot, in messages of ten. */
function afterOutage(count: number, options: Partial<TelemetryOptions> = {}): Rig {
  const flash = new FakeFlash({ blocks: 64 });
  const { telemetry } = new Rig({ flash });
  for (let sample = 0; sample < count; sample += 1) telemetry.record("old", sample);
  telemetry.store();
  const rig = new Rig({ flash, maxCount: 10, maxAge: 0, ...options });
  expect(rig.telemetry.recovered).toBe(count);
  return rig;
}

/** "o" for a message of the backlog, "n" for one of new data. */
function kinds(rig: Rig, from = 0): string {
  const { published } = rig.link;
  return published
    .slice(from)
    .map(({ payload }) => (payload.includes('"old"') ? "o" : "n"))
    .join("");
}

function count(text: string, kind: string): number {
  return text.split(kind).length - 1;
}

/** Lets one message through at a time while new data wait all along. */
function saturate(rig: Rig, rounds: number): string {
  rig.link.room = 0;
  rig.connect();
  for (let round = 0; round < rounds; round += 1) {
    for (let sample = 0; sample < 20; sample += 1) rig.telemetry.record("new", sample);
    rig.clock.advance(1);
    rig.link.relieve(1);
    rig.link.acknowledge();
  }
  return kinds(rig);
}

describe("Telemetry, share of the backlog", () => {
  test.each([
    [10, "nnnnnnnnno"],
    [20, "nnnno"],
    [25, "nnno"],
    [40, "nnono"],
    [50, "no"],
    [75, "nooo"],
    [90, "nooooooooo"],
  ])("is %d percent of the messages while new data compete", (backlogShare, pattern) => {
    const rig = afterOutage(5_000, { backlogShare, capacity: 131_072, storeAfter: 3_600_000 });
    expect(saturate(rig, pattern.length * 4)).toBe(pattern.repeat(4));
  });

  test("leaves new data one message in a hundred even where it is the whole", () => {
    const rig = afterOutage(5_000, { backlogShare: 100, capacity: 131_072, storeAfter: 3_600_000 });
    const sent = saturate(rig, 250);
    expect(count(sent, "n")).toBe(3);
    expect(sent.indexOf("n", 1)).toBe(101);
  });

  test("is all the messages while there are no new data, of what the limits leave", () => {
    for (const backlogShare of [10, 50, 100]) {
      const rig = afterOutage(100, { backlogShare });
      rig.link.spare = 1 - backlogShare / 100 - 0.01;
      rig.connect();
      expect(rig.link.published).toHaveLength(0);
      rig.link.spare += 0.01;
      rig.link.relieve();
      expect(rig.link.published).toHaveLength(1);
      rig.link.spare = 1;
      for (let round = 0; round < 10; round += 1) rig.link.acknowledge();
      expect(rig.telemetry).toMatchObject({ delivered: 100, depth: 0 });
    }
  });

  test("does not come out of the reserve for new data because some were sent before", () => {
    const rig = afterOutage(1_000);
    rig.connect();
    for (let sample = 0; sample < 10; sample += 1) {
      rig.telemetry.record("new", sample);
      rig.clock.advance(100);
      rig.link.acknowledge();
    }
    rig.link.spare = 0.4;
    rig.link.acknowledge();
    const from = rig.link.published.length;
    rig.telemetry.record("new", 11);
    rig.clock.advance(100);
    expect(kinds(rig, from)).toBe("n");
  });

  test("is kept although the backlog's message is under way most of the time", () => {
    const rig = afterOutage(5_000, { capacity: 131_072, storeAfter: 3_600_000 });
    rig.connect();
    rig.link.room = 0;
    rig.link.acknowledge();
    const from = rig.link.published.length;
    for (let round = 0; round < 60; round += 1) {
      for (let sample = 0; sample < 20; sample += 1) rig.telemetry.record("new", sample);
      rig.clock.advance(1);
      rig.link.relieve(1);
      // An answer takes as long as two messages.
      if (round > 1) rig.link.acknowledge(1);
    }
    const sent = kinds(rig, from);
    expect(count(sent, "o")).toBeGreaterThanOrEqual(19);
    expect(count(sent, "n")).toBeGreaterThanOrEqual(30);
  });
});

describe("Telemetry and the rate limits of a server", () => {
  /** Runs a paced link for `seconds` with new data four times a second; returns how old each was when it was published. */
  function run(rig: Rig, link: PacedLink, seconds: number, perTick = 1): number[] {
    const ages: number[] = [];
    for (let tick = 0; tick < seconds * 4; tick += 1) {
      for (let sample = 0; sample < perTick; sample += 1) rig.telemetry.record(`new ${sample}`, rig.clock.now);
      rig.clock.advance(250);
    }
    for (const { payload, at } of link.sent)
      for (const { key, value } of dataOf({ topic: "v2/t", payload }))
        if (key === "new 0") ages.push(at - Number(value));
    return ages;
  }

  test.each([
    ["10 messages a second", { telemetryMessages: [{ count: 10, period: 1_000 }] }],
    [
      "10 messages a second and 300 a minute",
      {
        telemetryMessages: [
          { count: 10, period: 1_000 },
          { count: 300, period: 60_000 },
        ],
      },
    ],
    [
      "data points, too",
      {
        telemetryMessages: [{ count: 10, period: 1_000 }],
        telemetryDataPoints: [
          { count: 300, period: 1_000 },
          { count: 6_000, period: 60_000 },
        ],
      },
    ],
  ])("5,000 data drain under a limit of %s while new ones go within two seconds", (_name, limits) => {
    const rig = afterOutage(5_000, { maxAge: 500, maxCount: 100 });
    const link = new PacedLink(rig, { ...localLimits, telemetryDataPoints: [], ...limits });
    link.open();
    const ages = run(rig, link, 60);
    expect(link.violations).toEqual([]);
    expect(ages.length).toBeGreaterThan(230);
    expect(Math.max(...ages)).toBeLessThan(2_000);
    expect(rig.telemetry.journaled).toBe(0);
  });

  test.each([10, 50, 90])(
    "neither starves when new data alone use up the data points, with a share of %d",
    (backlogShare) => {
      const rig = afterOutage(5_000, { backlogShare, maxCount: 100, maxAge: 0, whenFull: "drop-oldest" });
      const link = new PacedLink(rig, { ...localLimits, telemetryDataPoints: [{ count: 300, period: 60_000 }] });
      link.open();
      run(rig, link, 60);
      const before = { journaled: rig.telemetry.journaled, delivered: rig.telemetry.delivered };
      run(rig, link, 240, 3);
      expect(link.violations).toEqual([]);
      const drained = before.journaled - rig.telemetry.journaled;
      const delivered = rig.telemetry.delivered - before.delivered;
      expect(drained / delivered).toBeGreaterThan(backlogShare / 250);
      expect(drained / delivered).toBeLessThan(0.5 + backlogShare / 200);
    },
  );
});
