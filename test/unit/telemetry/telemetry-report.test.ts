// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Rig } from "./rig.js";

/** Values in the order in which they arrived. */
function values(rig: Rig): unknown[] {
  return rig.received().map(({ value }) => value);
}

describe("Telemetry, report rules", () => {
  test("counts what is suppressed, takes it for no trouble and does not send it", () => {
    const rig = new Rig();
    rig.connect();
    rig.telemetry.setRule("a", { deadband: 1 });
    expect([20, 20.5, 21, 22, 22].map((value) => rig.telemetry.record("a", value))).toEqual(Array(5).fill(true));
    expect(rig.telemetry).toMatchObject({ recorded: 2, suppressed: 3, depth: 2, refused: 0, dropped: 0 });
    rig.telemetry.flush();
    rig.clock.advance(0);
    rig.link.acknowledge();
    expect(values(rig)).toEqual([20, 22]);
    expect(rig.telemetry).toMatchObject({ recorded: 2, suppressed: 3, delivered: 2, depth: 0 });
  });

  test("leaves keys without a rule alone, those of the same instant too", () => {
    const rig = new Rig();
    rig.telemetry.setRule("a", { mode: "on-change" });
    for (let sample = 0; sample < 3; sample += 1) rig.telemetry.record({ a: 1, b: 1 });
    rig.connect();
    expect(rig.received().map(({ key }) => key)).toEqual(["a", "b", "b", "b"]);
  });

  test("compares texts, objects and booleans by value, several of one instant too", () => {
    const rig = new Rig();
    for (const key of ["text", "tree", "flag"]) rig.telemetry.setRule(key, { mode: "on-change" });
    const record = (text: string, tree: object, flag: boolean) => rig.telemetry.record({ text, tree, flag });
    record("x", { y: 1 }, true);
    record("x", { y: 1 }, true);
    record("z", { y: 1 }, true);
    record("z", { y: 2 }, false);
    rig.telemetry.record("text", "z");
    rig.telemetry.record("text", "x");
    rig.connect();
    expect(rig.received().map(({ key, value }) => [key, value])).toEqual([
      ["text", "x"],
      ["tree", { y: 1 }],
      ["flag", true],
      ["text", "z"],
      ["tree", { y: 2 }],
      ["flag", false],
      ["text", "x"],
    ]);
    expect(rig.telemetry).toMatchObject({ recorded: 7, suppressed: 7 });
  });

  test("measures periods in uptime", () => {
    const rig = new Rig();
    rig.telemetry.setRule("a", { minPeriod: 1_000 });
    for (let sample = 0; sample < 5; sample += 1) {
      rig.telemetry.record("a", sample);
      rig.clock.advance(500);
    }
    rig.connect();
    expect(values(rig)).toEqual([0, 2, 4]);
  });

  test("sends the sample of an alarm in the next turn, without waiting for company", () => {
    const rig = new Rig({ maxAge: 60_000 });
    rig.connect();
    rig.telemetry.setRule("a", { deadband: 5, maximum: 10 });
    rig.telemetry.record({ a: 1, b: 0 });
    rig.clock.advance(1_000);
    expect(rig.received()).toEqual([]);
    rig.telemetry.record({ a: 11, b: 1 });
    expect(rig.received()).toEqual([]);
    rig.clock.advance(0);
    expect(values(rig).slice(0, 2)).toEqual([11, 1]);
    rig.telemetry.flush();
    rig.clock.advance(0);
    expect(rig.received()).toHaveLength(4);
  });

  test("is urgent again when the value comes back", () => {
    const rig = new Rig({ maxAge: 60_000 });
    rig.connect();
    rig.telemetry.setRule("a", { deadband: 5, maximum: 10 });
    for (const value of [11, 12, 10]) {
      rig.telemetry.record("a", value);
      rig.clock.advance(0);
    }
    expect(values(rig)).toEqual([11, 10]);
  });

  test("does not hurry for the sample after an alarm", () => {
    const rig = new Rig({ maxAge: 60_000 });
    rig.connect();
    rig.telemetry.setRule("a", { maximum: 10 });
    rig.telemetry.record("a", 11);
    rig.clock.advance(0);
    rig.link.acknowledge();
    rig.telemetry.record("a", 12);
    rig.clock.advance(59_999);
    expect(values(rig)).toEqual([11]);
  });

  test("reports again what the full queue did not keep", () => {
    const rig = new Rig({ capacity: 1_024, whenFull: "drop-newest" });
    rig.telemetry.setRule("a", { mode: "on-change" });
    while (rig.telemetry.record("fill", "x".repeat(90)));
    while (rig.telemetry.record("fill", 0));
    expect([rig.telemetry.record("a", 1), rig.telemetry.record("a", 1)]).toEqual([false, false]);
    rig.connect();
    rig.link.acknowledge();
    expect([rig.telemetry.record("a", 1), rig.telemetry.record("a", 1)]).toEqual([true, true]);
    const { recorded, delivered, dropped, depth } = rig.telemetry;
    expect(rig.telemetry).toMatchObject({ suppressed: 1, depth: 1 });
    expect(delivered + dropped + depth).toBe(recorded);
  });

  test("suppresses nothing of a key that is one too many", () => {
    const rig = new Rig({ maxKeys: 1 });
    rig.telemetry.setRule("b", { mode: "on-change" });
    rig.telemetry.record("a", 1);
    expect([rig.telemetry.record("b", 1), rig.telemetry.record("b", 1)]).toEqual([false, false]);
    expect(rig.telemetry).toMatchObject({ recorded: 3, refused: 2, suppressed: 0 });
  });

  test("reports everything again once its rule is taken away", () => {
    const rig = new Rig();
    rig.telemetry.setRule("a", { mode: "on-change" });
    rig.telemetry.record("a", 1);
    rig.telemetry.setRule("a", undefined);
    rig.telemetry.record("a", 1);
    expect(rig.telemetry).toMatchObject({ recorded: 2, suppressed: 0 });
  });

  test("refuses a bad rule by its field and keeps the one before", () => {
    const { telemetry } = new Rig();
    telemetry.setRule("a", { mode: "on-change" });
    expect(() => telemetry.setRule("a", { deadband: 0 })).toThrow("rule.deadband: not above 0");
    expect(() => telemetry.setRule("a", 5 as never)).toThrow(TypeError);
    expect(() => telemetry.setRule("", {})).toThrow("key: blank");
    expect(() => telemetry.setRule(5 as never, {})).toThrow(TypeError);
    telemetry.record("a", 1);
    telemetry.record("a", 1);
    expect(telemetry.suppressed).toBe(1);
  });

  test("an overriding rule goes before the program's; a bad one is told and changes nothing", () => {
    const { telemetry } = new Rig();
    telemetry.setRule("a", { mode: "on-change" });
    expect(telemetry.overrideRule("a", new Map())).toBeUndefined();
    expect(telemetry.overrideRule("a", new Map([["deadband", -1]]))).toBe("deadband: not above 0");
    expect(telemetry.overrideRule(" ", new Map())).toBe("key: blank");
    telemetry.record("a", 1);
    telemetry.record("a", 1);
    expect(telemetry).toMatchObject({ recorded: 2, suppressed: 0 });
    expect(telemetry.overrideRule("a", undefined)).toBeUndefined();
    telemetry.record("a", 1);
    telemetry.record("a", 1);
    expect(telemetry).toMatchObject({ recorded: 2, suppressed: 2 });
  });
});
