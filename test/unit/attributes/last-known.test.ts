// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { LastKnown } from "../../../modules/attributes/last-known.js";
import type { Json } from "../../../modules/cloud/json.js";
import { FakeClock } from "../../fakes/clock.js";
import { PowerCut } from "../../fakes/flash.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeStorage } from "../../fakes/storage.js";
import { text } from "../../fakes/text.js";

function setUp(storage = new FakeStorage(), clock = new FakeClock()) {
  const log = new FakeLog();
  const known = new LastKnown({ storage, clock, text, log });
  /** Sets, and lets the turn end. */
  const set = (name: string, value: Json | undefined) => {
    known.set(name, value);
    clock.advance(0);
  };
  /** What a device knows after a restart without warning. */
  const reread = (name: string) =>
    new LastKnown({ storage, clock: new FakeClock(), text, log: new FakeLog() }).get(name);
  return { storage, clock, log, known, set, reread };
}

const bytes = (value: string) => new TextEncoder().encode(value);

describe("LastKnown", () => {
  test.each<[string, Json]>([
    ["a number", 0.1],
    ["a large number", 1.7976931348623157e308],
    ["a number of 17 digits", 0.30000000000000004],
    ["a boolean", false],
    ["null", null],
    ["a text", 'ä"\\\n\u{1f600}'],
    ["an empty text", ""],
    ["a list", [1, [null], "x"]],
    ["an object", new Map<string, Json>([["__proto__", new Map([["constructor", 1]])]])],
    ["an empty object", new Map()],
  ])("knows %s again after a restart", (_, value) => {
    const { set, reread } = setUp();
    set("a", value);
    expect(reread("a")).toEqual(value);
    expect(reread("b")).toBeUndefined();
  });

  test("knows a value as deep as an update can hold", () => {
    const { set, reread } = setUp();
    let value: Json = 1;
    for (let level = 1; level <= 15; level += 1) value = [value];
    set("a", value);
    expect(reread("a")).toEqual(value);
  });

  test.each(["a", "__proto__", "constructor", "ä".repeat(120), "\u0001".repeat(255), "shared.0", '","'])(
    "takes the name %p",
    (name) => {
      const { set, reread, storage } = setUp();
      set(name, 5);
      expect(reread(name)).toBe(5);
      expect([...storage.values.keys()]).toEqual(["shared.0"]);
    },
  );

  test("writes in the next turn, and then at most once in ten seconds, the last value", () => {
    const { known, clock, storage, set, reread } = setUp();
    known.set("a", 1);
    known.set("a", 2);
    expect(storage.operations).toEqual([]);
    clock.advance(0);
    expect(storage.operations).toEqual(["shared.0"]);
    for (let value = 3; value < 100; value += 1) {
      set("a", value);
      clock.advance(100);
    }
    expect(storage.operations.length).toBe(1);
    expect(reread("a")).toBe(2);
    clock.advance(300);
    expect(storage.operations.length).toBe(2);
    expect(reread("a")).toBe(99);
    clock.advance(600_000);
    expect(storage.operations.length).toBe(2);
  });

  test("makes no value wait for another", () => {
    const { set, reread } = setUp();
    set("a", 1);
    set("a", 2);
    set("b", 3);
    expect([reread("a"), reread("b")]).toEqual([1, 3]);
  });

  test("writes at once after a long quiet time, beyond what the clock can tell", () => {
    const { clock, set, reread } = setUp(new FakeStorage(), new FakeClock(2 ** 31 - 5_000));
    set("a", 1);
    clock.advance(2 ** 31 + 1_000);
    set("a", 2);
    expect(reread("a")).toBe(2);
  });

  test("does not write what is stored already, neither after a detour nor after a restart", () => {
    const { storage, clock, set } = setUp();
    set("a", 1);
    set("a", 2);
    set("a", 1);
    clock.advance(20_000);
    const after = setUp(storage);
    after.set("a", 1);
    expect(storage.operations).toEqual(["shared.0"]);
  });

  test("stores everything at once when told to, once", () => {
    const { storage, clock, known, set, reread } = setUp();
    set("a", 1);
    known.set("a", 2);
    known.set("b", 3);
    known.store();
    expect([reread("a"), reread("b")]).toEqual([2, 3]);
    known.store();
    clock.advance(600_000);
    expect(storage.operations.length).toBe(3);
  });

  test("forgets, no more often than it writes", () => {
    const { storage, clock, set, reread } = setUp();
    set("a", 1);
    for (let round = 0; round < 50; round += 1) {
      set("a", undefined);
      clock.advance(100);
      set("a", round);
      clock.advance(100);
    }
    clock.advance(10_000);
    expect(reread("a")).toBe(49);
    expect(storage.operations.length).toBeLessThan(5);
    set("a", undefined);
    clock.advance(10_000);
    expect(storage.values.size).toBe(0);
    const operations = storage.operations.length;
    set("a", undefined);
    set("never", undefined);
    clock.advance(10_000);
    expect(storage.operations.length).toBe(operations);
  });

  test("keeps what is wanted and forgets the rest", () => {
    const { storage, set, reread } = setUp();
    for (const name of ["a", "b", "c"]) set(name, name);
    const after = setUp(storage);
    after.known.prune((name) => name === "b");
    after.clock.advance(0);
    expect([reread("a"), reread("b"), reread("c")]).toEqual([undefined, "b", undefined]);
    expect(storage.values.size).toBe(1);
  });

  test("keeps 32 values, counts one more, and has room again when one goes", () => {
    const { storage, known, clock, set, reread } = setUp();
    for (let index = 0; index < 33; index += 1) set(`n${index}`, index);
    expect(storage.values.size).toBe(32);
    expect(known.failures.counts.of("storage-failed")).toBe(1);
    expect(reread("n32")).toBeUndefined();
    set("n7", undefined);
    clock.advance(10_000);
    set("n32", 32);
    expect(reread("n32")).toBe(32);
    expect(reread("n31")).toBe(31);
  });

  test("fills an entry to the last byte, and rather keeps none than the value before one that is too large", () => {
    const { known, log, set, reread, clock } = setUp();
    const longest = "x".repeat(1_984 - '["a",""]'.length);
    set("a", longest);
    expect(reread("a")).toBe(longest);
    clock.advance(10_000);
    set("a", `${longest}x`);
    expect(reread("a")).toBeUndefined();
    expect(known.failures.counts.of("storage-failed")).toBe(1);
    expect(log.entries.at(-1)).toMatchObject({
      ...{ event: "attributes.store", reason: "storage-failed", detail: "a: more than 1984 bytes, count 1" },
    });
    clock.advance(600_000);
    expect(known.failures.counts.of("storage-failed")).toBe(1);
    set("a", 1);
    expect(reread("a")).toBe(1);
  });

  test("takes 4,096 bytes in all, those from before a restart included", () => {
    const { storage, set } = setUp();
    const large = "x".repeat(1_000);
    for (const name of ["a", "b", "c"]) set(name, large);
    const { known, log, set: setAfter, clock, reread } = setUp(storage);
    setAfter("d", large);
    expect(reread("d")).toBe(large);
    setAfter("e", large);
    expect(reread("e")).toBeUndefined();
    expect(log.entries.at(-1)?.detail).toBe("e: more than 4096 bytes in all, count 1");
    expect(known.failures.counts.total).toBe(1);
    setAfter("a", "small");
    clock.advance(10_000);
    setAfter("e", large);
    expect(reread("e")).toBe(large);
    expect(reread("b")).toBe(large);
  });

  test("counts storage that fails, tries again after ten minutes, and stores the value of then", () => {
    const { storage, known, clock, set, reread, log } = setUp();
    storage.isFull = true;
    set("a", 1);
    set("a", 2);
    clock.advance(599_999);
    expect(known.failures.counts.of("storage-failed")).toBe(1);
    expect(log.reasons("attributes.store")).toEqual(["storage-failed"]);
    expect(log.entries.at(-1)?.detail).toMatch(/^a: /);
    storage.isFull = false;
    clock.advance(1);
    expect(reread("a")).toBe(2);
  });

  test("tries at once when it is told to store", () => {
    const { storage, known, set, reread } = setUp();
    storage.isFull = true;
    set("a", 1);
    storage.isFull = false;
    known.store();
    expect(reread("a")).toBe(1);
  });

  test("forgets later what could not be deleted", () => {
    const { storage, clock, set, reread } = setUp();
    set("a", 1);
    storage.isFull = true;
    clock.advance(10_000);
    set("a", undefined);
    expect(reread("a")).toBe(1);
    storage.isFull = false;
    clock.advance(600_000);
    expect(reread("a")).toBeUndefined();
  });

  test.each([
    ["nothing", ""],
    ["half a value", '["a",[1,2'],
    ["no list", '{"a":1}'],
    ["a list of one", '["a"]'],
    ["a list of three", '["a",1,2]'],
    ["a name that is no text", "[1,2]"],
    ["two values", '["a",1]["a",2]'],
  ])("counts an entry of %s, reads the others, leaves it alone until it prunes", (_, content) => {
    const storage = new FakeStorage();
    storage.values.set("shared.0", bytes(content));
    storage.values.set("shared.1", bytes('["b",2]'));
    const { known, clock, set } = setUp(storage);
    expect(known.get("a")).toBeUndefined();
    expect(known.get("b")).toBe(2);
    expect(known.failures.counts.of("malformed-json")).toBe(1);
    set("a", 3);
    expect([...storage.values.keys()]).toEqual(["shared.0", "shared.1", "shared.2"]);
    known.prune(() => true);
    clock.advance(10_000);
    expect([...storage.values.keys()]).toEqual(["shared.1", "shared.2"]);
  });

  test("takes one of two values of a name, and deletes the other", () => {
    const storage = new FakeStorage();
    storage.values.set("shared.4", bytes('["a",1]'));
    storage.values.set("shared.9", bytes('["a",2]'));
    const { known, clock, set } = setUp(storage);
    expect(known.get("a")).toBe(1);
    known.prune(() => true);
    clock.advance(0);
    set("a", 3);
    expect([...storage.values.keys()]).toEqual(["shared.4"]);
    expect(setUp(storage).known.get("a")).toBe(3);
  });

  test("uses keys that every key-value storage takes", () => {
    const { storage, set } = setUp();
    for (let index = 0; index < 32; index += 1) set(`name ${index}`, index);
    for (const key of storage.values.keys()) expect(key.length).toBeLessThanOrEqual(15);
  });
});

/** What the server says in the course of a day: names with the values that they are set to, undefined to delete. */
const day: readonly (readonly [string, Json | undefined])[] = [
  ["a", 1],
  ["b", [1, 2]],
  ["a", "x".repeat(1_900)],
  ["c", "y".repeat(1_900)],
  ["b", undefined],
  ["d", null],
  ["a", "z".repeat(2_000)],
  ["d", 4],
  ["b", 5],
  ["c", undefined],
];

describe("LastKnown and the power", () => {
  test.each([false, true])("a cut at any operation leaves old or new values, operation done: %p", (isDone) => {
    let operations = 0;
    for (let cut = 1; ; cut += 1) {
      const storage = new FakeStorage();
      storage.cutAt(cut, isDone);
      const allowed = live(storage);
      const wasCut = storage.isCut;
      storage.restore();
      const { known, set } = setUp(storage);
      expect(known.failures.counts.total).toBe(0);
      for (const [name, values] of allowed) expect(values).toContainEqual(known.get(name));
      set("a", 7);
      expect(setUp(storage).known.get("a")).toBe(7);
      if (!wasCut) break;
      operations = cut;
    }
    expect(operations).toBeGreaterThan(8);
  });
});

/** Lives through the day until the power goes, and returns the values of each name that may be found afterwards. */
function live(storage: FakeStorage): ReadonlyMap<string, readonly unknown[]> {
  const { clock, known } = setUp(storage);
  const allowed = new Map<string, unknown[]>(["a", "b", "c", "d"].map((name) => [name, [undefined]]));
  try {
    for (const [name, value] of day) {
      allowed.get(name)?.push(storable(value));
      known.set(name, value);
      clock.advance(10_000);
      allowed.set(name, [storable(value)]);
    }
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  return allowed;
}

function storable(value: Json | undefined): Json | undefined {
  return typeof value === "string" && value.length > 1_984 ? undefined : value;
}
