// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { sharedRoom } from "./shared-room.js";

const names: readonly string[] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** A server whose answers do not arrive where they would hold more than `most` values, or one of a `giant`. */
function setUp(most: number, giant = "") {
  const room = sharedRoom();
  const { clock, link, shared, asked } = room;
  const values = new Map<string, unknown>();
  for (const name of names) shared.onShared(name, (value) => values.set(name, value));
  const requests: string[] = [];
  const answer = (): void => {
    for (const [topic, payload] of asked()) {
      const keys: string = JSON.parse(String(payload)).sharedKeys;
      requests.push(keys);
      const list = keys.split(",");
      if (list.length > most || list.includes(giant)) continue;
      link.deliver(
        String(topic).replace("req", "res"),
        JSON.stringify({ shared: Object.fromEntries(list.map((key) => [key, 1])) }),
      );
    }
  };
  const run = (seconds: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      answer();
      clock.advance(1_000);
    }
  };
  link.open();
  return { ...room, values, requests, run };
}

describe("SharedAttributes, answers that are too large", () => {
  test("are asked for in parts, until every name is known", () => {
    const { values, requests, run } = setUp(3);
    run(120);
    expect([...values.keys()]).toEqual(names);
    expect(requests[0]).toBe(names.join());
    expect(requests.slice(0, 3)).toEqual(["a,b,c,d,e,f,g,h", "a,b,c,d", "a,b"]);
  });

  test("for a single name keep no other from being known, and are tried for ever, ever more slowly", () => {
    const { values, requests, run } = setUp(8, "b");
    run(300);
    expect([...values.keys()].sort()).toEqual(names.filter((name) => name !== "b"));
    const before = requests.length;
    run(3_600);
    const tried = requests.slice(before);
    expect(new Set(tried)).toEqual(new Set(["b"]));
    expect(tried.length).toBeGreaterThan(5);
    expect(tried.length).toBeLessThan(20);
  });

  test("are asked for as a whole again by the next session", () => {
    const { link, requests, run } = setUp(3);
    run(120);
    link.close();
    requests.length = 0;
    link.open();
    run(1);
    expect(requests).toEqual([names.join()]);
  });

  test("do not hold up a name that is declared later", () => {
    const { shared, values, run } = setUp(8, "b");
    run(300);
    shared.onShared("late", (value) => values.set("late", value));
    run(2);
    expect(values.get("late")).toBe(1);
  });
});
