// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Rig } from "./rig.js";

/** About 100 bytes of queue each, so that ten fill the smallest one. */
function record(rig: Rig, sample: number): boolean {
  return rig.telemetry.record("a", `${sample} ${"x".repeat(90)}`);
}

function samples(rig: Rig, from = 0): number[] {
  return rig.received(rig.link.published.slice(from)).map(({ value }) => Number.parseInt(String(value), 10));
}

describe("Telemetry, full", () => {
  test("drops the oldest by default, counts them and says so once in a minute", () => {
    const rig = new Rig({ capacity: 1_024 });
    for (let sample = 0; sample < 25; sample += 1) expect(record(rig, sample)).toBe(true);
    const { dropped, depth } = rig.telemetry;
    expect(dropped).toBeGreaterThan(10);
    expect(dropped + depth).toBe(25);
    expect(rig.log.reasons("telemetry.dropped")).toEqual(["queue-full"]);
    rig.connect();
    expect(samples(rig)).toEqual(Array.from({ length: depth }, (_, index) => dropped + index));
  });

  test("drops the newest when it is told to, and says so to the caller", () => {
    const rig = new Rig({ capacity: 1_024, whenFull: "drop-newest" });
    const kept = Array.from({ length: 25 }, (_, sample) => record(rig, sample)).filter((isKept) => isKept).length;
    expect(kept).toBeLessThan(15);
    expect(rig.telemetry).toMatchObject({ recorded: 25, depth: kept, dropped: 25 - kept });
    rig.connect();
    expect(samples(rig)).toEqual(Array.from({ length: kept }, (_, sample) => sample));
    rig.link.acknowledge();
    expect(record(rig, 25)).toBe(true);
  });

  test("counts as delivered what gave way under way and was acknowledged all the same", () => {
    const rig = new Rig({ capacity: 1_024, maxAge: 0 });
    rig.connect();
    for (let sample = 0; sample < 4; sample += 1) record(rig, sample);
    rig.clock.advance(0);
    for (let sample = 4; sample < 20; sample += 1) record(rig, sample);
    expect(rig.telemetry).toMatchObject({ delivered: 0, inFlight: 1 });
    const { dropped } = rig.telemetry;
    rig.link.acknowledge(1);
    expect(rig.telemetry).toMatchObject({ recorded: 20, delivered: 4, dropped });
    expect(rig.telemetry.depth).toBe(16 - dropped);
    rig.clock.advance(0);
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ delivered: 20 - dropped, depth: 0, depthBytes: 0 });
  });

  test("counts as dropped what gave way under way and was lost there", () => {
    const rig = new Rig({ capacity: 1_024, maxAge: 0 });
    rig.connect();
    for (let sample = 0; sample < 4; sample += 1) record(rig, sample);
    rig.clock.advance(0);
    for (let sample = 4; sample < 12; sample += 1) record(rig, sample);
    expect(rig.telemetry.dropped).toBe(0);
    const published = rig.link.published.length;
    rig.link.close();
    const { dropped } = rig.telemetry;
    expect(dropped).toBeGreaterThan(0);
    expect(dropped).toBeLessThan(4);
    rig.link.open();
    rig.link.acknowledge();
    expect(samples(rig, published)).toEqual(Array.from({ length: 12 - dropped }, (_, index) => dropped + index));
    expect(rig.telemetry).toMatchObject({ recorded: 12, delivered: 12 - dropped, depth: 0 });
  });

  test("goes on after everything under way gave way, in the middle of what is acknowledged out of turn", () => {
    const rig = new Rig({ capacity: 1_024, maxAge: 0, maxCount: 1 });
    rig.connect();
    for (let sample = 0; sample < 4; sample += 1) record(rig, sample);
    rig.clock.advance(0);
    rig.link.acknowledgeAt(2);
    for (let sample = 4; sample < 40; sample += 1) record(rig, sample);
    rig.link.acknowledgeAt(1);
    rig.link.close();
    rig.link.open();
    for (let round = 0; round < 10; round += 1) rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ recorded: 40, depth: 0, depthBytes: 0, inFlight: 0 });
    expect(rig.telemetry.delivered + rig.telemetry.dropped).toBe(40);
    expect(samples(rig).at(-1)).toBe(39);
  });

  test("frees what was acknowledged out of turn as soon as all before it is lost and gone", () => {
    const rig = new Rig({ capacity: 1_024, maxAge: 0, maxCount: 1, window: 2 });
    rig.connect();
    record(rig, 0);
    record(rig, 1);
    rig.clock.advance(0);
    rig.link.acknowledgeAt(1);
    for (let sample = 2; rig.telemetry.depthBytes < 900; sample += 1) record(rig, sample);
    rig.telemetry.record("fill", "x".repeat(100));
    const { depthBytes } = rig.telemetry;
    rig.link.close();
    expect(rig.telemetry).toMatchObject({ dropped: 1, delivered: 1 });
    expect(rig.telemetry.depthBytes).toBeLessThan(depthBytes - 90);
  });
});
