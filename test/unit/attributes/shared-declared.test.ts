// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { SharedType, SharedValue } from "../../../modules/cloud/declaration.js";
import type { Json } from "../../../modules/cloud/json.js";
import { FakeStorage } from "../../fakes/storage.js";
import { sharedRoom } from "./shared-room.js";

const period = { type: "integer", minimum: 100, maximum: 1_000, default: 500 } as const;

function setUp(types: Readonly<Record<string, SharedType>> = { period }, storage = new FakeStorage()) {
  const room = sharedRoom({ storage });
  const calls: [string, Json | undefined][] = [];
  for (const [name, type] of Object.entries(types))
    room.shared.declareShared(name, type, (value) => calls.push([name, value as Json | undefined]));
  /** The calls since the last time. */
  const called = () => calls.splice(0);
  const push = (values: Readonly<Record<string, unknown>>) => room.link.deliver("v2/a", JSON.stringify(values));
  const restart = (newTypes = types) => {
    room.lastKnown.store();
    return setUp(newTypes, storage);
  };
  return { ...room, called, push, restart };
}

describe("SharedAttributes, declared", () => {
  test("begins with the default, not inside the call, and without a default with nothing", () => {
    const { clock, called } = setUp({ period, mode: "string" });
    expect(called()).toEqual([]);
    clock.advance(0);
    expect(called()).toEqual([["period", 500]]);
    clock.advance(600_000);
    expect(called()).toEqual([]);
  });

  test("follows good values, and goes back to the default when the attribute is deleted", () => {
    const { clock, link, called, push } = setUp({ period, mode: "string" });
    clock.advance(0);
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"period":100,"mode":"a"}}');
    push({ period: 1_000 });
    push({ deleted: ["period", "mode"] });
    push({ deleted: ["period", "mode"] });
    expect(called()).toEqual([
      ["period", 500],
      ["period", 100],
      ["mode", "a"],
      ["period", 1_000],
      ["period", 500],
      ["mode", undefined],
    ]);
  });

  test("does not tell a change where the server sets or deletes what is the default anyway", () => {
    const { clock, called, push } = setUp();
    clock.advance(0);
    push({ period: 500 });
    push({ deleted: ["period"] });
    expect(called()).toEqual([["period", 500]]);
  });

  test("refuses what is beyond the limits or of another type: the last good value stays, and the reason is told", () => {
    const { clock, link, called, push, told, shared, log } = setUp();
    clock.advance(0);
    link.open();
    push({ period: 200 });
    expect(told()).toEqual([{}]);
    push({ period: 99 });
    expect(told()).toEqual([{ period: "below 100" }]);
    push({ period: 1_001 });
    expect(told()).toEqual([{ period: "over 1000" }]);
    for (const value of ["never", 100.5, true, null, [200], { a: 200 }]) push({ period: value });
    expect(told()).toEqual([{ period: "not an integer" }]);
    expect(called()).toEqual([
      ["period", 500],
      ["period", 200],
    ]);
    expect(shared.failures.counts.of("value-refused")).toBe(8);
    expect(log.entries.at(-1)).toMatchObject({
      ...{ event: "attributes.shared", reason: "value-refused", detail: "period: below 100, count 1" },
    });
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["a good value", { period: 300 }],
    ["the good value that is in force", { period: 200 }],
    ["a deletion", { deleted: ["period"] }],
  ])("tells that all is well after %s", (_, values) => {
    const { link, push, told } = setUp();
    link.open();
    push({ period: 200 });
    push({ period: 0 });
    expect(told().at(-1)).toEqual({ period: "below 100" });
    push(values);
    expect(told()).toEqual([{}]);
  });

  test("tells that all is well when the bad value is gone at the next connect", () => {
    const { link, push, told } = setUp();
    push({ period: 0 });
    link.open();
    expect(told()).toEqual([{ period: "below 100" }]);
    link.deliver("v2/a/res/0", "{}");
    expect(told()).toEqual([{}]);
  });

  test("does not repeat a reason, and keeps those of several names apart", () => {
    const { link, push, told } = setUp({ period, mode: { type: "string", oneOf: ["eco", "boost"] } });
    link.open();
    told();
    push({ mode: "turbo", period: 0 });
    expect(told()).toEqual([{ mode: "none of eco, boost", period: "below 100" }]);
    push({ mode: "super", period: 1 });
    expect(told()).toEqual([]);
    push({ mode: "eco" });
    expect(told()).toEqual([{ period: "below 100" }]);
  });

  test("a boot says that all is well, and that it is not as soon as the server repeats the bad value", () => {
    const before = setUp();
    before.push({ period: 0 });
    const { link, told } = before.restart();
    link.open();
    expect(told()).toEqual([{}]);
    link.deliver("v2/a/res/0", '{"shared":{"period":0}}');
    expect(told()).toEqual([{ period: "below 100" }]);
  });

  test("tells the latest reasons when they do not all fit into one attribute", () => {
    const names = Array.from({ length: 12 }, (_, index) => `${index}${"n".repeat(60)}`);
    const choice = { type: "string", oneOf: ["x".repeat(100)] } as const;
    const { link, push, told } = setUp(Object.fromEntries(names.map((name) => [name, choice])));
    link.open();
    for (const name of names) push({ [name]: "y" });
    const reasons = told().at(-1) as Readonly<Record<string, string>>;
    expect(Object.keys(reasons).length).toBeGreaterThan(4);
    expect(Object.keys(reasons)).toEqual(names.slice(-Object.keys(reasons).length));
    expect(Object.values(reasons)[0]).toBe(`none of ${"x".repeat(72)}`);
  });

  test("counts a reason that does not fit beside its name", () => {
    const name = "\u0001".repeat(165);
    const { link, told, push, shared } = setUp({ [name]: "integer" });
    link.open();
    push({ [name]: "y" });
    expect(told()).toEqual([{}]);
    expect(shared.failures.counts.of("value-refused")).toBe(1);
  });

  test("takes names that every object inherits", () => {
    const { link, push, called, told } = setUp({ ["__proto__"]: "integer", constructor: "string" } as never);
    link.open();
    push(JSON.parse('{"__proto__":1,"constructor":"a"}'));
    push(JSON.parse('{"__proto__":"x","constructor":{}}'));
    expect(called()).toEqual([
      ["__proto__", 1],
      ["constructor", "a"],
    ]);
    expect(Object.entries(told().at(-1))).toEqual([
      ["__proto__", "not an integer"],
      ["constructor", "not a string"],
    ]);
  });
});

describe("SharedAttributes, after a restart", () => {
  test("delivers the last known value before there is a network, and nothing more when the server has the same", () => {
    const before = setUp();
    before.push({ period: 200 });
    const { clock, link, called } = before.restart();
    clock.advance(0);
    expect(called()).toEqual([["period", 200]]);
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"period":200.0}}');
    expect(called()).toEqual([]);
  });

  test("tells what the server has changed or deleted meanwhile", () => {
    const before = setUp({ period, a: "json", b: "json" });
    before.push({ period: 200, a: { x: [1, null] }, b: null });
    const { clock, link, called } = before.restart();
    clock.advance(0);
    expect(called()).toEqual([
      ["period", 200],
      ["a", new Map([["x", [1, null]]])],
      ["b", null],
    ]);
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"a":{"x":[1,null]},"b":7}}');
    expect(called()).toEqual([
      ["period", 500],
      ["b", 7],
    ]);
  });

  test("delivers the last good value, not the bad one that came after it", () => {
    const before = setUp();
    before.push({ period: 200 });
    before.push({ period: 5 });
    const { clock, called } = before.restart();
    clock.advance(0);
    expect(called()).toEqual([["period", 200]]);
  });

  test("forgets what was deleted", () => {
    const before = setUp();
    before.push({ period: 200 });
    before.lastKnown.store();
    before.push({ deleted: ["period"] });
    const { clock, called, storage } = before.restart();
    clock.advance(0);
    expect(called()).toEqual([["period", 500]]);
    expect(storage.values.size).toBe(0);
  });

  test("does not deliver what a new firmware does not take, and keeps it for the old one until the server has answered", () => {
    const before = setUp();
    before.push({ period: 200 });
    const after = before.restart({ period: { ...period, minimum: 300 } });
    after.clock.advance(0);
    expect(after.called()).toEqual([["period", 500]]);
    const rolledBack = after.restart({ period });
    rolledBack.clock.advance(0);
    expect(rolledBack.called()).toEqual([["period", 200]]);
    const again = rolledBack.restart({ period: { ...period, minimum: 300 } });
    again.link.open();
    again.link.deliver("v2/a/res/0", "{}");
    again.clock.advance(0);
    expect(again.storage.values.size).toBe(0);
  });

  test("converts what an older firmware has stored as another type", () => {
    const before = setUp({ period: "string" });
    before.push({ period: "200" });
    const { clock, called } = before.restart({ period });
    clock.advance(0);
    expect(called()).toEqual([["period", 200]]);
  });

  test("forgets names that no handler asks for when the server has answered, not before", () => {
    const before = setUp({ a: "json", b: "json" });
    before.push({ a: 1, b: 2 });
    const { clock, link, storage } = before.restart({ b: "json" });
    clock.advance(600_000);
    expect(storage.values.size).toBe(2);
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"b":2}}');
    clock.advance(0);
    expect(storage.values.size).toBe(1);
  });

  test("goes on without a storage", () => {
    const storage = new FakeStorage();
    storage.isBroken = true;
    const { clock, called, push, lastKnown, log } = setUp({ period }, storage);
    push({ period: 200 });
    clock.advance(0);
    push({ period: 300 });
    lastKnown.store();
    expect(called()).toEqual([
      ["period", 200],
      ["period", 300],
    ]);
    expect(lastKnown.failures.counts.of("storage-failed")).toBeGreaterThan(2);
    expect(log.reasons("attributes.store")).toEqual(["storage-failed"]);
  });
});

test("types the value of a handler", () => {
  type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
  const named: Same<SharedValue<"integer">, number | undefined> = true;
  const withDefault: Same<SharedValue<typeof period>, number> = true;
  const limited: Same<SharedValue<{ type: "number"; minimum: 0 }>, number | undefined> = true;
  const choice: Same<SharedValue<{ type: "string"; oneOf: readonly ["a", "b"]; default: "a" }>, "a" | "b"> = true;
  const anything: Same<SharedValue<{ type: "json" }>, Json | undefined> = true;
  expect([named, withDefault, limited, choice, anything]).toEqual([true, true, true, true, true]);
  const { shared } = sharedRoom();
  shared.declareShared("mode", { type: "string", oneOf: ["eco", "boost"], default: "eco" }, (value) => {
    const mode: "eco" | "boost" = value;
    return mode;
  });
  // @ts-expect-error: without a default there may be no value
  shared.declareShared("count", "integer", (value: number) => value);
  expect(() => {
    // @ts-expect-error: a default of another type
    shared.declareShared("flag", { type: "boolean", default: 1 }, () => {});
  }).toThrow("type.default: not a boolean");
});
