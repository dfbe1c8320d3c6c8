// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import type { Timer } from "../../../modules/core/ports.js";
import { SharedClock } from "../../../modules/core/shared-clock.js";
import { FakeClock } from "../../fakes/clock.js";

class Rig {
  readonly platform = new FakeClock();
  readonly clock = new SharedClock(this.platform);
  readonly told: string[] = [];

  timer(name: string, then: () => void = () => {}): Timer {
    return this.clock.timer(() => {
      this.told.push(`${name} at ${this.platform.now}`);
      then();
    });
  }
}

test("however many timers there are, the platform has one, and is asked for nothing while none is armed", () => {
  const rig = new Rig();
  const timers = ["a", "b", "c"].map((name) => rig.timer(name));
  expect(rig.platform.pending).toBeUndefined();
  for (const [index, timer] of timers.entries()) timer.start(30 - 10 * index);
  expect([rig.platform.timers, rig.platform.pending]).toEqual([1, 10]);
  timers[2]?.stop();
  expect(rig.platform.pending).toBe(20);
  timers[1]?.start(40);
  expect(rig.platform.pending).toBe(30);
  rig.platform.advance(100);
  expect(rig.told).toEqual(["a at 30", "b at 40"]);
  timers[0]?.start(5);
  timers[0]?.stop();
  timers[0]?.stop();
  expect(rig.platform.pending).toBeUndefined();
});

test("of those that are due at once, the one that was started first comes first", () => {
  const rig = new Rig();
  const [late, early, stopped] = [rig.timer("late"), rig.timer("early"), rig.timer("stopped")];
  late.start(5);
  early.start(10);
  stopped.start(10);
  late.start(10);
  early.start(10);
  rig.timer("stops", () => stopped.stop()).start(9);
  rig.platform.advance(10);
  expect(rig.told).toEqual(["stops at 9", "late at 10", "early at 10"]);
});

test("what one of them throws goes on to the platform, and the others still run", () => {
  const rig = new Rig();
  const bad = rig.timer("bad", () => {
    throw new Error("mine");
  });
  bad.start(10);
  rig.timer("good").start(10);
  expect(() => rig.platform.advance(10)).toThrow("mine");
  rig.platform.advance(0);
  expect(rig.told).toEqual(["bad at 10", "good at 10"]);
});

test("a timer that the platform runs too early waits for the rest", () => {
  const rig = new Rig();
  let run = (): void => {};
  const hasty = new SharedClock({
    timer: (callback) => {
      run = callback;
      return rig.platform.timer(callback);
    },
    ticks: () => rig.platform.ticks(),
    elapsed: (since) => rig.platform.elapsed(since),
  });
  let runs = 0;
  hasty
    .timer(() => {
      runs += 1;
    })
    .start(10);
  rig.platform.advance(9);
  run();
  expect([runs, rig.platform.pending]).toEqual([0, 1]);
  rig.platform.advance(1);
  expect(runs).toBe(1);
});
