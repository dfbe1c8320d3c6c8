// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { boot, Rig } from "./rig.js";

/** Batches of two, a datum per millisecond, published in the next turn. */
function inTwos(options: Partial<TelemetryOptions> = {}): Rig {
  return new Rig({ maxCount: 2, maxAge: 0, ...options });
}

function record(rig: Rig, first: number, last: number): void {
  for (let sample = first; sample <= last; sample += 1) {
    rig.telemetry.record("a", sample);
    if (sample % 2 === 0) rig.clock.advance(1);
  }
}

function values(rig: Rig, from = 0): unknown[][] {
  return rig.link.published.slice(from).map((published) => rig.received([published]).map(({ value }) => value));
}

describe("Telemetry, sessions", () => {
  test("keeps what is recorded while there is none, and sends it with its own times when there is", () => {
    const rig = new Rig();
    for (let sample = 0; sample < 3; sample += 1) {
      rig.telemetry.record("a", sample);
      rig.clock.advance(60_000);
    }
    rig.link.open();
    expect(rig.received()).toEqual([0, 1, 2].map((value) => ({ ts: boot + value * 60_000, key: "a", value })));
  });

  test("has at most a window of messages under way", () => {
    const rig = inTwos({ window: 3 });
    rig.connect();
    record(rig, 1, 10);
    expect(values(rig)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(rig.telemetry.inFlight).toBe(3);
    rig.link.acknowledge(1);
    expect(values(rig, 3)).toEqual([[7, 8]]);
    rig.link.acknowledge();
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ delivered: 10, inFlight: 0, depth: 0 });
  });

  test("gathers full batches while the window is full", () => {
    const rig = new Rig({ maxCount: 10, maxAge: 10, window: 1 });
    rig.connect();
    rig.telemetry.record("a", 0);
    rig.clock.advance(10);
    for (let sample = 1; sample <= 15; sample += 1) {
      rig.telemetry.record("a", sample);
      rig.clock.advance(20);
    }
    expect(rig.link.published).toHaveLength(1);
    rig.link.acknowledge();
    rig.link.acknowledge();
    expect(rig.link.published.map(({ dataPoints }) => dataPoints)).toEqual([1, 10, 5]);
  });

  test("waits for room when the link has none, without asking again for every datum", () => {
    const rig = inTwos();
    let asked = 0;
    const publish = rig.link.publish.bind(rig.link);
    rig.link.publish = (...args) => {
      asked += 1;
      return publish(...args);
    };
    rig.connect();
    rig.link.room = 1;
    record(rig, 1, 10);
    expect(values(rig)).toEqual([[1, 2]]);
    expect(asked).toBe(2);
    expect(rig.telemetry).toMatchObject({ batches: 1, inFlight: 1, depth: 10 });
    rig.link.relieve();
    expect(values(rig, 1)).toEqual([
      [3, 4],
      [5, 6],
      [7, 8],
    ]);
  });

  test("publishes again what a session took with it, as duplicates, in the old order and before anything new", () => {
    const rig = inTwos();
    rig.connect();
    record(rig, 1, 6);
    rig.link.acknowledge(1);
    rig.link.close();
    expect(rig.telemetry).toMatchObject({ delivered: 2, inFlight: 0, depth: 4 });
    record(rig, 7, 8);
    rig.clock.advance(60_000);
    rig.link.open();
    expect(values(rig, 3)).toEqual([
      [3, 4],
      [5, 6],
      [7, 8],
    ]);
    expect(rig.link.published.map(({ isDuplicate }) => isDuplicate)).toEqual([false, false, false, true, true, false]);
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ delivered: 8, depth: 0, depthBytes: 0, batches: 6 });
  });

  test("does not mix what may be there already with what is new", () => {
    const rig = new Rig();
    rig.connect();
    rig.telemetry.record("a", 1);
    rig.clock.advance(1_000);
    rig.link.close();
    rig.telemetry.record("a", 2);
    rig.link.open();
    expect(values(rig, 1)).toEqual([[1], [2]]);
    expect(rig.link.published.map(({ isDuplicate }) => isDuplicate)).toEqual([false, true, false]);
  });

  test("does not publish again what was acknowledged ahead of its turn", () => {
    const rig = inTwos();
    rig.connect();
    record(rig, 1, 8);
    rig.link.acknowledgeAt(3);
    rig.link.acknowledgeAt(1);
    expect(rig.telemetry).toMatchObject({ delivered: 4, inFlight: 2, depth: 4 });
    rig.link.close();
    record(rig, 9, 10);
    rig.link.open();
    rig.link.acknowledge();
    expect(values(rig, 4)).toEqual([
      [1, 2],
      [5, 6],
      [9, 10],
    ]);
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ delivered: 10, depth: 0, depthBytes: 0 });
  });

  test("gives room in the queue only when the oldest are acknowledged", () => {
    const rig = inTwos();
    rig.connect();
    record(rig, 1, 6);
    const bytes = rig.telemetry.depthBytes;
    rig.link.acknowledgeAt(2);
    rig.link.acknowledgeAt(1);
    expect(rig.telemetry).toMatchObject({ depth: 2, depthBytes: bytes });
    rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ depth: 0, depthBytes: 0 });
  });

  test("survives session after session without an acknowledgement", () => {
    const rig = inTwos({ window: 2 });
    record(rig, 1, 6);
    for (let session = 0; session < 10; session += 1) {
      rig.link.open();
      rig.link.close();
    }
    rig.link.open();
    for (let round = 0; round < 3; round += 1) rig.link.acknowledge();
    expect(rig.telemetry).toMatchObject({ delivered: 6, depth: 0, inFlight: 0 });
    expect(values(rig, 20)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  test("publishes in more messages what no longer fits into one", () => {
    const rig = new Rig();
    rig.connect();
    for (let sample = 0; sample < 10; sample += 1) {
      rig.telemetry.record("a", sample);
      rig.clock.advance(1);
    }
    rig.clock.advance(1_000);
    rig.link.close();
    rig.link.maxPayload = 80;
    rig.link.open();
    for (let round = 0; round < 10; round += 1) rig.link.acknowledge();
    expect(values(rig, 1).flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rig.telemetry).toMatchObject({ delivered: 10, refused: 0, depth: 0 });
  });

  test("takes no notice of an acknowledgement that comes twice or too late", () => {
    const rig = inTwos();
    let publisher: { onAcknowledged(token: number): void } | undefined;
    const tokens: number[] = [];
    const publish = rig.link.publish.bind(rig.link);
    rig.link.publish = (topic, payload, byteLength, by, token, ...rest) => {
      publisher = by;
      tokens.push(token ?? -1);
      return publish(topic, payload, byteLength, by, token, ...rest);
    };
    rig.connect();
    record(rig, 1, 4);
    rig.link.acknowledge(1);
    for (const token of [...tokens.slice(0, 1), 77, -1]) publisher?.onAcknowledged(token);
    expect(rig.telemetry).toMatchObject({ delivered: 2, depth: 2, inFlight: 1 });
  });

  test("arms no timer that keeps a device without data awake", () => {
    const rig = new Rig();
    rig.connect();
    rig.telemetry.record("a", 1);
    rig.clock.advance(1_000);
    rig.link.acknowledge();
    expect(rig.clock.pending).toBeUndefined();
    rig.telemetry.record("a", 1);
    rig.link.close();
    expect(rig.clock.pending).toBeUndefined();
    rig.telemetry.record("a", 2);
    rig.telemetry.flush();
    expect(rig.clock.pending).toBeUndefined();
  });
});
