// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { hour, minute, second, World } from "./world.js";

/** Waits of 0, 1, 2, 4, … 128 s. */
const ladder = [0, 1, 3, 7, 15, 31, 63, 127, 255].map((at) => at * second);

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe("the ladder of a device that nobody answers", () => {
  test("is exactly nine attempts at 0, 1, 3, 7, 15, 31, 63, 127 and 255 s", () => {
    const world = new World();
    world.platform.isDown = true;
    world.boot();
    world.run(255 * second + 10 * minute - 1);
    expect(world.attempts).toEqual(ladder);
  });

  test("goes on for ever, every 10 to 20 minutes and never alike", () => {
    const world = new World();
    world.platform.isDown = true;
    world.boot();
    world.run(3 * 24 * hour);
    const slow = gaps(world.attempts.slice(8));
    expect(slow.length).toBeGreaterThan(3 * 24 * 3);
    expect(Math.min(...slow)).toBeGreaterThanOrEqual(10 * minute);
    expect(Math.max(...slow)).toBeLessThanOrEqual(20 * minute);
    expect(new Set(slow).size).toBeGreaterThan(slow.length / 2);
  });

  test("counts its attempts among the vital signs", () => {
    const world = new World();
    world.platform.isDown = true;
    world.boot();
    world.run(10 * second);
    const vitals = new Map<string, unknown>();
    world.device.health.measure((key, value) => vitals.set(key, value));
    expect(vitals.get("provisioningAttempts")).toBe(4);
  });

  test("begins anew with a restart", () => {
    const world = new World();
    world.platform.isDown = true;
    world.boot();
    world.run(hour);
    world.boot();
    world.run(255 * second);
    expect(world.attempts).toEqual(ladder);
  });

  test("begins when there is a network", () => {
    const world = new World();
    world.platform.isDown = true;
    world.hasAccessPoint = false;
    world.boot();
    world.run(hour);
    expect(world.attempts).toEqual([]);
    world.hasAccessPoint = true;
    const since = world.clock.now;
    world.run(20 * minute, () => world.attempts.length === 4);
    expect(world.attempts[0]).toBe(since);
    expect(gaps(world.attempts)).toEqual([1, 2, 4].map((wait) => wait * second));
  });

  test.each([4, 8])("ends with credentials as soon as a server is there, after attempt %d", (count) => {
    const world = new World();
    world.platform.isDown = true;
    world.boot();
    world.run((ladder[count - 1] ?? 0) + 1);
    world.platform.isDown = false;
    world.goLive();
    expect(world.platform.requests).toHaveLength(1);
    expect(world.attempts.slice(0, count + 1)).toEqual(ladder.slice(0, count + 1));
  });

  test("waits after the end of an attempt: a server that never answers is left after 30 s", () => {
    const world = new World();
    world.platform.isMute = true;
    world.boot();
    world.run(5 * minute, () => world.attempts.length === 4);
    expect(gaps(world.attempts)).toEqual([31, 32, 34].map((gap) => gap * second));
    expect(world.log.reasons("provisioning.failed")).toContain("request-timeout");
    world.platform.isMute = false;
    world.goLive();
  });
});

describe("a device that is refused asks slowly at once", () => {
  const cases: readonly [string, (world: World) => void, string][] = [
    ["NOT_FOUND", ({ platform }) => (platform.strategy = "disabled"), "NOT_FOUND: Provision data was not found!"],
    [
      "FAILURE",
      ({ platform }) => platform.devices.set("0123456789ab", { type: "ACCESS_TOKEN", token: "an operator's" }),
      "FAILURE: Failed to provision device!",
    ],
  ];

  test.each(cases)("by %s, and reports that when it is live at last", (_, refuse, refusal) => {
    const world = new World({ credentials: "server" });
    refuse(world);
    world.boot();
    world.run(24 * hour);
    const slow = gaps(world.attempts);
    expect(world.attempts[0]).toBe(0);
    expect(slow.length).toBeGreaterThan(24 * 3);
    expect(Math.min(...slow)).toBeGreaterThanOrEqual(10 * minute);
    expect(Math.max(...slow)).toBeLessThanOrEqual(20 * minute);
    world.platform.strategy = "create";
    world.platform.devices.clear();
    world.goLive();
    world.run(minute);
    expect(world.platform.published.some((message) => message.includes(`"provisioningRefusal":"${refusal}"`))).toBe(
      true,
    );
  });

  test("with a token of its own it tries that once each time, because a reply may have been lost", () => {
    const world = new World();
    world.platform.strategy = "disabled";
    world.boot();
    world.run(24 * hour);
    const { visits } = world.platform;
    const asked = visits.filter(({ user }) => user === "provision");
    expect(Math.min(...gaps(asked.map(({ at }) => at)))).toBeGreaterThanOrEqual(10 * minute);
    expect(visits.length - asked.length).toBe(asked.length);
  });
});
