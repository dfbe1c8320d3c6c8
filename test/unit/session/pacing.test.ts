// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import type { SessionLimits } from "../../../modules/cloud/dialect.js";
import { uncounted } from "../../../modules/session/link.js";
import { Pacing } from "../../../modules/session/pacing.js";
import { FakeClock } from "../../fakes/clock.js";

const unlimited: SessionLimits = {
  maxPayload: undefined,
  maxInflight: undefined,
  messages: [],
  telemetryMessages: [],
  telemetryDataPoints: [],
};

let clock: FakeClock;
let ready: number;
let pacing: Pacing;

beforeEach(() => {
  clock = new FakeClock();
  ready = 0;
  pacing = new Pacing(clock, () => {
    ready += 1;
  });
  pacing.begin(0);
});

/** How many messages pass now. */
function burst(dataPoints: number, most = 1_000): number {
  let count = 0;
  while (count < most && pacing.admit(dataPoints)) {
    pacing.spend(dataPoints);
    count += 1;
  }
  return count;
}

describe("Pacing", () => {
  test("holds to 20 messages in a second and 600 in a minute while the server's limits are unknown", () => {
    expect(burst(0)).toBe(20);
    let inOneMinute = 20;
    for (let second = 1; second <= 60; second += 1) {
      clock.advance(1_000);
      inOneMinute += burst(0);
    }
    expect(inOneMinute).toBeGreaterThan(1_000);
    expect(inOneMinute).toBeLessThanOrEqual(1_200);
    clock.advance(1_000);
    expect(burst(0)).toBe(10);
  });

  test("counts telemetry apart from other messages", () => {
    expect(burst(0)).toBe(20);
    expect(burst(5)).toBe(20);
  });

  test("says when it is worth trying again, and then it is", () => {
    burst(0);
    expect(clock.pending).toBe(50);
    clock.advance(49);
    expect(ready).toBe(0);
    clock.advance(1);
    expect(ready).toBe(1);
    expect(burst(0)).toBe(1);
  });

  test("says so for whoever may go first, although another was refused for longer afterwards", () => {
    pacing.apply({
      ...unlimited,
      messages: [{ count: 10, period: 1_000 }],
      telemetryMessages: [{ count: 5, period: 60_000 }],
    });
    burst(1);
    clock.advance(100);
    burst(0);
    expect(clock.pending).toBe(125);
    clock.advance(25);
    expect(pacing.admit(1)).toBe(false);
    expect(clock.pending).toBe(100);
    clock.advance(100);
    expect(ready).toBe(1);
    expect([pacing.admit(0), pacing.admit(1)]).toEqual([true, false]);
    clock.advance(14_774);
    expect(ready).toBe(1);
    clock.advance(1);
    expect(ready).toBe(2);
    expect(pacing.admit(1)).toBe(true);
  });

  test("says so earlier when one is refused who has less to wait", () => {
    pacing.apply({
      ...unlimited,
      messages: [{ count: 10, period: 1_000 }],
      telemetryMessages: [{ count: 5, period: 60_000 }],
    });
    burst(1);
    expect(clock.pending).toBe(15_000);
    burst(0);
    expect(clock.pending).toBe(125);
    clock.advance(125);
    expect(pacing.admit(1)).toBe(false);
    clock.advance(14_865);
    burst(0);
    expect(clock.pending).toBe(10);
  });

  test("says so in a session although an earlier one ended while somebody was waiting", () => {
    burst(0);
    pacing.end();
    pacing.begin(0);
    expect(pacing.admit(0)).toBe(false);
    expect(clock.pending).toBe(50);
  });

  test("uses 80 percent of the server's limits", () => {
    pacing.apply({ ...unlimited, messages: [{ count: 10, period: 10_000 }] });
    expect(burst(0)).toBe(8);
    clock.advance(10_000);
    expect(burst(0)).toBe(8);
  });

  test("obeys the strictest of several windows", () => {
    pacing.apply({
      ...unlimited,
      messages: [
        { count: 10, period: 1_000 },
        { count: 15, period: 60_000 },
      ],
    });
    expect(burst(0)).toBe(8);
    clock.advance(1_000);
    expect(burst(0)).toBe(4);
  });

  test("counts data points as well as messages of telemetry", () => {
    pacing.apply({
      ...unlimited,
      telemetryMessages: [{ count: 100, period: 1_000 }],
      telemetryDataPoints: [{ count: 100, period: 1_000 }],
    });
    expect(burst(30)).toBe(2);
    expect(burst(0)).toBe(1_000);
    clock.advance(125);
    expect(burst(30)).toBe(1);
  });

  test("tells how many data points one message may hold", () => {
    expect(pacing.maxDataPoints).toBe(Number.POSITIVE_INFINITY);
    pacing.apply({
      ...unlimited,
      telemetryDataPoints: [
        { count: 300, period: 60_000 },
        { count: 50, period: 1_000 },
      ],
    });
    expect(pacing.maxDataPoints).toBe(40);
    pacing.apply(unlimited);
    expect(pacing.maxDataPoints).toBe(Number.POSITIVE_INFINITY);
  });

  test("lets a message through that is over any limit when nothing else was sent, or it would wait for ever", () => {
    pacing.apply({ ...unlimited, telemetryDataPoints: [{ count: 10, period: 1_000 }] });
    expect(burst(100)).toBe(1);
    clock.advance(10_000);
    expect(burst(1)).toBe(0);
    clock.advance(2_500);
    expect(burst(1)).toBe(8);
  });

  test("is out of the way when the server has no limits", () => {
    pacing.apply(unlimited);
    expect(burst(0)).toBe(1_000);
    expect(burst(50)).toBe(1_000);
  });

  test("never holds up what the server does not count", () => {
    burst(0);
    burst(1);
    expect(burst(uncounted)).toBe(1_000);
    clock.advance(1_000);
    expect([burst(0), burst(1)]).toEqual([20, 20]);
  });

  test("counts what this session has sent before the limits became known", () => {
    pacing.begin(4);
    pacing.spend(0);
    pacing.apply({ ...unlimited, messages: [{ count: 100, period: 60_000 }] });
    expect(burst(0)).toBe(75);
  });

  test("does not count what an earlier session has sent before limits that are new", () => {
    burst(0);
    burst(3);
    pacing.end();
    pacing.begin(0);
    const limit = [{ count: 100, period: 60_000 }];
    pacing.apply({ ...unlimited, messages: limit, telemetryMessages: limit, telemetryDataPoints: limit });
    expect(burst(0)).toBe(80);
    expect(burst(1)).toBe(80);
  });

  test("keeps its level when the same limits are told again after a reconnect, for the server's does not refill", () => {
    const limits = { ...unlimited, messages: [{ count: 100, period: 60_000 }] };
    pacing.apply(limits);
    expect(burst(0)).toBe(80);
    pacing.end();
    pacing.begin(0);
    pacing.apply(limits);
    expect(burst(0)).toBe(0);
  });

  test("has no timer running after the end", () => {
    burst(0);
    pacing.end();
    clock.advance(60_000);
    expect(ready).toBe(0);
  });

  test("refills over a wrap of the clock's reading", () => {
    const late = new FakeClock(0x7fff_ff00);
    pacing = new Pacing(late, () => {});
    burst(0);
    late.advance(1_000);
    expect(burst(0)).toBe(20);
    late.advance(0x8000_0000);
    expect(burst(0)).toBe(20);
  });
});
