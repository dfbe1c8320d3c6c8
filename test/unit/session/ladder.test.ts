// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Ladder } from "../../../modules/session/ladder.js";
import { FakeClock } from "../../fakes/clock.js";
import { longest, shortest } from "./rig.js";

function pauses(ladder: Ladder, reason: Parameters<Ladder["pauseAfter"]>[0], count: number): number[] {
  return Array.from({ length: count }, () => ladder.pauseAfter(reason));
}

describe("Ladder", () => {
  test("doubles the longest pause from 1 s to 128 s", () => {
    const ladder = new Ladder(new FakeClock(), longest);
    expect(pauses(ladder, "connection-reset", 10)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 128_000, 128_000,
    ]);
  });

  test("spreads a pause over its whole window, a tenth of it being the least", () => {
    const ladder = new Ladder(new FakeClock(), shortest);
    expect(pauses(ladder, "connection-reset", 4)).toEqual([100, 200, 400, 800]);
    const half = new Ladder(new FakeClock(), () => 0x8000_0000);
    expect(half.pauseAfter("connection-reset")).toBe(550);
  });

  test("climbs another, slower ladder when somebody has to change something first", () => {
    const ladder = new Ladder(new FakeClock(), longest);
    ladder.pauseAfter("connection-reset");
    expect(pauses(ladder, "refused-authorization", 7)).toEqual([
      30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000,
    ]);
    expect(ladder.pauseAfter("connection-reset")).toBe(2_000);
  });

  test("climbs the slowest ladder for what fails again with the same input", () => {
    const ladder = new Ladder(new FakeClock(), longest);
    expect(pauses(ladder, "provisioning-invalid", 4)).toEqual([600_000, 1_200_000, 2_400_000, 3_600_000]);
    expect(ladder.pauseAfter("provisioning-refused")).toBe(30_000);
    expect(ladder.pauseAfter("provisioning-failed")).toBe(1_000);
  });

  test("waits out a lockout, where the server has one and has not even answered to CONNECT", () => {
    const ladder = new Ladder(new FakeClock(), longest, 45_000);
    expect(ladder.nameEnd("connection-closed", true)).toBe("closed-before-connack");
    expect(ladder.nameEnd("connection-reset", true)).toBe("closed-before-connack");
    expect(ladder.nameEnd("connack-timeout", true)).toBe("connack-timeout");
    expect(ladder.nameEnd("connection-closed", false)).toBe("connection-closed");
    expect(pauses(ladder, "closed-before-connack", 2)).toEqual([46_000, 47_000]);
    expect(new Ladder(new FakeClock(), longest).nameEnd("connection-closed", true)).toBe("connection-closed");
  });

  test("waits no more than a quarter of a second where nothing stands in the way", () => {
    expect(new Ladder(new FakeClock(), longest).pauseAfter(undefined)).toBe(249);
    expect(new Ladder(new FakeClock(), shortest).pauseAfter(undefined)).toBe(0);
  });

  test("starts anew only after a session of a minute", () => {
    const clock = new FakeClock();
    const ladder = new Ladder(clock, longest);
    const afterSessionOf = (age: number): number[] => {
      ladder.onAccepted();
      clock.advance(age);
      ladder.onEnded();
      return [ladder.pauseAfter("connection-closed"), ladder.pauseAfter("refused-protocol")];
    };
    expect(afterSessionOf(59_999)).toEqual([1_000, 30_000]);
    expect(afterSessionOf(59_999)).toEqual([2_000, 60_000]);
    expect(afterSessionOf(60_000)).toEqual([1_000, 30_000]);
  });

  test("does not add up short sessions to a stable one", () => {
    const clock = new FakeClock();
    const ladder = new Ladder(clock, longest);
    ladder.pauseAfter("connection-closed");
    ladder.onAccepted();
    ladder.onEnded();
    clock.advance(60_000);
    expect(ladder.pauseAfter("connection-closed")).toBe(2_000);
  });

  test("names a close in the first five seconds after CONNACK, and no other", () => {
    const clock = new FakeClock();
    const ladder = new Ladder(clock, longest);
    expect(ladder.nameEnd("connection-closed")).toBe("connection-closed");
    ladder.onAccepted();
    clock.advance(4_999);
    expect(ladder.nameEnd("connection-closed")).toBe("closed-after-connack");
    expect(ladder.nameEnd("connection-reset")).toBe("closed-after-connack");
    expect(ladder.nameEnd("malformed-packet")).toBe("malformed-packet");
    clock.advance(1);
    expect(ladder.nameEnd("connection-closed")).toBe("connection-closed");
    ladder.onAccepted();
    ladder.onEnded();
    expect(ladder.nameEnd("connection-closed")).toBe("connection-closed");
  });
});
