// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { boot, Rig } from "./rig.js";

function withoutClock(options: Partial<TelemetryOptions> = {}): Rig {
  const rig = new Rig(options);
  rig.isClockKnown = false;
  return rig;
}

describe("Telemetry, time", () => {
  test("dates what was recorded before the clock was known when it is sent after", () => {
    const rig = withoutClock();
    rig.clock.advance(100);
    rig.telemetry.record("a", 1);
    rig.connect();
    rig.clock.advance(9_000);
    expect(rig.link.published).toEqual([]);
    rig.isClockKnown = true;
    rig.clock.advance(250);
    expect(rig.received()).toEqual([{ ts: boot + 100, key: "a", value: 1 }]);
    expect(rig.telemetry.undated).toBe(0);
  });

  test("dates by the newest knowledge: what is sent again after a correction has the corrected time", () => {
    const rig = new Rig();
    rig.connect();
    rig.telemetry.record("a", 1);
    rig.clock.advance(1_000);
    rig.link.close();
    rig.offset = boot + 5;
    rig.link.open();
    expect(rig.received().map(({ ts }) => ts)).toEqual([boot, boot + 5]);
  });

  test("waits for the clock from when the session is live, not from when it is open", () => {
    const rig = withoutClock({ clockPatience: 10_000 });
    rig.telemetry.record("a", 1);
    rig.link.open();
    rig.clock.advance(60_000);
    rig.link.live();
    rig.clock.advance(9_999);
    expect(rig.link.published).toEqual([]);
    rig.clock.advance(1);
    expect(rig.received()).toEqual([{ ts: undefined, key: "a", value: 1 }]);
    expect(rig.telemetry.undated).toBe(1);
    expect(rig.log.reasons("telemetry.undated")).toEqual(["time-unavailable"]);
  });

  test("sends undated instants in messages of their own, since the server gives a message one time", () => {
    const rig = withoutClock({ clockPatience: 0 });
    rig.telemetry.record({ a: 1, b: 2 });
    rig.telemetry.record("a", 3);
    rig.clock.advance(1);
    rig.telemetry.record("a", 4);
    rig.connect();
    rig.clock.advance(1_000);
    expect(rig.link.published.map(({ payload }) => payload)).toEqual(['{"a":1,"b":2}', '{"a":3}', '{"a":4}']);
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ undated: 4, delivered: 4, batches: 3 });
  });

  test.each([
    ["ts", "values", "a"],
    ["values", "ts", "a"],
    ["a", "values", "ts"],
  ])("never lets an undated message look like a dated one, in the order %s, %s, %s", (...keys) => {
    const rig = withoutClock({ clockPatience: 0 });
    rig.telemetry.record(Object.fromEntries(keys.map((key, index) => [key, index])));
    rig.connect();
    rig.clock.advance(1_000);
    for (const groups of rig.messages())
      for (const group of groups) expect(Object.keys(group)).not.toEqual(expect.arrayContaining(["ts", "values"]));
    expect(rig.received().map(({ key, value }) => [key, value])).toEqual(keys.map((key, index) => [key, index]));
  });

  test("keeps data called ts and values apart from the time when it is known", () => {
    const rig = new Rig();
    rig.connect();
    rig.telemetry.record({ ts: 1, values: 2 });
    rig.clock.advance(1_000);
    expect(rig.link.published[0]?.payload).toBe(`{"ts":${boot},"values":{"ts":1,"values":2}}`);
  });

  test("dates again as soon as the clock is known after all", () => {
    const rig = withoutClock({ clockPatience: 0 });
    rig.connect();
    rig.telemetry.record("a", 1);
    rig.clock.advance(1_000);
    rig.isClockKnown = true;
    rig.telemetry.record("a", 2);
    rig.clock.advance(1_000);
    expect(rig.received().map(({ ts }) => ts)).toEqual([undefined, boot + 1_000]);
  });

  test("is patient again in every session", () => {
    const rig = withoutClock({ clockPatience: 5_000 });
    rig.connect();
    rig.telemetry.record("a", 1);
    rig.clock.advance(5_000);
    expect(rig.link.published).toHaveLength(1);
    rig.link.close();
    rig.connect();
    rig.clock.advance(4_999);
    expect(rig.link.published).toHaveLength(1);
    rig.clock.advance(1);
    expect(rig.link.published).toHaveLength(2);
    expect(rig.link.published[1]).toMatchObject({ payload: '{"a":1}', isDuplicate: true });
  });

  test("runs out of patience in a session only", () => {
    const rig = withoutClock({ clockPatience: 5_000 });
    rig.connect();
    rig.link.close();
    rig.clock.advance(5_000);
    expect(rig.log.entries).toEqual([]);
    expect(rig.clock.pending).toBeUndefined();
  });

  test("publishes dated, and in more messages, what went undated and was lost", () => {
    const rig = withoutClock({ clockPatience: 0, maxBytes: 256 });
    const values = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`key${index}`, "x".repeat(15)]));
    rig.telemetry.record(values);
    rig.connect();
    rig.clock.advance(1_000);
    const before = rig.link.published.length;
    rig.link.close();
    rig.isClockKnown = true;
    rig.link.open();
    expect(rig.received(rig.link.published.slice(before)).map(({ ts, key }) => [ts, key])).toEqual(
      Object.keys(values).map((key) => [boot, key]),
    );
  });

  test("keeps times apart over a pause of months", () => {
    const rig = new Rig();
    const month = 31 * 86_400_000;
    for (let sample = 0; sample < 5; sample += 1) {
      rig.telemetry.record("a", sample);
      rig.clock.advance(month);
    }
    rig.connect();
    expect(rig.received().map(({ ts }) => ts)).toEqual([0, 1, 2, 3, 4].map((count) => boot + count * month));
  });
});
