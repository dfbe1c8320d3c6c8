// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Reason } from "../../../modules/core/errors.js";
import type { Clock, TimeSource } from "../../../modules/core/ports.js";
import { WallClock } from "../../../modules/network/clock.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";

const noon = Date.UTC(2026, 10, 21, 12);

class FakeTime implements TimeSource {
  requests = 0;
  #onTime: (epoch: number) => void = () => {};
  #onError: (reason: Reason) => void = () => {};

  request(onTime: (epoch: number) => void, onError: (reason: Reason) => void): void {
    this.requests += 1;
    this.#onTime = onTime;
    this.#onError = onError;
  }

  answer(epoch: number): void {
    this.#onTime(epoch);
  }

  fail(): void {
    this.#onError("time-unavailable");
  }
}

function setUp(origin = 0) {
  const clock = new FakeClock(origin);
  const time = new FakeTime();
  const log = new FakeLog();
  const known: number[] = [];
  const wallClock: WallClock = new WallClock({
    clock,
    time,
    random: () => 0xffff_ffff,
    log,
    onKnown: () => known.push(wallClock.uptime()),
  });
  return { clock, time, log, known, wallClock };
}

describe("WallClock", () => {
  test("does not know the time, and asks nobody, before there is a network", () => {
    const { clock, time, wallClock } = setUp();
    clock.advance(60_000);
    expect(time.requests).toBe(0);
    expect(wallClock.epoch(0)).toBeUndefined();
  });

  test("gives wall-clock time to instants from before it was known", () => {
    const { clock, time, wallClock, known } = setUp();
    clock.advance(5_000);
    wallClock.setNetwork(true);
    clock.advance(0);
    time.answer(noon);
    expect(wallClock.epoch(0)).toBe(noon - 5_000);
    expect(wallClock.epoch(5_250)).toBe(noon + 250);
    expect(known).toEqual([5_000]);
  });

  test("asks again by a doubling backoff until it is answered", () => {
    const { clock, time, wallClock, log } = setUp();
    wallClock.setNetwork(true);
    clock.advance(0);
    time.fail();
    clock.advance(1_999);
    expect(time.requests).toBe(1);
    clock.advance(1);
    time.fail();
    clock.advance(4_000);
    expect(time.requests).toBe(3);
    expect(log.reasons("clock.unknown")).toEqual(["time-unavailable", "time-unavailable"]);
  });

  test("takes a source that says 1970 for one that does not know", () => {
    const { clock, time, wallClock } = setUp();
    wallClock.setNetwork(true);
    clock.advance(0);
    time.answer(86_400_000);
    expect(wallClock.isKnown).toBe(false);
    clock.advance(2_000);
    expect(time.requests).toBe(2);
  });

  test("refreshes every six hours and follows a source that moved, and announces that", () => {
    const { clock, time, wallClock, known } = setUp();
    wallClock.setNetwork(true);
    clock.advance(0);
    time.answer(noon);
    clock.advance(6 * 3_600_000);
    expect(time.requests).toBe(2);
    time.answer(noon + 6 * 3_600_000 + 1_000);
    expect(wallClock.epoch(0)).toBe(noon + 1_000);
    expect(known).toEqual([0, 6 * 3_600_000]);
  });

  test("keeps the time of a datum when a refresh differs by less than a second, so that a repetition is stored once", () => {
    const { clock, time, wallClock } = setUp();
    wallClock.setNetwork(true);
    clock.advance(0);
    time.answer(noon);
    wallClock.setNetwork(false);
    wallClock.setNetwork(true);
    clock.advance(0);
    time.answer(noon + 999);
    expect(wallClock.epoch(0)).toBe(noon);
  });

  test("counts no time twice although the clock goes on between two readings", () => {
    const clock = new FakeClock();
    let readings = 0;
    const busy: Clock = {
      timer: (callback) => clock.timer(callback),
      ticks: () => clock.ticks() + readings++,
      elapsed: (since) => clock.elapsed(since) + readings++,
    };
    const wallClock = new WallClock({ clock: busy, time: new FakeTime(), random: () => 0, log: new FakeLog() });
    for (let call = 0; call < 1_000; call += 1) wallClock.uptime();
    expect(wallClock.uptime()).toBeLessThanOrEqual(readings);
  });

  test("does not ask without a network, and asks at once when it is back", () => {
    const { clock, time, wallClock } = setUp();
    wallClock.setNetwork(true);
    clock.advance(0);
    time.fail();
    wallClock.setNetwork(false);
    clock.advance(600_000);
    expect(time.requests).toBe(1);
    wallClock.setNetwork(true);
    clock.advance(0);
    expect(time.requests).toBe(2);
  });

  test("uptime grows steadily across the wrap of the ticks and over more than 2^32 ms of rest", () => {
    const { clock, wallClock } = setUp(0x7fff_fff0);
    clock.advance(100);
    expect(wallClock.uptime()).toBe(100);
    clock.advance(60 * 86_400_000);
    expect(wallClock.uptime()).toBe(100 + 60 * 86_400_000);
  });
});
