// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { boot, Rig } from "./rig.js";

describe("Telemetry", () => {
  test("sends a datum with its own time after waiting for company", () => {
    const { telemetry, clock, link, ...rig } = new Rig();
    link.open();
    clock.advance(5_000);
    telemetry.record("temperature", 21.5);
    clock.advance(999);
    expect(link.published).toEqual([]);
    clock.advance(1);
    expect(link.published).toHaveLength(1);
    expect(link.published[0]).toMatchObject({ topic: "v2/t", QoS: 1, isDuplicate: false, dataPoints: 1 });
    expect(link.published[0]?.payload).toBe(`{"ts":${boot + 5_000},"values":{"temperature":21.5}}`);
    expect(rig.log.entries).toEqual([]);
  });

  test("goes on sending, sample after sample", () => {
    const rig = new Rig();
    rig.connect();
    for (let sample = 0; sample < 5; sample += 1) {
      rig.telemetry.record("a", sample);
      rig.clock.advance(5_000);
      rig.link.acknowledge();
    }
    expect(rig.received().map(({ value }) => value)).toEqual([0, 1, 2, 3, 4]);
    expect(rig.telemetry).toMatchObject({
      recorded: 5,
      delivered: 5,
      depth: 0,
      depthBytes: 0,
      batches: 5,
      inFlight: 0,
    });
  });

  test("keeps every kind of value, exactly", () => {
    const rig = new Rig();
    const values = {
      integer: -40,
      big: 2 ** 50,
      tenths: 21.5,
      thousandths: -0.001,
      number: Math.PI,
      huge: 1e21,
      true: true,
      false: false,
      string: 'ü€😀 "\\\n',
      empty: "",
      object: { a: [1, null, { b: "c" }] },
      array: [],
      map: new Map([["k", 1]]),
    };
    rig.connect();
    rig.telemetry.record(values);
    rig.telemetry.flush();
    rig.clock.advance(0);
    expect(rig.messages()).toEqual([[{ ts: boot, values: { ...values, map: { k: 1 } } }]]);
  });

  test("groups what has one instant, and begins another group where a key comes again", () => {
    const rig = new Rig();
    rig.connect();
    rig.telemetry.record({ a: 1, b: 2 });
    rig.telemetry.record("c", 3);
    rig.telemetry.record("a", 4);
    rig.telemetry.record("b", 5);
    rig.clock.advance(10);
    rig.telemetry.record("a", 6);
    rig.telemetry.flush();
    rig.clock.advance(0);
    expect(rig.messages()).toEqual([
      [
        { ts: boot, values: { a: 1, b: 2, c: 3 } },
        { ts: boot, values: { a: 4, b: 5 } },
        { ts: boot + 10, values: { a: 6 } },
      ],
    ]);
  });

  test("counts what it has and what it sent", () => {
    const rig = new Rig();
    rig.connect();
    rig.telemetry.record({ a: 1, b: 2, c: 3 });
    expect(rig.telemetry).toMatchObject({ recorded: 3, depth: 3, inFlight: 0, batches: 0, delivered: 0 });
    expect(rig.telemetry.depthBytes).toBeGreaterThan(0);
    rig.clock.advance(1_000);
    expect(rig.telemetry).toMatchObject({ recorded: 3, depth: 3, inFlight: 1, batches: 1, delivered: 0 });
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({
      recorded: 3,
      depth: 0,
      depthBytes: 0,
      inFlight: 0,
      batches: 1,
      delivered: 3,
    });
  });

  test("sends nothing inside record and flush", () => {
    const rig = new Rig({ maxCount: 2 });
    rig.connect();
    for (let sample = 0; sample < 5; sample += 1) rig.telemetry.record("a", sample);
    rig.telemetry.flush();
    expect(rig.link.published).toEqual([]);
    rig.clock.advance(0);
    expect(rig.link.published).toHaveLength(3);
  });
});
