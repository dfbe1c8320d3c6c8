// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { boot, Rig } from "./rig.js";

/** Bytes of a PUBLISH at QoS 1: fixed header with its length, topic with its length, packet identifier, payload. */
function packetBytes(topic: string, payload: Uint8Array): number {
  const remaining = 2 + topic.length + 2 + payload.length;
  return 1 + (remaining < 128 ? 1 : remaining < 16_384 ? 2 : 3) + remaining;
}

const fiveKeys = (sample: number) => ({
  temperature: 20 + (sample % 50) / 10,
  humidity: 40 + (sample % 7),
  pressure: 1013.25,
  voltage: 3.301,
  rssi: -60 - (sample % 5),
});

describe("Telemetry, batches", () => {
  test("sends 1,000 data of 20 instants times 5 keys in 10 messages, 3 % over the smallest JSON at the most", () => {
    const rig = new Rig();
    rig.connect();
    const smallest: number[] = [];
    for (let batch = 0; batch < 10; batch += 1) {
      const groups: unknown[] = [];
      for (let instant = 0; instant < 20; instant += 1) {
        const values = fiveKeys(batch * 20 + instant);
        groups.push({ ts: boot + rig.clock.now, values });
        rig.telemetry.record(values);
        rig.clock.advance(40);
        rig.link.acknowledge();
      }
      smallest.push(JSON.stringify(groups).length);
    }
    const bytes = rig.link.published.reduce((sum, { topic, bytes }) => sum + packetBytes(topic, bytes), 0);
    expect(rig.link.published).toHaveLength(10);
    expect(rig.telemetry.delivered).toBe(1_000);
    expect(bytes / smallest.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(1.03);
  });

  test("takes at most 16 bytes of the queue for a number and its time, 6 for those of sensors", () => {
    const { telemetry, clock } = new Rig();
    for (let instant = 0; instant < 20; instant += 1) {
      telemetry.record(fiveKeys(instant));
      clock.advance(5_000);
    }
    expect(telemetry.depthBytes / 100).toBeLessThanOrEqual(6);
    const before = telemetry.depthBytes;
    clock.advance(2 ** 41);
    telemetry.record("temperature", Math.PI);
    expect(telemetry.depthBytes - before).toBe(16);
  });

  test("sends as soon as there is a full batch, and the rest when it is old enough", () => {
    const rig = new Rig({ maxCount: 10 });
    rig.connect();
    for (let sample = 0; sample < 25; sample += 1) {
      rig.telemetry.record("a", sample);
      rig.clock.advance(1);
    }
    expect(rig.link.published.map(({ dataPoints }) => dataPoints)).toEqual([10, 10]);
    rig.clock.advance(994);
    expect(rig.link.published).toHaveLength(2);
    rig.clock.advance(1);
    expect(rig.link.published.map(({ dataPoints }) => dataPoints)).toEqual([10, 10, 5]);
  });

  test("lets no datum wait longer than maxAge, however old the others are", () => {
    const rig = new Rig({ maxAge: 500 });
    rig.connect();
    rig.telemetry.record("a", 1);
    rig.clock.advance(499);
    rig.telemetry.record("a", 2);
    rig.clock.advance(1);
    expect(rig.received().map(({ value }) => value)).toEqual([1, 2]);
    rig.telemetry.record("a", 3);
    rig.clock.advance(499);
    expect(rig.link.published).toHaveLength(1);
    rig.clock.advance(1);
    expect(rig.link.published).toHaveLength(2);
  });

  test("sends in the next turn with a maxAge of 0", () => {
    const rig = new Rig({ maxAge: 0 });
    rig.connect();
    rig.telemetry.record({ a: 1, b: 2 });
    rig.clock.advance(0);
    expect(rig.link.published).toHaveLength(1);
  });

  test("sends at once what is flushed, and what was not as before", () => {
    const rig = new Rig();
    rig.connect();
    rig.telemetry.record("a", 1);
    rig.telemetry.flush();
    rig.clock.advance(300);
    rig.telemetry.record("a", 2);
    rig.link.acknowledge();
    rig.clock.advance(999);
    expect(rig.received().map(({ value }) => value)).toEqual([1]);
    rig.clock.advance(1);
    expect(rig.received().map(({ value }) => value)).toEqual([1, 2]);
  });

  test("sends nothing when there is nothing to flush", () => {
    const rig = new Rig();
    rig.connect();
    rig.telemetry.flush();
    rig.clock.advance(60_000);
    expect(rig.link.published).toEqual([]);
  });

  test("tears no instant apart for the limit of data", () => {
    const rig = new Rig({ maxCount: 10 });
    rig.connect();
    for (let instant = 0; instant < 4; instant += 1) {
      rig.telemetry.record({ a: instant, b: instant, c: instant });
      rig.clock.advance(1);
    }
    rig.clock.advance(1_000);
    expect(rig.messages().map((groups) => groups.map(({ values }) => Object.keys(values as object).length))).toEqual([
      [3, 3, 3],
      [3],
    ]);
  });

  test("tears no instant apart for the limit of bytes", () => {
    const rig = new Rig({ maxBytes: 256 });
    rig.connect();
    for (let instant = 0; instant < 4; instant += 1) {
      rig.telemetry.record({ first: "x".repeat(30), second: "y".repeat(30) });
      rig.clock.advance(1);
    }
    rig.clock.advance(1_000);
    const shape = rig.messages().map((groups) => groups.map(({ values }) => Object.keys(values as object).length));
    expect(shape).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });

  test("spreads an instant over messages where one cannot hold it", () => {
    const rig = new Rig({ maxCount: 4 });
    rig.connect();
    rig.telemetry.record("z", 0);
    rig.clock.advance(1);
    rig.telemetry.record({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 });
    rig.clock.advance(1_000);
    expect(rig.link.published.map(({ dataPoints }) => dataPoints)).toEqual([1, 4, 2]);
    expect(rig.received().map(({ ts }) => ts)).toEqual([boot, ...new Array(6).fill(boot + 1)]);
  });

  test("fills a message up to the link's largest, and never beyond", () => {
    for (let maxPayload = 80; maxPayload < 140; maxPayload += 1) {
      const rig = new Rig();
      rig.link.maxPayload = maxPayload;
      rig.connect();
      for (let sample = 0; sample < 20; sample += 1) {
        rig.telemetry.record("a", sample * 1_000);
        rig.clock.advance(1);
      }
      rig.clock.advance(1_000);
      for (let round = 0; round < 20; round += 1) rig.link.acknowledge();
      expect(rig.received().map(({ value }) => value)).toEqual(
        Array.from({ length: 20 }, (_, sample) => sample * 1_000),
      );
      const lengths = rig.link.published.map(({ bytes }) => bytes.length);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(maxPayload);
      // One group more would not have fitted.
      expect(Math.max(...lengths)).toBeGreaterThan(maxPayload - 48);
    }
  });

  test("fills a message of several instants to the link's last byte", () => {
    const shape = (maxPayload: number) => {
      const rig = new Rig();
      rig.link.maxPayload = maxPayload;
      for (let sample = 0; sample < 3; sample += 1) {
        rig.telemetry.record("a", sample);
        rig.clock.advance(1);
      }
      rig.connect();
      rig.clock.advance(1_000);
      return rig.link.published.map(({ bytes, dataPoints }) => [bytes.length, dataPoints]);
    };
    const [[length = 0] = []] = shape(1_000);
    expect(shape(length)).toEqual([[length, 3]]);
    expect(shape(length - 1).map(([, dataPoints]) => dataPoints)).toEqual([2, 1]);
  });

  test("puts no more data into a message than the server's limits take", () => {
    const rig = new Rig();
    rig.link.maxDataPoints = 7;
    rig.connect();
    for (let sample = 0; sample < 20; sample += 1) {
      rig.telemetry.record("a", sample);
      rig.clock.advance(1);
    }
    rig.clock.advance(1_000);
    expect(rig.link.published.map(({ dataPoints }) => dataPoints)).toEqual([7, 7, 6]);
  });

  test("drops and names a datum that no message can hold, and lets the others pass in order", () => {
    const rig = new Rig();
    rig.link.maxPayload = 100;
    rig.connect();
    rig.telemetry.record("a", 1);
    rig.telemetry.record("large", "x".repeat(80));
    rig.telemetry.record("b", 2);
    rig.clock.advance(1_000);
    rig.link.acknowledge();
    expect(rig.received().map(({ key }) => key)).toEqual(["a", "b"]);
    expect(rig.telemetry).toMatchObject({ recorded: 3, delivered: 2, refused: 1, depth: 0, depthBytes: 0 });
    expect(rig.log.entries).toEqual([
      {
        level: "warning",
        event: "telemetry.refused",
        detail: "large: larger than the largest message, count 1",
        reason: "value-refused",
      },
    ]);
  });

  test("drops nothing but the culprit when it is alone in the queue", () => {
    const rig = new Rig();
    rig.link.maxPayload = 100;
    rig.connect();
    rig.telemetry.record("large", "x".repeat(80));
    rig.clock.advance(1_000);
    expect(rig.link.published).toEqual([]);
    expect(rig.telemetry).toMatchObject({ refused: 1, depth: 0, depthBytes: 0 });
  });
});
