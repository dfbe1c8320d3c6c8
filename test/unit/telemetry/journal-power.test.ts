// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Step, World, type WorldOptions } from "./journal-world.js";

/** XS on a desk computes some thirty times slower than V8. */
const isOnXs = process.versions === undefined;

const tears = [0, 1, 2, 3, 4, 5, 6, 7];

/** So small that it wraps around and is full in the course of a day. */
const small: WorldOptions = { blocks: 5, blockLength: 2_048 };

/** Of sub-devices and the device itself, unless it says otherwise. */
const record = (count: number, size = 0, spread = 5): Step => ({ kind: "record", count, size, spread });
const advance = (span: number): Step => ({ kind: "advance", span });
const acknowledge = (count: number): Step => ({ kind: "acknowledge", count });
const [connect, close, learn, shutdown, restart] = (["connect", "close", "learn", "shutdown", "restart"] as const).map(
  (kind) => ({ kind }) as Step,
) as [Step, Step, Step, Step, Step];

function repeat(times: number, ...steps: readonly Step[]): Step[] {
  return Array.from({ length: times }, () => steps).flat();
}

/** What may happen to a device in a day. */
const day: readonly Step[] = [
  // Offline, and nobody knows the time.
  ...repeat(6, record(5, 0, 0), advance(1_000)),
  learn,
  ...repeat(4, record(5), advance(1_000)),
  // Online: the backlog goes out, new data besides.
  connect,
  ...repeat(4, acknowledge(1), record(3), advance(700)),
  close,
  advance(3_000),
  connect,
  ...repeat(3, acknowledge(2), record(1, 60), advance(1_500)),
  // An orderly shutdown, then a boot that never knows the time.
  record(4),
  shutdown,
  ...repeat(3, record(2), advance(2_500)),
  restart,
  ...repeat(2, record(3), advance(2_500)),
  learn,
  // A long outage: the journal wraps around and is full, with texts and without.
  ...repeat(20, record(9, 0, 0), advance(1_000)),
  ...repeat(20, record(9, 0, 4), advance(1_000)),
  ...repeat(12, record(3, 90), advance(2_000)),
  connect,
  ...repeat(6, acknowledge(2), advance(500), record(2)),
  // The server hangs while the queue fills up.
  record(12, 70),
  ...repeat(5, acknowledge(1), advance(300)),
  close,
  ...repeat(3, record(4), advance(2_000)),
  shutdown,
  learn,
  connect,
  ...repeat(10, acknowledge(1), advance(400)),
];

/** Runs the day, cut at an operation; returns how many operations there were. */
function live(options: WorldOptions, operation = 0, tear = 0): number {
  const world = new World(options);
  if (operation > 0) world.flash.cutAt(operation, tear);
  for (const step of day) world.take(step);
  const { operations } = world.flash;
  world.finish();
  return operations;
}

const weights: readonly (readonly [number, fc.Arbitrary<Step>])[] = [
  [
    8,
    fc.record({
      kind: fc.constant("record" as const),
      count: fc.integer({ min: 1, max: 12 }),
      size: fc.oneof(fc.constant(0), fc.nat(90)),
      spread: fc.oneof(fc.constant(0), fc.nat(5)),
    }),
  ],
  [6, fc.record({ kind: fc.constant("advance" as const), span: fc.oneof(fc.nat(100), fc.nat(4_000)) })],
  [5, fc.record({ kind: fc.constant("acknowledge" as const), count: fc.integer({ min: 1, max: 4 }) })],
  [3, fc.record({ kind: fc.constant("cut" as const), operation: fc.integer({ min: 1, max: 20 }), tear: fc.nat(255) })],
  [2, fc.record({ kind: fc.constantFrom("connect" as const, "learn" as const) })],
  [1, fc.record({ kind: fc.constantFrom("close" as const, "shutdown" as const, "restart" as const) })],
];
const steps = fc.array(fc.oneof(...weights.map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
  minLength: 40,
  maxLength: 150,
  size: "max",
});

const settings = fc.record({
  blocks: fc.integer({ min: 4, max: 6 }),
  blockLength: fc.constant(2_048),
  writeAlign: fc.constantFrom(1, 4, 16, 32),
  telemetry: fc.record({
    maxCount: fc.constantFrom(7, 100),
    window: fc.integer({ min: 1, max: 4 }),
    storeAfter: fc.constantFrom(0, 500, 2_000),
    whenJournalFull: fc.constantFrom("drop-oldest" as const, "drop-newest" as const),
  }),
});

describe("Journal, when the power goes", () => {
  const options: readonly WorldOptions[] = [
    small,
    { ...small, writeAlign: 16 },
    { ...small, telemetry: { whenJournalFull: "drop-newest" } },
  ];

  test("without any cut", () => {
    for (const each of options.slice(0, 2)) expect(live(each)).toBeGreaterThan(100);
  });

  test.each(tears)("during any operation of a day, with tear %d", (tear) => {
    const step = isOnXs ? 40 : 1;
    const operations = live(small);
    for (let operation = 1 + (tear % step); operation <= operations; operation += step) {
      try {
        live(small, operation, tear);
      } catch (error) {
        throw new Error(`cut at operation ${operation}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      }
    }
  });

  test("again and again in days that nobody thought of", () => {
    fc.assert(
      fc.property(settings, steps, (options, list) => {
        const world = new World(options);
        for (const step of list) world.take(step);
        world.finish();
      }),
      { seed: Number(process.env.SEED ?? 7), numRuns: isOnXs ? 10 : Number(process.env.RUNS ?? 1_000) },
    );
  });
});
