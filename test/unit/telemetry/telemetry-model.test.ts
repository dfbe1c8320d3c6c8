// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { boot, Rig, sourceOf } from "./rig.js";

type Step =
  | { readonly kind: "record"; readonly count: number; readonly size: number; readonly spread: number }
  | { readonly kind: "advance"; readonly span: number }
  | { readonly kind: "connect" | "close" | "flush" | "learn clock" }
  | { readonly kind: "acknowledge"; readonly index: number }
  | { readonly kind: "room"; readonly room: number }
  | { readonly kind: "payload"; readonly maxPayload: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("record" as const),
        count: fc.integer({ min: 1, max: 8 }),
        size: fc.nat(60),
        spread: fc.oneof(fc.constant(0), fc.nat(5)),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("advance" as const), span: fc.oneof(fc.nat(3), fc.nat(2_000)) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("acknowledge" as const), index: fc.nat(4) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom("connect" as const, "close" as const, "flush" as const, "learn clock" as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("room" as const), room: fc.nat(3) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("payload" as const), maxPayload: fc.integer({ min: 130, max: 400 }) }),
    },
  ),
  { maxLength: 120 },
);

/** Walks telemetry through the steps, and a list of what should be true along with it. */
class Walk {
  readonly rig: Rig;
  /** Time of each recorded datum; its number is its value. */
  readonly times: number[] = [];
  /** Name of the sub-device that it is of, undefined for the device's own. */
  readonly #sources: (string | undefined)[] = [];
  readonly acknowledged = new Set<number>();
  /** Numbers in the publishes that wait, oldest first. */
  #waiting: number[][] = [];
  #seen = 0;
  /** Newest number published in this session, which only grows. */
  #newest = -1;
  readonly #everPublished = new Set<number>();
  readonly #window: number;

  constructor(options: Partial<TelemetryOptions>) {
    this.rig = new Rig({ maxSources: 4, ...options });
    this.rig.isClockKnown = false;
    this.#window = options.window ?? 4;
    this.rig.link.maxPayload = 400;
  }

  take(step: Step): void {
    const { link, clock, telemetry } = this.rig;
    if (step.kind === "record") {
      for (let count = 0; count < step.count; count += 1) this.#record(step.size, step.spread);
    } else if (step.kind === "advance") clock.advance(step.span);
    else if (step.kind === "flush") telemetry.flush();
    else if (step.kind === "learn clock") this.rig.isClockKnown = true;
    else if (step.kind === "payload") link.maxPayload = step.maxPayload;
    else if (step.kind === "room") link.relieve(step.room);
    else if (step.kind === "acknowledge") this.#acknowledge(step.index);
    else if (step.kind === "connect" && !link.isOpen) this.connect();
    else if (step.kind === "close" && link.isOpen) this.#close();
    this.#look();
  }

  connect(): void {
    this.#newest = -1;
    this.rig.connect();
    this.#look();
  }

  /** Gives it all it needs to deliver what it has. */
  finish(): void {
    const { link, clock, telemetry } = this.rig;
    this.rig.isClockKnown = true;
    link.maxPayload = 400;
    if (!link.isOpen) this.connect();
    link.relieve();
    this.#look();
    for (let round = 0; round < 2_000 && telemetry.depth > 0; round += 1) {
      clock.advance(1_000);
      this.#look();
      this.#acknowledge(0);
      this.#look();
    }
  }

  #record(size: number, spread: number): void {
    const { telemetry, clock } = this.rig;
    const number = this.times.length;
    const source = sourceOf(number, spread);
    this.times.push(clock.now);
    this.#sources.push(source);
    const to = source === undefined ? telemetry : telemetry.source(source);
    // The number leads, so that a text is told from the others as a number is.
    to?.record(`key ${number % 3}`, size < 20 ? number : `${number} ${"x".repeat(size)}`);
  }

  #acknowledge(index: number): void {
    const at = Math.min(index, this.#waiting.length - 1);
    if (at < 0) return;
    for (const number of this.#waiting.splice(at, 1)[0] ?? []) this.acknowledged.add(number);
    this.rig.link.acknowledgeAt(at);
  }

  #close(): void {
    this.#waiting = [];
    this.rig.link.close();
  }

  /** Judges the publishes that are new, and the counters. */
  #look(): void {
    const { link, telemetry } = this.rig;
    for (const published of link.published.slice(this.#seen)) {
      this.#seen += 1;
      const data = this.rig.received([published]);
      const numbers = data.map(({ value }) => Number.parseInt(String(value), 10));
      // A sub-device has its data together.
      const inOrder = [...numbers].sort((one, other) => one - other);
      this.#waiting.push(inOrder);
      expect(numbers.length).toBeGreaterThan(0);
      expect(published.dataPoints).toBe(numbers.length);
      expect(published.QoS).toBe(1);
      const sources = new Set(data.map(({ source }) => source));
      expect(published.devices).toBe(sources.has(undefined) ? 0 : sources.size);
      expect(published.topic).toBe(sources.has(undefined) ? "v2/t" : "v1/gateway/telemetry");
      for (const number of inOrder) {
        expect(number).toBeGreaterThan(this.#newest);
        this.#newest = number;
        expect(this.acknowledged.has(number)).toBe(false);
        expect(published.isDuplicate).toBe(this.#everPublished.has(number));
      }
      for (const [index, number] of numbers.entries()) {
        expect(data[index]?.key).toBe(`key ${number % 3}`);
        expect(data[index]?.source).toBe(this.#sources[number]);
        const ts = data[index]?.ts;
        if (ts !== undefined) expect(ts).toBe(boot + (this.times[number] ?? Number.NaN));
      }
      for (const number of numbers) this.#everPublished.add(number);
      const series = new Set(data.map(({ source, key }) => `${source} ${key}`));
      if (data[0]?.ts === undefined) expect(series.size).toBe(data.length);
    }
    expect(link.unacknowledged).toBe(this.#waiting.length);
    expect(this.#waiting.length).toBeLessThanOrEqual(this.#window);
    expect(telemetry.recorded).toBe(this.times.length);
    expect(telemetry.delivered).toBe(this.acknowledged.size);
    expect(telemetry.inFlight).toBe(this.#waiting.length);
    expect(telemetry.delivered + telemetry.dropped + telemetry.refused + telemetry.depth).toBe(telemetry.recorded);
  }
}

const options = fc.record({
  window: fc.integer({ min: 1, max: 5 }),
  maxCount: fc.integer({ min: 1, max: 12 }),
  maxAge: fc.constantFrom(0, 10, 1_000),
  clockPatience: fc.constantFrom(0, 500, 30_000),
});

describe("Telemetry, whatever happens", () => {
  test("delivers everything once and in order while there is room, each datum with its time", () => {
    fc.assert(
      fc.property(options, steps, (settings, list) => {
        const walk = new Walk({ ...settings, capacity: 65_536 });
        for (const step of list) walk.take(step);
        walk.finish();
        expect(walk.acknowledged.size).toBe(walk.times.length);
        expect(walk.rig.telemetry).toMatchObject({ dropped: 0, refused: 0, depth: 0, depthBytes: 0 });
      }),
      { seed: 7, numRuns: 120 },
    );
  });

  test.each(["drop-oldest", "drop-newest"] as const)(
    "delivers all but what it counted as dropped, with %s",
    (whenFull) => {
      fc.assert(
        fc.property(options, steps, (settings, list) => {
          const walk = new Walk({ ...settings, capacity: 1_024, whenFull });
          for (const step of list) walk.take(step);
          walk.finish();
          const { telemetry } = walk.rig;
          expect(telemetry.refused).toBe(0);
          expect(walk.acknowledged.size).toBe(walk.times.length - telemetry.dropped);
          expect(telemetry).toMatchObject({ depth: 0, depthBytes: 0 });
        }),
        { seed: 7, numRuns: 120 },
      );
    },
  );
});
