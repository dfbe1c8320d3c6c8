// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import type { Source } from "../../../modules/telemetry/source.js";
import { boot, Rig } from "./rig.js";

const gateway = "v1/gateway/telemetry";

function rigWith(options: Partial<TelemetryOptions> = {}): Rig {
  return new Rig({ maxSources: 255, maxAge: 0, ...options });
}

function sourceOf(rig: Rig, name: string): Source {
  const source = rig.telemetry.source(name);
  if (source === undefined) throw new Error(`no place for ${name}`);
  return source;
}

/** Payloads of the messages so far. */
function payloads(rig: Rig): unknown[] {
  return rig.link.published.map(({ payload }) => JSON.parse(payload) as unknown);
}

describe("Telemetry of sub-devices", () => {
  test("goes out on the gateway's topic under the name of the sub-device", () => {
    const rig = rigWith();
    const meter = sourceOf(rig, "meter");
    meter.record({ power: 12.5, on: true });
    rig.clock.advance(5);
    meter.record("state", "idle");
    rig.connect();
    expect(payloads(rig)).toEqual([
      {
        meter: [
          { ts: boot, values: { power: 12.5, on: true } },
          { ts: boot + 5, values: { state: "idle" } },
        ],
      },
    ]);
    expect(rig.link.published[0]).toMatchObject({ topic: gateway, QoS: 1, dataPoints: 3, devices: 1 });
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ recorded: 3, delivered: 3, depth: 0, depthBytes: 0 });
  });

  test("has the platform measure how long it was under way, once in a message, where its connector has a name", () => {
    const rig = rigWith({ connector: 'bus "1"' });
    for (const name of ["A", "B", "A"]) {
      sourceOf(rig, name).record("k", 1);
      rig.clock.advance(10);
    }
    rig.telemetry.record("own", 1);
    rig.clock.advance(70);
    rig.connect();
    const metadata = { connector: 'bus "1"', receivedTs: boot, publishedTs: boot + 100 };
    expect(payloads(rig)).toEqual([
      {
        A: [
          { metadata, ts: boot, values: { k: 1 } },
          { ts: boot + 20, values: { k: 1 } },
        ],
        B: [{ ts: boot + 10, values: { k: 1 } }],
      },
      { ts: boot + 30, values: { own: 1 } },
    ]);
    expect(rig.link.published[0]).toMatchObject({ dataPoints: 3, devices: 2 });
  });

  test("is not measured where the time is unknown, and where messages are so small that data might not fit beside it", () => {
    for (const [isClockKnown, maxPayload] of [
      [false, 8_192],
      [true, 3_000],
    ] as const) {
      const rig = rigWith({ connector: "c".repeat(64), clockPatience: 0 });
      rig.isClockKnown = isClockKnown;
      rig.link.maxPayload = maxPayload;
      sourceOf(rig, "A").record("k", "x".repeat(1_000));
      rig.connect();
      rig.clock.advance(1_000);
      expect(rig.link.published).toHaveLength(1);
      expect(rig.link.published[0]?.payload).not.toContain("metadata");
    }
  });

  test("names each sub-device once in a message, however their data are mixed", () => {
    const rig = rigWith();
    const [first, second] = [sourceOf(rig, "first"), sourceOf(rig, 'the "second"')];
    for (let round = 0; round < 3; round += 1) {
      first.record("a", round);
      second.record("a", 10 + round);
      first.record("b", round);
      rig.clock.advance(1);
    }
    rig.connect();
    const times = [boot, boot + 1, boot + 2];
    expect(payloads(rig)).toEqual([
      {
        first: times.map((ts, round) => ({ ts, values: { a: round, b: round } })),
        'the "second"': times.map((ts, round) => ({ ts, values: { a: 10 + round } })),
      },
    ]);
    expect(rig.link.published[0]).toMatchObject({ dataPoints: 9, devices: 2 });
  });

  test("keeps what comes twice under a key in one instant apart", () => {
    const rig = rigWith();
    const [first, second] = [sourceOf(rig, "first"), sourceOf(rig, "second")];
    first.record("a", 1);
    second.record("a", 2);
    first.record("a", 3);
    rig.connect();
    const [message] = payloads(rig) as Record<string, unknown>[];
    expect(message?.first).toEqual([
      { ts: boot, values: { a: 1 } },
      { ts: boot, values: { a: 3 } },
    ]);
  });

  test("does not share a message with the device's own, and keeps the order", () => {
    const rig = rigWith();
    const meter = sourceOf(rig, "meter");
    rig.telemetry.record("own", 1);
    meter.record("a", 2);
    meter.record("a", 3);
    rig.telemetry.record("own", 4);
    rig.connect();
    expect(rig.link.published.map(({ topic, devices }) => [topic, devices])).toEqual([
      ["v2/t", 0],
      [gateway, 1],
      ["v2/t", 0],
    ]);
    expect(rig.received().map(({ source, value }) => [source, value])).toEqual([
      [undefined, 1],
      ["meter", 2],
      ["meter", 3],
      [undefined, 4],
    ]);
  });

  test("fills a message to its last byte and not beyond, mixed or not", () => {
    for (let maxPayload = 100; maxPayload < 420; maxPayload += 1) {
      const rig = rigWith();
      rig.link.maxPayload = maxPayload;
      const sources = ["A", "BB", "a longer name"].map((name) => sourceOf(rig, name));
      for (let number = 0; number < 30; number += 1) {
        sources[(number * 7) % 3]?.record(`k${number % 2}`, number);
        if (number % 2 === 1) rig.clock.advance(1);
      }
      rig.connect();
      for (let round = 0; round < 40 && rig.telemetry.depth > 0; round += 1) {
        rig.clock.advance(10);
        rig.link.acknowledge();
      }
      expect(rig.telemetry).toMatchObject({ delivered: 30, depth: 0 });
      expect(new Set(rig.received().map(({ value }) => value)).size).toBe(30);
      for (const { payload } of rig.link.published) expect(payload.length).toBeLessThanOrEqual(maxPayload);
    }
  });

  test("fills a message as if each sub-device came once, although they take turns", () => {
    const rig = rigWith();
    const names = ["a".repeat(100), "b".repeat(100)];
    for (let number = 10; number < 74; number += 1) {
      sourceOf(rig, names[number % 2] as string).record("k", number);
      rig.clock.advance(1);
    }
    const datum = `{"ts":${boot},"values":{"k":10}},`;
    const frame = `{"${names[0]}":[],"${names[1]}":[]}`;
    // Two of them have no comma behind, and a byte is kept for a bracket that is there already.
    const length = frame.length + 32 * datum.length - 2;
    rig.link.maxPayload = length + 1;
    rig.connect();
    expect(rig.link.published.map(({ payload, dataPoints }) => [payload.length, dataPoints])).toEqual([
      [length, 32],
      [length, 32],
    ]);
  });

  test("does not tear an instant of a sub-device apart", () => {
    const rig = rigWith({ maxCount: 4 });
    const [first, second] = [sourceOf(rig, "first"), sourceOf(rig, "second")];
    first.record({ a: 1, b: 2, c: 3 });
    second.record({ a: 4, b: 5, c: 6 });
    rig.connect();
    expect(rig.link.published.map(({ dataPoints, devices }) => [dataPoints, devices])).toEqual([
      [3, 1],
      [3, 1],
    ]);
  });

  test("takes as many sub-devices into a message as the server's limits allow", () => {
    const rig = rigWith();
    rig.link.maxDevices = 2;
    const sources = ["A", "B", "C"].map((name) => sourceOf(rig, name));
    for (let number = 0; number < 9; number += 1) sources[number % 3]?.record("k", number);
    rig.connect();
    expect(rig.link.published.map(({ devices }) => devices)).toEqual([2, 2, 2, 2]);
    for (let round = 0; round < 5; round += 1) {
      rig.link.acknowledge();
      rig.clock.advance(10);
    }
    expect(rig.telemetry.delivered).toBe(9);
  });

  test("has as many of them as were asked for, and says so of one more", () => {
    const rig = rigWith({ maxSources: 2 });
    expect(rig.telemetry.source("A")).toBeDefined();
    expect(rig.telemetry.source("B")).toBeDefined();
    expect(rig.telemetry.source("C")).toBeUndefined();
    expect(rig.telemetry.source("A")).toBeDefined();
    expect(rig.log.reasons("telemetry.refused")).toEqual(["too-many-sources"]);
    expect(new Rig().telemetry.source("A")).toBeUndefined();
  });

  test("is no concern of a device without any: it never asks for their limits, which would be made then", () => {
    const rig = new Rig({ maxAge: 0 });
    Object.defineProperty(rig.link, "maxDevices", {
      get() {
        throw new Error("asked");
      },
    });
    rig.telemetry.record("own", 1);
    rig.connect();
    rig.telemetry.record("own", 2);
    rig.clock.advance(10);
    rig.link.acknowledge();
    expect(rig.telemetry.delivered).toBe(2);
  });

  test("goes to the same sub-device whoever asks for it", () => {
    const rig = rigWith();
    sourceOf(rig, "A").record("k", 1);
    sourceOf(rig, "A").record("k", 2);
    rig.connect();
    expect(rig.link.published).toHaveLength(1);
    expect(rig.received().map(({ source, value }) => [source, value])).toEqual([
      ["A", 1],
      ["A", 2],
    ]);
  });

  test.each(["constructor", "__proto__", "7", "ä€😀", "x".repeat(255), '"\\'])("takes %s for a name", (name) => {
    const rig = rigWith();
    sourceOf(rig, name).record("k", 1);
    sourceOf(rig, "other").record("k", 2);
    sourceOf(rig, name).record("k", 3);
    rig.connect();
    const [payload = ""] = rig.link.published.map(({ payload }) => payload);
    expect(payload.startsWith(`{${JSON.stringify(name)}:[`)).toBe(true);
    expect(Object.getOwnPropertyNames(JSON.parse(payload))).toHaveLength(2);
  });

  test("refuses names that are none, and the key that the platform keeps for itself", () => {
    const rig = rigWith();
    expect(() => rig.telemetry.source(7 as unknown as string)).toThrow(TypeError);
    expect(() => rig.telemetry.source(" ")).toThrow(RangeError);
    expect(() => rig.telemetry.source("ä".repeat(128))).toThrow(RangeError);
    expect(() => rig.telemetry.source("half of one \ud800")).toThrow(RangeError);
    const meter = sourceOf(rig, "meter");
    expect(() => meter.record("metadata", 1)).toThrow('"metadata" is reserved');
    expect(() => meter.record({ a: 1, metadata: 2 })).toThrow(RangeError);
    expect(rig.telemetry.recorded).toBe(0);
    expect(rig.telemetry.record("metadata", 1)).toBe(true);
  });

  test("has report rules for each sub-device and key", () => {
    const rig = rigWith();
    const [first, second] = [sourceOf(rig, "first"), sourceOf(rig, "second")];
    first.setRule("a", { mode: "on-change" });
    expect(second.overrideRule("b", "nonsense")).toBe("not an object");
    for (let round = 0; round < 3; round += 1) {
      for (const key of ["a", "b"]) {
        first.record(key, 1);
        second.record(key, 1);
        rig.telemetry.record(key, 1);
      }
      rig.clock.advance(1);
    }
    expect(rig.telemetry).toMatchObject({ suppressed: 2, recorded: 16 });
    first.setRule("a", { maximum: 5 });
    rig.connect();
    rig.link.relieve(0);
    second.record("b", 2);
    first.record("a", 9);
    rig.link.published.length = 0;
    rig.link.relieve();
    rig.link.acknowledge();
    rig.clock.advance(10);
    expect(rig.received().find(({ value }) => value === 9)).toMatchObject({ source: "first", key: "a" });
  });

  test("sends an urgent datum of a sub-device ahead", () => {
    const rig = rigWith({ maxCount: 1, maxAge: 60_000 });
    const [first, second] = [sourceOf(rig, "first"), sourceOf(rig, "second")];
    second.setRule("t", { maximum: 5 });
    rig.connect();
    rig.link.room = 0;
    for (let number = 0; number < 3; number += 1) first.record("t", number);
    second.record("t", 9);
    rig.clock.advance(1);
    rig.link.relieve();
    expect(rig.received()[0]).toMatchObject({ source: "second", key: "t", value: 9 });
  });

  test("without a time has one instant of each sub-device in a message", () => {
    const rig = rigWith({ clockPatience: 0 });
    rig.isClockKnown = false;
    const [first, second] = [sourceOf(rig, "first"), sourceOf(rig, "second")];
    first.record({ a: 1, b: 2 });
    rig.clock.advance(1);
    second.record("a", 3);
    first.record("a", 4);
    rig.connect();
    rig.clock.advance(10);
    rig.link.acknowledge();
    rig.clock.advance(10);
    expect(payloads(rig)).toEqual([{ first: [{ a: 1, b: 2 }], second: [{ a: 3 }] }, { first: [{ a: 4 }] }]);
    expect(rig.telemetry.undated).toBe(4);
  });

  test("counts a datum that no message can hold and names it", () => {
    const rig = rigWith();
    rig.link.maxPayload = 100;
    sourceOf(rig, "x".repeat(90)).record("k", 1);
    sourceOf(rig, "short").record("k", 2);
    rig.connect();
    expect(rig.telemetry.refused).toBe(1);
    const { detail } = rig.log.entries.find(({ event }) => event === "telemetry.refused") ?? {};
    expect(detail).toContain(`k of ${"x".repeat(90)}: larger than`);
    expect(rig.received()).toMatchObject([{ source: "short", value: 2 }]);
  });
});
