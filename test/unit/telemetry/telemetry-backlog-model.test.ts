// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Reason } from "../../../modules/core/errors.js";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash } from "../../fakes/flash.js";
import { boot, Rig, sourceOf } from "./rig.js";

type Step =
  | { readonly kind: "record"; readonly count: number; readonly size: number; readonly spread: number }
  | { readonly kind: "advance"; readonly span: number }
  | { readonly kind: "acknowledge"; readonly index: number }
  | { readonly kind: "close"; readonly reason: Reason }
  | { readonly kind: "room" | "payload" | "spare"; readonly amount: number }
  | { readonly kind: "alarm" | "connect" | "flush" | "store" | "reboot" };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("record" as const),
        count: fc.integer({ min: 1, max: 20 }),
        size: fc.nat(60),
        spread: fc.oneof(fc.constant(0), fc.nat(5)),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant("advance" as const), span: fc.oneof(fc.nat(3), fc.nat(5_000)) }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("acknowledge" as const), index: fc.nat(4) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("close" as const),
        reason: fc.constantFrom<Reason>("connection-closed", "wifi-lost", "acknowledge-timeout"),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom("alarm" as const, "connect" as const, "flush" as const, "store" as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("reboot" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("room" as const), amount: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("spare" as const), amount: fc.nat(10) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("payload" as const), amount: fc.nat(270) }) },
  ),
  { maxLength: 120 },
);

/** Walks telemetry and its journal through the steps, over reboots in good order, and keeps a list of what should be true. */
class Walk {
  rig: Rig;
  readonly acknowledged = new Set<number>();
  /** Numbers in the publishes that wait, oldest first. */
  #waiting: number[][] = [];
  #seen = 0;
  #isHot = false;
  #recorded = 0;
  #recordedBefore = 0;
  readonly #options: Partial<TelemetryOptions>;
  /** Time of each datum; its number is its value. */
  readonly #times: number[] = [];
  /** Name of the sub-device that it is of, undefined for the device's own. */
  readonly #sources: (string | undefined)[] = [];
  /** Of the boots before this one. */
  readonly counts = { recorded: 0, dropped: 0, refused: 0, delivered: 0, quarantined: 0 };

  constructor(options: Partial<TelemetryOptions>) {
    this.#options = options;
    this.rig = this.#boot();
  }

  take(step: Step): void {
    const { link, clock, telemetry } = this.rig;
    if (step.kind === "record")
      for (let count = 0; count < step.count; count += 1) this.#record(step.size, step.spread);
    else if (step.kind === "advance") clock.advance(step.span);
    else if (step.kind === "acknowledge") this.#acknowledge(step.index);
    else if (step.kind === "close" && link.isOpen) this.#close(step.reason);
    else if (step.kind === "alarm") this.#alarm();
    else if (step.kind === "connect" && !link.isOpen) this.rig.connect();
    else if (step.kind === "flush") telemetry.flush();
    else if (step.kind === "store") telemetry.store();
    else if (step.kind === "reboot") this.#reboot();
    else if (step.kind === "room") link.relieve(step.amount);
    else if (step.kind === "spare") link.spare = step.amount / 10;
    else if (step.kind === "payload") link.maxPayload = 130 + step.amount;
    this.#look();
  }

  /** Gives it all it needs to deliver what it has. */
  finish(): void {
    const { link, clock, telemetry } = this.rig;
    link.maxPayload = 400;
    link.spare = 1;
    if (!link.isOpen) this.rig.connect();
    link.relieve();
    this.#look();
    for (let round = 0; round < 4_000 && telemetry.depth > 0; round += 1) {
      clock.advance(1_000);
      this.#look();
      this.#acknowledge(0);
      this.#look();
    }
    expect(telemetry).toMatchObject({ depth: 0, depthBytes: 0, inFlight: 0, journaled: 0 });
    this.#addUp();
  }

  #boot(): Rig {
    const rig = new Rig({ maxSources: 4, ...this.#options });
    rig.link.maxPayload = 400;
    rig.offset = boot + 1e9 * this.#recordedBefore;
    rig.telemetry.setRule("limited", { maximum: -1 });
    this.#seen = 0;
    this.#waiting = [];
    this.#isHot = true;
    return rig;
  }

  #reboot(): void {
    if (this.rig.link.isOpen) this.#close("session-stopped");
    this.rig.telemetry.store();
    // What the journal does not take is lost with the power.
    if (this.rig.telemetry.depth > this.rig.telemetry.journaled) return;
    this.#look();
    this.#addUp();
    this.#recordedBefore += 1;
    this.rig = this.#boot();
  }

  #addUp(): void {
    const { counts } = this;
    const { recorded, dropped, refused, delivered, quarantined } = this.rig.telemetry;
    counts.recorded += recorded;
    counts.dropped += dropped;
    counts.refused += refused;
    counts.delivered += delivered;
    counts.quarantined += quarantined;
  }

  #record(size: number, spread: number): void {
    const source = sourceOf(this.#recorded, spread);
    const number = this.#note(source);
    const { telemetry } = this.rig;
    const to = source === undefined ? telemetry : telemetry.source(source);
    // The number leads, so that a text is told from the others as a number is.
    to?.record(`key ${number % 3}`, size < 20 ? number : `${number} ${"x".repeat(size)}`);
  }

  /** Numbers are above the limit by themselves; 0 is not, and is told by its time. */
  #alarm(): void {
    this.#isHot = !this.#isHot;
    const number = this.#note();
    this.rig.telemetry.record("limited", this.#isHot ? number : -2 - number);
  }

  #note(source?: string): number {
    const number = this.#recorded;
    this.#recorded += 1;
    this.#times.push(this.rig.offset + this.rig.clock.now);
    this.#sources.push(source);
    return number;
  }

  #acknowledge(index: number): void {
    const at = Math.min(index, this.#waiting.length - 1);
    if (at < 0) return;
    for (const number of this.#waiting.splice(at, 1)[0] ?? []) this.acknowledged.add(number);
    this.rig.link.acknowledgeAt(at);
  }

  #close(reason: Reason): void {
    this.#waiting = [];
    this.rig.link.close(reason);
  }

  /** Judges the publishes that are new, and the counters. */
  #look(): void {
    const { link, telemetry } = this.rig;
    for (const published of link.published.slice(this.#seen)) {
      this.#seen += 1;
      const data = this.rig.received([published]);
      const numbers = data
        .map(({ value }) => Number.parseInt(String(value), 10))
        .map((value) => (value < 0 ? -2 - value : value));
      this.#waiting.push(numbers);
      expect(numbers.length).toBeGreaterThan(0);
      expect(published.dataPoints).toBe(numbers.length);
      expect(data.map(({ ts }) => ts)).toEqual(numbers.map((number) => this.#times[number]));
      expect(data.map(({ source }) => source)).toEqual(numbers.map((number) => this.#sources[number]));
    }
    expect(link.unacknowledged).toBe(this.#waiting.length);
    const { recorded, recovered, delivered, dropped, refused, quarantined, depth } = telemetry;
    expect(delivered + dropped + refused + quarantined + depth).toBe(recorded + recovered);
    expect(Math.min(delivered, dropped, refused, quarantined, depth, telemetry.depthBytes)).toBeGreaterThanOrEqual(0);
  }
}

const options = fc.record({
  window: fc.integer({ min: 1, max: 5 }),
  maxCount: fc.integer({ min: 1, max: 30 }),
  maxAge: fc.constantFrom(0, 10, 1_000),
  storeAfter: fc.constantFrom(0, 100, 2_000, 3_600_000),
  backlogShare: fc.constantFrom(1, 25, 50, 90, 100),
  whenJournalFull: fc.constantFrom("drop-oldest" as const, "drop-newest" as const),
});

describe("Telemetry with a journal, whatever happens", () => {
  test("delivers everything with its own time while there is room", () => {
    fc.assert(
      fc.property(options, fc.constantFrom(1_024, 16_384), steps, (settings, capacity, list) => {
        const walk = new Walk({ ...settings, capacity, flash: new FakeFlash({ blocks: 64 }) });
        for (const step of list) walk.take(step);
        walk.finish();
        expect(walk.counts).toMatchObject({
          dropped: 0,
          refused: 0,
          delivered: walk.counts.recorded - walk.counts.quarantined,
        });
        expect(walk.acknowledged.size).toBe(walk.counts.recorded - walk.counts.quarantined);
      }),
      { seed: 7, numRuns: 120 },
    );
  });

  test("delivers all but what it counted where there is not", () => {
    fc.assert(
      fc.property(options, steps, (settings, list) => {
        const flash = new FakeFlash({ blocks: 4, blockLength: 2_048 });
        const walk = new Walk({ ...settings, capacity: 1_024, flash });
        for (const step of list) walk.take(step);
        walk.finish();
        const { recorded, delivered, dropped, refused, quarantined } = walk.counts;
        expect(delivered).toBe(recorded - dropped - refused - quarantined);
        expect(walk.acknowledged.size).toBeGreaterThanOrEqual(delivered);
      }),
      { seed: 7, numRuns: 120 },
    );
  });
});
