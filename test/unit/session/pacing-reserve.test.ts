// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import type { RateLimit } from "../../../modules/cloud/dialect.js";
import { uncounted } from "../../../modules/session/link.js";
import { localLimits, Pacing } from "../../../modules/session/pacing.js";
import { FakeClock } from "../../fakes/clock.js";
import { Rig } from "./rig.js";

let clock: FakeClock;
let ready: number;
let pacing: Pacing;

/** As the server tells it; eight tenths of it are used. */
function limit(messages: readonly RateLimit[], dataPoints: readonly RateLimit[] = []): void {
  pacing.apply({ ...localLimits, messages: [], telemetryMessages: messages, telemetryDataPoints: dataPoints });
}

/** How many messages that leave a part of the limits pass now. */
function burst(kept: number, dataPoints = 1): number {
  let count = 0;
  while (count < 1_000 && pacing.admit(dataPoints, kept)) {
    pacing.spend(dataPoints);
    count += 1;
  }
  return count;
}

beforeEach(() => {
  clock = new FakeClock();
  ready = 0;
  pacing = new Pacing(clock, () => {
    ready += 1;
  });
  pacing.begin(0);
});

describe("Pacing, a reserve", () => {
  test.each([
    [0, 8],
    [0.25, 6],
    [0.5, 4],
    [0.9, 1],
  ])("of %d of ten messages a second lets %d pass at once", (kept, count) => {
    limit([{ count: 10, period: 1_000 }]);
    expect(burst(kept)).toBe(count);
  });

  test("is there for those who keep none", () => {
    limit([{ count: 10, period: 1_000 }]);
    expect(burst(0.5)).toBe(4);
    expect(burst(0)).toBe(4);
  });

  test("is kept of every limit", () => {
    limit(
      [
        { count: 10, period: 1_000 },
        { count: 20, period: 60_000 },
      ],
      [{ count: 1_000, period: 60_000 }],
    );
    clock.advance(60_000);
    expect(burst(0.5, 50)).toBe(4);
    clock.advance(1_000);
    expect(burst(0.5, 50)).toBe(4);
    clock.advance(1_000);
    // Eight of the sixteen a minute are gone, and not even one has come back.
    expect(burst(0.5, 50)).toBe(0);
    expect(burst(0, 50)).toBe(8);
  });

  test("is a reserve of data points, too", () => {
    limit([{ count: 100, period: 1_000 }], [{ count: 1_000, period: 60_000 }]);
    expect(burst(0.5, 100)).toBe(4);
    expect(burst(0, 100)).toBe(4);
  });

  test("does not keep back for ever what is larger than what it leaves: a full limit lets it pass", () => {
    limit([{ count: 1, period: 1_000 }], [{ count: 100, period: 1_000 }]);
    expect(burst(0.9, 80)).toBe(1);
    expect(burst(0.9, 80)).toBe(0);
    clock.advance(1_000);
    expect(burst(0.9, 80)).toBe(1);
  });

  test("does not slow down who goes at an even pace: all that comes in goes out", () => {
    limit([{ count: 10, period: 1_000 }]);
    let count = burst(0.5);
    for (let tenth = 0; tenth < 600; tenth += 1) {
      clock.advance(100);
      count += burst(0.5);
    }
    expect(count).toBeGreaterThanOrEqual(4 + 8 * 60 - 1);
  });

  test("says when it is worth trying again, and then it is", () => {
    limit([{ count: 10, period: 1_000 }]);
    burst(0.5);
    const wait = clock.pending ?? 0;
    expect(wait).toBe(125);
    clock.advance(wait);
    expect(ready).toBe(1);
    expect(burst(0.5)).toBe(1);
  });

  test("wakes those who keep none when it is their time, not when it is that of the reserve", () => {
    limit([{ count: 10, period: 1_000 }]);
    burst(0);
    expect(pacing.admit(1, 0.5)).toBe(false);
    expect(pacing.admit(1)).toBe(false);
    expect(clock.pending).toBe(125);
    clock.advance(125);
    expect(pacing.admit(1)).toBe(true);
  });

  test("is not all that a large batch gets: those who keep some wait for data that were refused", () => {
    limit([{ count: 100, period: 1_000 }], [{ count: 10, period: 1_000 }]);
    expect(burst(0, 8)).toBe(1);
    let batches = 0;
    for (let tenth = 0; tenth < 100; tenth += 1) {
      clock.advance(100);
      burst(0.5);
      batches += burst(0, 8);
    }
    expect(batches).toBeGreaterThanOrEqual(5);
  });

  test("is open again a second after the time of data that never came back", () => {
    limit([{ count: 100, period: 1_000 }], [{ count: 10, period: 1_000 }]);
    expect(burst(0, 8)).toBe(1);
    clock.advance(1_999);
    expect(pacing.admit(1, 0.5)).toBe(false);
    clock.advance(1);
    expect(pacing.admit(1, 0.5)).toBe(true);
  });

  test("does not hold up what the server does not count", () => {
    limit([{ count: 1, period: 1_000 }]);
    burst(0);
    expect(pacing.admit(uncounted, 1)).toBe(true);
  });
});

describe("Session.leaves", () => {
  test("is false without a session", () => {
    const rig = new Rig();
    expect(rig.session.leaves(0, 1)).toBe(false);
  });

  test("is followed by room when it was false, and spends nothing", () => {
    const rig = new Rig();
    rig.join();
    rig.goLive();
    for (let count = 0; count < 100; count += 1) expect(rig.session.leaves(0.5, 1)).toBe(true);
    const payload = new Uint8Array(1);
    while (rig.session.leaves(0.5, 1)) rig.session.publish("t", payload, 1, undefined, 0, false, 1);
    expect(rig.told).not.toContain("room");
    rig.clock.advance(rig.clock.pending ?? 0);
    expect(rig.told).toContain("room");
    expect(rig.session.leaves(0.5, 1)).toBe(true);
  });
});
