// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Gates, type GatesOptions } from "../../../modules/ota/gates.js";
import { MaintenanceWindow } from "../../../modules/ota/maintenance.js";
import { FakeLog } from "../../fakes/log.js";

const at = (time: string): number => Date.parse(`${time}Z`);

describe("MaintenanceWindow", () => {
  test("is open from its first minute to before its last", () => {
    const window = new MaintenanceWindow({ start: "02:00", end: "04:00" });
    const open = ["2026-06-17T02:00:00", "2026-06-17T03:59:59.999", "2028-02-29T03:00:00"];
    const closed = ["2026-06-17T01:59:59.999", "2026-06-17T04:00:00", "2026-06-17T23:00:00", "2026-06-17T00:00:00"];
    expect(open.filter((time) => !window.isOpen(at(time)))).toEqual([]);
    expect(closed.filter((time) => window.isOpen(at(time)))).toEqual([]);
  });

  test("goes over midnight where it ends before it starts", () => {
    const window = new MaintenanceWindow({ start: "23:30", end: "00:15" });
    const open = ["2026-06-17T23:30:00", "2026-06-17T23:59:59", "2026-06-18T00:00:00", "2026-06-18T00:14:59"];
    const closed = ["2026-06-17T23:29:59", "2026-06-18T00:15:00", "2026-06-18T12:00:00"];
    expect(open.filter((time) => !window.isOpen(at(time)))).toEqual([]);
    expect(closed.filter((time) => window.isOpen(at(time)))).toEqual([]);
  });

  test("may end at midnight", () => {
    const window = new MaintenanceWindow({ start: "22:00", end: "00:00", days: [3] });
    expect(window.isOpen(at("2026-06-17T23:59:59"))).toBe(true);
    expect(window.isOpen(at("2026-06-18T00:00:00"))).toBe(false);
  });

  test("opens on its days, which are those of the week in UTC", () => {
    // The days of many weeks, leap day included, by the engine's own calendar.
    for (let day = at("2027-12-20T12:00:00"), count = 0; count < 90; day += 86_400_000, count += 1)
      for (let weekday = 0; weekday < 7; weekday += 1) {
        const window = new MaintenanceWindow({ start: "00:00", end: "23:59", days: [weekday] });
        expect(window.isOpen(day)).toBe(new Date(day).getUTCDay() === weekday);
      }
  });

  test("over midnight belongs to the day on which it starts", () => {
    // 2026-06-20 is a Saturday.
    const window = new MaintenanceWindow({ start: "23:00", end: "02:00", days: [6] });
    expect(window.isOpen(at("2026-06-20T23:30:00"))).toBe(true);
    expect(window.isOpen(at("2026-06-21T01:30:00"))).toBe(true);
    expect(window.isOpen(at("2026-06-20T01:30:00"))).toBe(false);
    expect(window.isOpen(at("2026-06-21T23:30:00"))).toBe(false);
    expect(window.isOpen(at("2026-06-22T01:30:00"))).toBe(false);
  });

  test.each([
    ["2:00", "04:00"],
    ["02:00:00", "04:00"],
    ["02-00", "04:00"],
    ["02:00", "24:00"],
    ["02:60", "04:00"],
    ["-2:00", "04:00"],
    ["02: 0", "04:00"],
    ["", "04:00"],
    ["02:00", "02:00"],
  ])("is not from %j to %j", (start, end) => {
    expect(() => new MaintenanceWindow({ start, end })).toThrow(RangeError);
  });

  test("has days that there are", () => {
    for (const days of [[], [7], [-1], [1.5], [0, 7]])
      expect(() => new MaintenanceWindow({ start: "02:00", end: "04:00", days })).toThrow(RangeError);
  });
});

describe("Gates", () => {
  const night = { start: "02:00", end: "04:00", days: [0, 6] };
  const byNight = at("2026-06-20T03:00:00");

  class World {
    readonly log = new FakeLog();
    readonly vitals = new Map<string, unknown>();
    now: number | undefined = byNight;
    measured = 0;

    gates(options: Partial<GatesOptions> = {}): Gates {
      return new Gates({
        clockUtc: () => this.now,
        measure: (report) => {
          this.measured += 1;
          for (const [key, value] of this.vitals) report(key, value);
        },
        log: this.log,
        ...options,
      });
    }
  }

  test("are open where nothing was asked for, and look at nothing then", () => {
    const world = new World();
    world.now = undefined;
    expect(world.gates().obstacle()).toBeUndefined();
    expect(world.measured).toBe(0);
    expect(world.log.entries).toEqual([]);
  });

  test("wait for the maintenance window, and for the clock before", () => {
    const world = new World();
    const gates = world.gates({ maintenance: night });
    expect(gates.obstacle()).toBeUndefined();
    world.now = byNight + 3_600_000;
    expect(gates.obstacle()).toBe("outside of the maintenance window 02:00-04:00 UTC on Sun, Sat");
    world.now = undefined;
    expect(gates.obstacle()).toBe("the clock is not known yet");
    expect(new World().gates({ maintenance: { start: "04:00", end: "05:00" } }).obstacle()).toBe(
      "outside of the maintenance window 04:00-05:00 UTC",
    );
  });

  test("wait for the battery and for memory, each with the least that is enough", () => {
    const world = new World();
    const gates = world.gates({ minimumBattery: 30, minimumFreeHeap: 20_000 });
    const obstacleAt = (battery: number, heap: number): string | undefined => {
      world.vitals.set("battery", battery).set("freeHeap", heap).set("largestFreeBlock", 1);
      return gates.obstacle();
    };
    expect(obstacleAt(30, 20_000)).toBeUndefined();
    expect(obstacleAt(12, 20_000)).toBe("battery 12 %, under 30 %");
    expect(obstacleAt(29.99, 20_000)).toBe("battery 29 %, under 30 %");
    expect(obstacleAt(30, 19_999)).toBe("free heap 19999, under 20000");
    expect(obstacleAt(0, 0)).toBe("battery 0 %, under 30 %");
    expect(world.log.entries).toEqual([]);
  });

  test("look at one condition alone, and at vital signs of other names", () => {
    const world = new World();
    world.vitals.set("freeHeap", 5).set("battery", 5).set("cell", 80).set("free", 90);
    expect(world.gates({ minimumBattery: 30 }).obstacle()).toBe("battery 5 %, under 30 %");
    expect(world.gates({ minimumFreeHeap: 30 }).obstacle()).toBe("free heap 5, under 30");
    const named = { batteryKey: "cell", heapKey: "free", minimumBattery: 30, minimumFreeHeap: 30 };
    expect(world.gates(named).obstacle()).toBeUndefined();
  });

  test("do not wait for what the platform does not report, and say so once", () => {
    const world = new World();
    const gates = world.gates({ minimumBattery: 30, minimumFreeHeap: 20_000 });
    world.vitals.set("battery", Number.NaN).set("freeHeap", new Map([["a", 1]]));
    expect(gates.obstacle()).toBeUndefined();
    expect(gates.obstacle()).toBeUndefined();
    expect(world.log.entries.map(({ level, event, detail }) => `${level} ${event} ${detail}`)).toEqual([
      "warning ota.gates battery unknown: not waited for",
      "warning ota.gates free heap unknown: not waited for",
    ]);
    world.vitals.set("freeHeap", 100);
    expect(gates.obstacle()).toBe("free heap 100, under 20000");
  });

  test("refuse a window that is none", () => {
    expect(() => new World().gates({ maintenance: { start: "04:00", end: "04:00" } })).toThrow(RangeError);
  });
});
