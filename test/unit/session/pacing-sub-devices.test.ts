// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import type { SessionLimits } from "../../../modules/cloud/dialect.js";
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
let pacing: Pacing;

beforeEach(() => {
  clock = new FakeClock();
  pacing = new Pacing(clock, () => {});
  pacing.begin(0);
});

/** How many messages of so many sub-devices pass now. */
function burst(dataPoints: number, devices: number): number {
  let count = 0;
  while (count < 1_000 && pacing.admit(dataPoints, 0, devices)) {
    pacing.spend(dataPoints, devices);
    count += 1;
  }
  return count;
}

describe("Pacing of sub-devices", () => {
  test("is apart from that of the device itself, and as careful before the limits are known", () => {
    expect(burst(5, 0)).toBe(20);
    expect(burst(5, 1)).toBe(20);
    expect(burst(0, 1)).toBe(20);
    expect(burst(0, 0)).toBe(20);
    expect(pacing.maxDevices).toBe(20);
  });

  test("counts a message for each of them, and the data points of all", () => {
    pacing.apply({
      ...unlimited,
      subDevices: {
        messages: [{ count: 20, period: 1_000 }],
        telemetryMessages: [{ count: 100, period: 1_000 }],
        telemetryDataPoints: [{ count: 1_000, period: 1_000 }],
      },
    });
    expect(burst(1, 8)).toBe(10);
    clock.advance(1_000);
    expect(burst(400, 8)).toBe(2);
    expect(burst(0, 1)).toBe(16);
    expect(burst(400, 0)).toBe(1_000);
    expect(pacing).toMatchObject({ maxDevices: 16, maxDataPoints: 800 });
  });

  test("holds them to nothing where the server has told limits and none for them", () => {
    burst(1, 1);
    pacing.apply({ ...unlimited, telemetryMessages: [{ count: 10, period: 1_000 }] });
    expect(burst(1, 30)).toBe(1_000);
    expect(burst(1, 0)).toBe(8);
    expect(pacing.maxDevices).toBe(Number.POSITIVE_INFINITY);
  });

  test("counts what they have sent in this session before the limits became known", () => {
    burst(1, 4);
    const telemetryMessages = [{ count: 100, period: 60_000 }];
    pacing.apply({ ...unlimited, subDevices: { ...unlimited, telemetryMessages } });
    expect(burst(1, 1)).toBe(60);
    pacing.end();
    pacing.begin(0);
    pacing.apply({ ...unlimited, subDevices: { ...unlimited, telemetryMessages } });
    expect(burst(1, 1)).toBe(0);
  });

  test("says when it is worth trying again", () => {
    burst(1, 20);
    expect(pacing.admit(1, 0, 10)).toBe(false);
    expect(clock.pending).toBe(500);
    clock.advance(500);
    expect(pacing.admit(1, 0, 10)).toBe(true);
  });

  test("lets their new data go before their backlog, and does not hold up the device's own", () => {
    burst(1, 1);
    expect(pacing.admit(1, 0, 1)).toBe(false);
    clock.advance(100);
    expect(pacing.admit(1, 0.01, 1)).toBe(false);
    expect(pacing.admit(1, 0.01, 0)).toBe(true);
    expect(pacing.admit(1, 0, 1)).toBe(true);
  });
});
