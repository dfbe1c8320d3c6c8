// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Trail } from "../../../modules/health/trail.js";
import { text } from "../../fakes/text.js";

class FakeBox {
  readonly error = "";
  readonly trail: string;
  written = "";
  writes = 0;

  constructor(trail = "") {
    this.trail = trail;
  }

  write(trail: string): void {
    this.written = trail;
    this.writes += 1;
  }
}

function setUp(last = "") {
  const box = new FakeBox(last);
  const state = { uptime: 0 };
  return { box, state, trail: new Trail(box, text, () => state.uptime) };
}

describe("Trail", () => {
  test("keeps changes of state, warnings and errors as they happen, each with its second of uptime", () => {
    const { box, state, trail } = setUp();
    trail.add("info", "device.start", "esp32", undefined);
    state.uptime = 2_999;
    trail.add("warning", "session.disconnected", "count 1", "connection-reset");
    expect(box.written).toBe("0 device.start esp32\n2 session.disconnected (connection-reset) count 1");
    state.uptime = 3_600_000;
    trail.add("error", "app.failed", "", undefined);
    expect(box.written.split("\n").at(-1)).toBe("3600 app.failed");
  });

  test.each([
    ["debug", "session.live"],
    ["info", "telemetry.stored"],
    ["info", "clock.known"],
  ] as const)("does not keep %s %s, which says little of an end and comes often", (level, event) => {
    const { box, trail } = setUp();
    trail.add(level, event, "", undefined);
    expect(box.writes).toBe(0);
  });

  test("keeps the last ten, of at most 56 characters and one line each", () => {
    const { box, trail } = setUp();
    for (let index = 0; index < 12; index += 1)
      trail.add("error", "app.failed", `${index}\n${"x".repeat(100)}`, undefined);
    const lines = box.written.split("\n");
    expect(lines).toHaveLength(10);
    expect(lines[0]?.startsWith("0 app.failed 2 xxx")).toBe(true);
    for (const line of lines) expect(line).toHaveLength(56);
  });

  test("has at most 639 bytes, and gives up the oldest lines for that", () => {
    const { box, trail } = setUp();
    for (let index = 0; index < 10; index += 1)
      trail.add("error", "app.failed", `${index}${"\u00e9".repeat(50)}`, undefined);
    const lines = box.written.split("\n");
    expect(text.byteLength(box.written)).toBeLessThanOrEqual(639);
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.at(-1)?.startsWith("0 app.failed 9")).toBe(true);
  });

  test("knows the steps of the last run, whatever this one writes", () => {
    const { box, trail } = setUp("0 device.start\n7 app.failed");
    expect(trail.previous).toEqual(["0 device.start", "7 app.failed"]);
    trail.add("error", "app.failed", "", undefined);
    expect(box.written).toBe("0 app.failed");
    expect(trail.previous).toEqual(["0 device.start", "7 app.failed"]);
  });

  test("has nothing to tell after power-on, and nothing to keep where there is no black box", () => {
    expect(setUp().trail.previous).toEqual([]);
    const trail = new Trail(undefined, text, () => 0);
    trail.add("error", "app.failed", "", undefined);
    expect(trail.previous).toEqual([]);
  });
});
