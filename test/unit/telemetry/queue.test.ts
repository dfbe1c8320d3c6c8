// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Ledger, type Place } from "../../../modules/telemetry/ledger.js";
import { Queue } from "../../../modules/telemetry/queue.js";
import { Datum, Kind } from "../../../modules/telemetry/record.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Kept {
  readonly key: number;
  readonly time: number;
  readonly value: unknown;
}

function contents(queue: Queue): Kept[] {
  const at: Place = { ...queue.head };
  const datum = new Datum();
  const text = new Uint8Array(64);
  const kept: Kept[] = [];
  while (at.position < queue.tail.position) {
    queue.read(at, datum);
    at.position = datum.end;
    at.time = datum.time;
    kept.push({ key: datum.key, time: datum.time, value: valueIn(queue, datum, text) });
  }
  expect(at).toEqual(queue.tail);
  return kept;
}

function valueIn(queue: Queue, datum: Datum, text: Uint8Array): unknown {
  if (datum.kind < Kind.number) return datum.value / 10 ** datum.kind;
  if (datum.kind === Kind.number) return datum.value;
  if (datum.kind !== Kind.json) return datum.kind === Kind.true;
  queue.copyText(datum, text);
  return decoder.decode(text.subarray(0, datum.textLength));
}

function add(queue: Queue, { key, time, value }: Kept): boolean {
  if (typeof value === "number") return queue.addNumber(key, time, value);
  if (typeof value === "boolean") return queue.addBoolean(key, time, value);
  const bytes = encoder.encode(value as string);
  return queue.addJson(key, time, bytes, bytes.length);
}

const data = fc.array(
  fc.record({
    key: fc.nat(254),
    pause: fc.oneof(fc.constant(0), fc.nat(10), fc.nat(1_000_000)),
    value: fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      fc.boolean(),
      fc.string({ minLength: 0, maxLength: 12 }).map((value) => JSON.stringify(value)),
    ),
  }),
  { maxLength: 60 },
);

function timed(list: readonly { key: number; pause: number; value: unknown }[]): Kept[] {
  let time = 0;
  return list.map(({ key, pause, value }) => {
    time += pause;
    return { key, time, value };
  });
}

describe("Queue", () => {
  test("gives back what was added, in order, with its time, at every size and so at every offset of its end", () => {
    for (let capacity = 40; capacity < 80; capacity += 1) {
      const queue = new Queue(capacity, "drop-oldest", new Ledger(4));
      const all: Kept[] = [];
      for (let index = 0; index < 200; index += 1) {
        const value = [index * 1.5, index % 2 === 0, `"text ${index}"`, Math.sqrt(index)][index % 4];
        all.push({ key: index % 256, time: index * 37, value });
        expect(add(queue, all[index] as Kept)).toBe(true);
        const kept = contents(queue);
        expect(kept).toEqual(all.slice(-kept.length));
        expect(kept).toHaveLength(queue.count);
        expect(queue.dropped).toBe(all.length - kept.length);
        expect(queue.byteLength).toBeLessThanOrEqual(capacity);
      }
    }
  });

  test("drops the oldest, and no more of them than it has to", () => {
    fc.assert(
      fc.property(data, fc.integer({ min: 48, max: 120 }), (list, capacity) => {
        const queue = new Queue(capacity, "drop-oldest", new Ledger(4));
        const roomy = new Queue(65_536, "drop-oldest", new Ledger(4));
        const all = timed(list);
        const ends: number[] = [];
        for (const datum of all) {
          expect(add(queue, datum)).toBe(true);
          add(roomy, datum);
          ends.push(roomy.byteLength);
          const begin = roomy.byteLength - capacity;
          const dropped = begin <= 0 ? 0 : ends.findIndex((end) => end >= begin) + 1;
          expect(contents(queue)).toEqual(all.slice(dropped, ends.length));
          expect(queue).toMatchObject({ count: ends.length - dropped, dropped });
        }
      }),
      { seed: 7 },
    );
  });

  test("drops the newest, and keeps what it has", () => {
    fc.assert(
      fc.property(data, fc.integer({ min: 48, max: 120 }), (list, capacity) => {
        const queue = new Queue(capacity, "drop-newest", new Ledger(4));
        const kept: Kept[] = [];
        let dropped = 0;
        for (const datum of timed(list)) {
          if (add(queue, datum)) kept.push(datum);
          else dropped += 1;
          expect(contents(queue)).toEqual(kept);
          expect(queue).toMatchObject({ count: kept.length, dropped });
        }
      }),
      { seed: 7 },
    );
  });

  test.each(["drop-oldest", "drop-newest"] as const)("fills to the last byte before %s comes in", (whenFull) => {
    const queue = new Queue(48, whenFull, new Ledger(4));
    // Three bytes each: no time, one byte of value.
    for (let index = 0; index < 16; index += 1) expect(queue.addNumber(index, 0, index)).toBe(true);
    expect(queue).toMatchObject({ count: 16, byteLength: 48, dropped: 0 });
    expect(queue.addNumber(16, 0, 16)).toBe(whenFull === "drop-oldest");
    expect(queue).toMatchObject({ count: 16, byteLength: 48, dropped: 1 });
    expect(contents(queue)[0]?.key).toBe(whenFull === "drop-oldest" ? 1 : 0);
  });

  test("never takes a datum larger than itself, and keeps the others", () => {
    const queue = new Queue(32, "drop-oldest", new Ledger(4));
    queue.addNumber(1, 0, 1);
    const bytes = encoder.encode(`"${"x".repeat(32)}"`);
    expect(queue.addJson(2, 0, bytes, bytes.length)).toBe(false);
    expect(contents(queue)).toEqual([{ key: 1, time: 0, value: 1 }]);
    expect(queue.dropped).toBe(1);
  });

  test("takes a datum that fills it to the last byte, in place of all others", () => {
    const queue = new Queue(32, "drop-oldest", new Ledger(4));
    queue.addNumber(1, 0, 1);
    // Kind, key and length take three bytes.
    const value = `"${"x".repeat(27)}"`;
    const bytes = encoder.encode(value);
    expect(queue.addJson(2, 0, bytes, bytes.length)).toBe(true);
    expect(contents(queue)).toEqual([{ key: 2, time: 0, value }]);
    expect(queue).toMatchObject({ byteLength: 32, dropped: 1 });
  });

  test("releases up to a place, and lets a place that is past be", () => {
    const queue = new Queue(64, "drop-oldest", new Ledger(4));
    for (let index = 0; index < 3; index += 1) queue.addNumber(index, index * 10, index);
    const start: Place = { ...queue.head };
    const datum = new Datum();
    queue.read(start, datum);
    const second: Place = { position: datum.end, time: datum.time };
    queue.release(second, 1);
    expect(contents(queue).map(({ key, time }) => [key, time])).toEqual([
      [1, 10],
      [2, 20],
    ]);
    queue.release(start, 0);
    expect(queue.count).toBe(2);
    expect(queue.head).toEqual(second);
  });

  test("takes a time that goes backwards for the time of the datum before", () => {
    const queue = new Queue(64, "drop-oldest", new Ledger(4));
    queue.addNumber(1, 500, 1);
    queue.addNumber(2, 400, 2);
    queue.addNumber(3, 600, 3);
    expect(contents(queue).map(({ time }) => time)).toEqual([500, 500, 600]);
  });

  test("rounds times so that the errors do not add up", () => {
    const queue = new Queue(64, "drop-oldest", new Ledger(4));
    for (let index = 1; index <= 10; index += 1) queue.addNumber(index, index * 0.4, index);
    expect(contents(queue).map(({ time }) => time)).toEqual([0, 1, 1, 2, 2, 2, 3, 3, 4, 4]);
  });
});
