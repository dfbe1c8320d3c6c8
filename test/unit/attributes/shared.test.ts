// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { FakeStorage } from "../../fakes/storage.js";
import { type SharedRoomOptions, sharedRoom } from "./shared-room.js";

function setUp(options: SharedRoomOptions = {}) {
  const room = sharedRoom(options);
  const calls: [string, Json | undefined][] = [];
  const watch = (...names: string[]) => {
    for (const name of names) room.shared.onShared(name, (value) => calls.push([name, value]));
  };
  return { ...room, calls, watch };
}

/** A device that has learnt these values and was restarted. */
function setUpAgain(values: Readonly<Record<string, Json>>) {
  const storage = new FakeStorage();
  const before = setUp({ storage });
  before.watch(...Object.keys(values));
  before.link.open();
  before.link.deliver("v2/a", JSON.stringify(values));
  before.lastKnown.store();
  return setUp({ storage });
}

describe("SharedAttributes", () => {
  test("asks for the declared names, and only for them, as soon as the session is open", () => {
    const { link, watch, asked } = setUp();
    watch("period", "mode");
    link.open();
    expect(asked()).toEqual([["v2/a/req/0", '{"sharedKeys":"period,mode"}']]);
  });

  test("asks nobody when no name was declared", () => {
    const { link, clock, asked } = setUp();
    link.open();
    clock.advance(600_000);
    expect(asked()).toEqual([]);
  });

  test("asks again in every session and learns what it missed", () => {
    const { link, watch, asked, calls } = setUp();
    watch("period");
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"period":5}}');
    link.close();
    asked();
    link.open();
    expect(asked()).toEqual([["v2/a/req/1", '{"sharedKeys":"period"}']]);
    link.deliver("v2/a/res/1", '{"shared":{"period":6}}');
    expect(calls).toEqual([
      ["period", 5],
      ["period", 6],
    ]);
  });

  test("asks again in the next session when the last one ended before the response", () => {
    const { link, clock, watch, asked, calls } = setUp();
    watch("period");
    link.open();
    link.close();
    asked();
    link.open();
    clock.advance(0);
    expect(asked()).toEqual([["v2/a/req/1", '{"sharedKeys":"period"}']]);
    link.deliver("v2/a/res/0", '{"shared":{"period":4}}');
    link.deliver("v2/a/res/1", '{"shared":{"period":5}}');
    expect(calls).toEqual([["period", 5]]);
  });

  test("follows updates, and ignores names nobody declared", () => {
    const { link, watch, calls } = setUp();
    watch("period", "mode");
    link.open();
    link.deliver("v2/a", '{"period":1,"other":2,"mode":{"a":[1]},"__proto__":{"period":9}}');
    link.deliver("v2/a", '{"constructor":1}');
    expect(calls).toEqual([
      ["period", 1],
      ["mode", new Map([["a", [1]]])],
    ]);
  });

  test("tells real changes only", () => {
    const { link, watch, calls } = setUp();
    watch("a");
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"a":{"x":1,"y":[2]}}}');
    link.deliver("v2/a", '{"a":{"y":[2],"x":1}}');
    link.deliver("v2/a", '{"a":{"y":[2],"x":1.0}}');
    expect(calls.length).toBe(1);
    link.deliver("v2/a", '{"a":{"y":[3],"x":1}}');
    link.deliver("v2/a", '{"a":null}');
    expect(calls.length).toBe(3);
    expect(calls[2]).toEqual(["a", null]);
  });

  test("takes a value as it comes, a number where text was entered", () => {
    const { link, watch, calls } = setUp();
    watch("version");
    link.open();
    link.deliver("v2/a", '{"version":"1.0.0"}');
    link.deliver("v2/a", '{"version":1.10}');
    expect(calls).toEqual([
      ["version", "1.0.0"],
      ["version", 1.1],
    ]);
  });

  test("tells a deletion as undefined, once, and only of what was known", () => {
    const { link, watch, calls } = setUp();
    watch("a", "b");
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"a":1}}');
    link.deliver("v2/a", '{"deleted":["a","b","c"]}');
    link.deliver("v2/a", '{"deleted":["a"]}');
    expect(calls).toEqual([
      ["a", 1],
      ["a", undefined],
    ]);
  });

  test("learns from a response of what was deleted while it was away", () => {
    const { link, watch, calls } = setUp();
    watch("a", "b");
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"a":1,"b":2}}');
    link.close();
    link.open();
    link.deliver("v2/a/res/1", '{"shared":{"b":2}}');
    expect(calls.slice(2)).toEqual([["a", undefined]]);
  });

  test("believes an update over the response to a request that was made before it", () => {
    const { link, watch, calls } = setUp();
    watch("a", "b");
    link.open();
    link.deliver("v2/a", '{"a":2}');
    link.deliver("v2/a/res/0", '{"shared":{"a":1,"b":1}}');
    expect(calls).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    link.close();
    link.open();
    link.deliver("v2/a/res/1", '{"shared":{"a":3,"b":1}}');
    expect(calls.slice(2)).toEqual([["a", 3]]);
  });

  test("delivers the last known value without a network, not inside the call, and then only what differs", () => {
    const { clock, link, watch, calls } = setUpAgain({ a: 1, b: 2 });
    watch("a", "b", "c");
    expect(calls).toEqual([]);
    clock.advance(0);
    expect(calls).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"a":1,"c":3}}');
    expect(calls.slice(2)).toEqual([
      ["b", undefined],
      ["c", 3],
    ]);
  });

  test("delivers a value that is confirmed before the last known one was delivered, once", () => {
    const { clock, link, watch, calls } = setUpAgain({ a: 1 });
    link.open();
    watch("a");
    link.deliver("v2/a", '{"a":1}');
    clock.advance(0);
    expect(calls).toEqual([["a", 1]]);
  });

  test("asks for a name that is declared in an open session", () => {
    const { clock, link, watch, asked, calls } = setUp();
    watch("a");
    link.open();
    link.deliver("v2/a/res/0", '{"shared":{"a":1}}');
    asked();
    watch("b");
    watch("c");
    clock.advance(0);
    expect(asked()).toEqual([["v2/a/req/1", '{"sharedKeys":"b,c"}']]);
    link.deliver("v2/a/res/1", '{"shared":{"b":2}}');
    expect(calls).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  test("asks once more for a name that is declared while a request is under way", () => {
    const { clock, link, watch, asked, calls } = setUp();
    watch("a");
    link.open();
    asked();
    watch("b");
    clock.advance(0);
    expect(asked()).toEqual([]);
    link.deliver("v2/a/res/0", '{"shared":{"a":1}}');
    clock.advance(0);
    expect(asked()).toEqual([["v2/a/req/1", '{"sharedKeys":"b"}']]);
    link.deliver("v2/a/res/1", '{"shared":{"b":2}}');
    expect(calls).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  test("asks again by a growing backoff when no response comes", () => {
    const { clock, link, watch, asked, shared } = setUp();
    watch("a");
    link.open();
    asked();
    clock.advance(15_000 + 4_999);
    expect(asked()).toEqual([]);
    clock.advance(1);
    expect(asked()).toEqual([["v2/a/req/1", '{"sharedKeys":"a"}']]);
    clock.advance(15_000 + 10_000);
    expect(asked()).toEqual([["v2/a/req/2", '{"sharedKeys":"a"}']]);
    expect(shared.failures.counts.of("request-timeout")).toBe(2);
    link.deliver("v2/a/res/2", "{}");
    clock.advance(600_000);
    expect(asked()).toEqual([]);
  });

  test("begins the backoff anew after a response", () => {
    const { clock, link, watch, asked } = setUp();
    watch("a");
    link.open();
    clock.advance(15_000 + 5_000 + 15_000 + 10_000);
    link.deliver("v2/a/res/2", "{}");
    watch("b");
    clock.advance(15_000);
    asked();
    clock.advance(5_000);
    expect(asked()).toEqual([["v2/a/req/4", '{"sharedKeys":"b"}']]);
  });

  test("does not take a name for deleted that was not in the request", () => {
    const { clock, link, watch, calls } = setUpAgain({ b: 2 });
    watch("a");
    link.open();
    watch("b");
    link.deliver("v2/a/res/0", '{"shared":{"a":1}}');
    clock.advance(0);
    expect(calls).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  test("asks again when the response was malformed", () => {
    const { clock, link, watch, asked } = setUp();
    watch("a");
    link.open();
    link.deliver("v2/a/res/0", "nonsense");
    asked();
    clock.advance(5_000);
    expect(asked()).toEqual([["v2/a/req/1", '{"sharedKeys":"a"}']]);
  });

  test("is quiet between sessions", () => {
    const { clock, link, watch, asked, calls, shared } = setUp();
    watch("a");
    link.open();
    link.deliver("v2/a/res/0", "nonsense");
    link.close();
    asked();
    clock.advance(600_000);
    expect(asked()).toEqual([]);
    expect(shared.failures.counts.of("request-timeout")).toBe(0);
    expect(calls).toEqual([]);
  });

  test.each(["", "[1]", '{"a":1', `{"a":${"[".repeat(17)}${"]".repeat(17)}}`])(
    "counts the malformed update %j and changes nothing",
    (json) => {
      const { link, watch, calls, shared } = setUp();
      watch("a");
      link.open();
      link.deliver("v2/a", json);
      expect(calls).toEqual([]);
      expect(shared.failures.counts.of("malformed-json")).toBe(1);
    },
  );

  test("ignores an update of 1,000 names, and takes the next", () => {
    const { link, watch, calls, shared } = setUp();
    watch("n1");
    link.open();
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`n${index}`, index]));
    link.deliver("v2/a", JSON.stringify(many));
    link.deliver("v2/a", '{"n1":2}');
    expect(calls).toEqual([["n1", 2]]);
    expect(shared.failures.counts.of("malformed-json")).toBe(1);
  });

  test("takes invalid UTF-8 for what it can be", () => {
    const { link, watch, calls } = setUp();
    watch("a");
    link.open();
    link.deliver("v2/a", Uint8Array.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc3, 0x28, 0x22, 0x7d]));
    expect(calls).toEqual([["a", "\ufffd("]]);
  });

  test("takes a list of what is deleted only where it is a list of names", () => {
    const { link, watch, calls } = setUp();
    watch("a", "deleted");
    link.open();
    for (const json of ['{"a":1}', '{"deleted":["a",1]}', '{"deleted":{"a":1}}', '{"deleted":[]}', '{"deleted":"a"}'])
      link.deliver("v2/a", json);
    expect(calls).toEqual([
      ["a", 1],
      ["deleted", ["a", 1]],
      ["deleted", new Map([["a", 1]])],
      ["deleted", []],
      ["deleted", "a"],
    ]);
  });

  test("counts a handler that throws, and tells the others", () => {
    const { link, shared, calls, watch, log } = setUp();
    shared.onShared("a", () => {
      throw new Error("mistake");
    });
    watch("b");
    link.open();
    link.deliver("v2/a", '{"a":1,"b":2}');
    expect(calls).toEqual([["b", 2]]);
    expect(shared.failures.counts.of("handler-failed")).toBe(1);
    expect(log.entries.at(-1)).toMatchObject({ event: "attributes.shared", detail: "mistake, count 1" });
  });

  test.each<[string, unknown, unknown, typeof RangeError | typeof TypeError]>([
    ["a blank name", "", () => {}, RangeError],
    ["a name with a comma", "a,b", () => {}, RangeError],
    ["a name that is no string", 7, () => {}, TypeError],
    ["a handler that is no function", "a", {}, TypeError],
    ["a second handler", "taken", () => {}, RangeError],
  ])("throws for %s", (_name, name, handler, error) => {
    const { shared, watch } = setUp();
    watch("taken");
    expect(() => shared.onShared(name as string, handler as () => void)).toThrow(error);
  });

  test("throws for one name too many, and for names too long together", () => {
    const few = setUp({ maxNames: 2 });
    few.watch("a", "b");
    expect(() => few.watch("c")).toThrow(RangeError);
    const long = setUp();
    long.watch("x".repeat(250), "y".repeat(250), "z".repeat(250));
    expect(() => long.watch("w".repeat(255))).toThrow(RangeError);
    long.link.open();
    expect(long.asked().length).toBe(1);
  });

  test.each([0, 256, 1.5])("refuses to be made with maxNames %d", (maxNames) => {
    expect(() => setUp({ maxNames })).toThrow(RangeError);
  });
});
