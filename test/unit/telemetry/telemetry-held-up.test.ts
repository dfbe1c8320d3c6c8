// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { TelemetryOptions } from "../../../modules/telemetry/options.js";
import { FakeFlash } from "../../fakes/flash.js";
import { boot, Rig } from "./rig.js";

const second = 1_000;

/** A live session that takes nothing of sub-devices. */
function heldUp(options: Partial<TelemetryOptions> = {}): Rig {
  const rig = new Rig({ maxSources: 4, ...options });
  rig.link.maxDevices = 0;
  rig.connect();
  return rig;
}

function recordChild(rig: Rig, value: unknown, name = "child"): void {
  rig.telemetry.source(name)?.record("theirs", value as number);
}

/** Lets time pass, and the server acknowledge what comes. */
function run(rig: Rig, duration: number, step = second): void {
  for (let elapsed = 0; elapsed < duration; elapsed += step) {
    rig.clock.advance(step);
    rig.link.acknowledge();
  }
}

function release(rig: Rig): void {
  rig.link.maxDevices = Number.POSITIVE_INFINITY;
  rig.link.relieve();
}

function valuesOf(rig: Rig, source?: string): unknown[] {
  return rig.received().flatMap((datum) => (datum.source === source ? [datum.value] : []));
}

describe("Telemetry while the link takes nothing of sub-devices", () => {
  test("lets the device's own data go ahead of theirs, in their order and with company", () => {
    const rig = heldUp();
    for (let number = 0; number < 9; number += 1) {
      if (number % 3 === 0) recordChild(rig, number);
      else rig.telemetry.record("own", number);
      rig.clock.advance(10);
    }
    run(rig, 2 * second);
    expect(valuesOf(rig)).toEqual([1, 2, 4, 5, 7, 8]);
    expect(rig.link.published.map(({ dataPoints }) => dataPoints)).toEqual([2, 2, 2]);
    expect(rig.telemetry).toMatchObject({ delivered: 6, depth: 3 });
    release(rig);
    run(rig, 2 * second);
    expect(valuesOf(rig, "child")).toEqual([0, 3, 6]);
    expect(rig.received().filter(({ source }) => source === "child")[1]?.ts).toBe(boot + 30);
    expect(rig.telemetry).toMatchObject({ delivered: 9, depth: 0, depthBytes: 0 });
    expect(rig.link.published.some(({ isDuplicate }) => isDuplicate)).toBe(false);
  });

  test.each([0, 1])(
    "gets the own data of a quarter of an hour through, behind a journal of theirs, share %d",
    (first) => {
      const flash = new FakeFlash();
      const before = new Rig({ flash, maxSources: 4 });
      for (let number = 0; number < 50; number += 1) recordChild(before, number, number < 25 ? "child" : "gone");
      before.telemetry.store();
      const rig = heldUp({ flash });
      const recorded: number[] = [];
      for (let elapsed = 0; elapsed < 900; elapsed += 1) {
        if (first === 0 || elapsed > 20) recordChild(rig, 1_000 + elapsed);
        if (elapsed % 10 === 0) {
          rig.telemetry.record("own", elapsed);
          recorded.push(elapsed);
        }
        run(rig, second);
        // Whatever came before, and a second for company.
        if (elapsed % 10 === 3) expect(valuesOf(rig)).toEqual(recorded);
      }
      release(rig);
      run(rig, 60 * second);
      expect(valuesOf(rig)).toEqual(recorded);
      expect(new Set(valuesOf(rig, "child")).size).toBe(25 + (first === 0 ? 900 : 879));
      expect(valuesOf(rig, "gone")).toHaveLength(25);
      expect(rig.telemetry).toMatchObject({ depth: 0, dropped: 0, refused: 0, quarantined: 0 });
      expect(rig.telemetry.delivered).toBe(rig.telemetry.recorded + 50);
    },
  );

  test("gets own data of each second through, by storing theirs", () => {
    const rig = heldUp({ flash: new FakeFlash() });
    for (let elapsed = 0; elapsed < 120; elapsed += 1) {
      for (let number = 0; number < 5; number += 1) recordChild(rig, elapsed * 5 + number);
      rig.telemetry.record("own", elapsed);
      run(rig, second);
      expect(valuesOf(rig).length).toBeGreaterThanOrEqual(elapsed - 1);
    }
    release(rig);
    run(rig, 60 * second);
    expect(valuesOf(rig)).toEqual(Array.from({ length: 120 }, (_, elapsed) => elapsed));
    expect(rig.telemetry).toMatchObject({ delivered: 720, depth: 0, dropped: 0 });
  });

  test.each([
    ["in RAM", () => ({})],
    ["with a journal", () => ({ flash: new FakeFlash() })],
  ])(
    "or takes them, on and off, over many sessions, delivers everything and twice only what was lost, %s",
    (_name, options) => {
      let seed = 7;
      const random = (below: number): number => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return Math.floor((seed / 2_147_483_648) * below);
      };
      for (let round = 0; round < 30; round += 1) {
        const rig = new Rig({ maxSources: 4, maxCount: 7, ...options() });
        rig.connect();
        for (let step = 0; step < 300; step += 1) {
          const what = random(20);
          if (what < 8) recordChild(rig, step, `child ${random(3)}`);
          else if (what < 11) rig.telemetry.record("own", step);
          else if (what < 15) rig.link.acknowledge(random(3));
          else if (what === 15) rig.link.maxDevices = 0;
          else if (what === 16) release(rig);
          else if (what === 17 && rig.link.isOpen) rig.link.close("connection-reset");
          else if (what === 18 && !rig.link.isOpen) rig.connect();
          rig.clock.advance(random(4) === 0 ? 3 * second : 100);
        }
        if (!rig.link.isOpen) rig.connect();
        release(rig);
        for (let waited = 0; waited < 300 && rig.telemetry.depth > 0; waited += 1) run(rig, second);
        const { recorded, delivered } = rig.telemetry;
        expect(rig.telemetry).toMatchObject({ depth: 0, dropped: 0, refused: 0, quarantined: 0 });
        expect(delivered).toBe(recorded);
        expect(new Set(rig.received().map(({ value }) => value)).size).toBe(recorded);
      }
    },
  );

  test("loses nothing of an alarm of theirs, which holds up none of the device's own data", () => {
    const rig = heldUp();
    rig.telemetry.source("child")?.setRule("theirs", { maximum: 5 });
    recordChild(rig, 1);
    rig.telemetry.record("own", 1);
    recordChild(rig, 9);
    rig.clock.advance(1);
    rig.telemetry.record("own", 2);
    run(rig, 3 * second);
    expect(valuesOf(rig)).toEqual([1, 2]);
    release(rig);
    run(rig, 3 * second);
    expect(valuesOf(rig, "child").sort()).toEqual([1, 9]);
    expect(rig.telemetry).toMatchObject({ delivered: 4, depth: 0, refused: 0 });
  });

  test("publishes the device's own data again that a session took with it", () => {
    const rig = heldUp();
    recordChild(rig, 1);
    rig.telemetry.record("own", 1);
    rig.clock.advance(2 * second);
    expect(valuesOf(rig)).toEqual([1]);
    rig.link.close();
    rig.connect();
    run(rig, 2 * second);
    expect(valuesOf(rig)).toEqual([1, 1]);
    expect(rig.telemetry).toMatchObject({ delivered: 1, depth: 1 });
  });

  test.each(["queue", "journal"])(
    "is not kept by a suspect of theirs, in the %s, from publishing the rest",
    (where) => {
      const flash = new FakeFlash();
      if (where === "journal") {
        const before = new Rig({ flash, maxSources: 4 });
        recordChild(before, 1);
        before.telemetry.store();
      }
      const rig = new Rig({ maxSources: 4, whenFull: "drop-oldest", ...(where === "journal" && { flash }) });
      if (where === "queue") recordChild(rig, 1);
      // So often that it is one.
      for (let round = 0; round < 4; round += 1) {
        rig.connect();
        rig.clock.advance(5 * second);
        expect(valuesOf(rig, "child")).toHaveLength(round + 1);
        rig.link.close("connection-closed");
      }
      rig.link.maxDevices = 0;
      rig.connect();
      rig.clock.advance(5 * second);
      for (let number = 0; number < 10; number += 1) {
        rig.telemetry.record("own", number);
        run(rig, 2 * second);
      }
      expect(valuesOf(rig).length).toBeGreaterThanOrEqual(where === "queue" ? 3 : 10);
      release(rig);
      run(rig, 10 * second);
      expect(rig.telemetry).toMatchObject({ delivered: 11, depth: 0, quarantined: 0 });
    },
  );
});
