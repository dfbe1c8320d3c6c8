// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Child } from "../../../modules/device/child.js";
import { onTopic, type Sent, setUpChildren, setUpGateway } from "./room.js";

const update = "v1/gateway/attributes";
const request = "v1/gateway/attributes/request";
const response = "v1/gateway/attributes/response";

function one() {
  const room = setUpChildren(["Device A", "Device B"]);
  const a = room.children[0] as Child;
  const b = room.children[1] as Child;
  /** The server answers all requests among what was sent out of what it knows. */
  const answer = (sent: readonly Sent[], known: Readonly<Record<string, unknown>>) => {
    for (const { topic, message } of sent) {
      if (topic !== request) continue;
      const { id, device, key, keys } = message;
      const found = Object.entries(known).filter(([name]) => keys?.includes(name));
      if (key !== undefined) room.deliver(response, { id, device, ...(key in known && { value: known[key] }) });
      else room.deliver(response, { id, device, ...(found.length > 0 && { values: Object.fromEntries(found) }) });
    }
  };
  return { ...room, a, b, answer };
}

describe("shared attributes of children", () => {
  test("are asked for after every connect, all names of a child at once", () => {
    const { a, b, answer, link, settle } = one();
    for (const name of ["x", "y"]) a.attributes.onShared(name, () => {});
    b.attributes.onShared("x", () => {});
    for (let session = 0; session < 3; session += 1) {
      const sent = settle();
      answer(sent, { x: 1, y: 2 });
      const asked = onTopic(sent, request);
      expect(asked).toContainEqual({ id: expect.any(Number), device: "Device A", client: false, keys: ["x", "y"] });
      expect(asked).toContainEqual({ id: expect.any(Number), device: "Device B", client: false, key: "x" });
      expect(asked).toHaveLength(2);
      link.close();
      link.open();
    }
  });

  test("reach their handler when they are answered, pushed, or deleted, and only when they changed", () => {
    const { a, answer, deliver, settle } = one();
    const values: unknown[] = [];
    a.attributes.onShared("x", (value) => values.push(value));
    answer(settle(), { x: 1 });
    deliver(update, { device: "Device A", data: { x: 1, other: 2 } });
    deliver(update, { device: "Device B", data: { x: 3 } });
    deliver(update, { device: "Device A", data: { x: [4] } });
    deliver(update, { device: "Device A", data: { deleted: ["x", "y"] } });
    expect(values).toEqual([1, [4], undefined]);
  });

  test("an update that overtakes the answer is newer", () => {
    const { a, answer, deliver, settle } = one();
    const values: unknown[] = [];
    a.attributes.onShared("x", (value) => values.push(value));
    const asked = settle();
    deliver(update, { device: "Device A", data: { x: "new" } });
    answer(asked, { x: "old" });
    expect(values).toEqual(["new"]);
  });

  test("that are declared reach their handler with good values only, and the server learns what is wrong", () => {
    const { a, answer, deliver, settle } = one();
    const values: unknown[] = [];
    a.attributes.declareShared("period", { type: "integer", minimum: 1, default: 10 }, (value) => values.push(value));
    expect(values).toEqual([]);
    const sent = settle();
    expect(values).toEqual([10]);
    expect(onTopic(sent, update)).toEqual([{ "Device A": { sharedErrors: {} } }]);
    answer(sent, { period: "5" });
    deliver(update, { device: "Device A", data: { period: 0 } });
    expect(values).toEqual([10, 5]);
    expect(onTopic(settle(), update)).toEqual([{ "Device A": { sharedErrors: { period: "below 1" } } }]);
    deliver(update, { device: "Device A", data: { deleted: ["period"] } });
    expect(values).toEqual([10, 5, 10]);
    expect(onTopic(settle(), update)).toEqual([{ "Device A": { sharedErrors: {} } }]);
  });

  test("that are not answered are asked for again, fewer at a time, slower and slower", () => {
    const { a, answer, clock, settle } = one();
    const values: unknown[] = [];
    for (const name of ["x", "y", "z"]) a.attributes.onShared(name, (value) => values.push([name, value]));
    const counts: number[] = [];
    for (let elapsed = 0; elapsed < 900; elapsed += 1) {
      const sent = settle();
      for (const { message } of sent) counts.push(message.keys?.length ?? 1);
      if (elapsed > 300) answer(sent, { x: 1, y: 2, z: 3 });
      else expect(counts.length).toBeLessThan(10);
      clock.advance(1_000);
    }
    expect(counts.slice(0, 3)).toEqual([3, 2, 1]);
    expect(values.sort()).toEqual([
      ["x", 1],
      ["y", 2],
      ["z", 3],
    ]);
  });

  test("one that is never answered does not keep the others of its child", () => {
    const { a, answer, clock, settle } = one();
    const values: unknown[] = [];
    for (const name of ["bad", "x", "y"]) a.attributes.onShared(name, (value) => values.push(value));
    for (let elapsed = 0; elapsed < 900; elapsed += 1) {
      const sent = settle();
      answer(
        sent.filter(({ message }) => message.key !== "bad" && message.keys?.includes("bad") !== true),
        { x: 1, y: 2 },
      );
      clock.advance(1_000);
    }
    expect(values).toEqual([1, 2]);
  });

  test("that were not answered are asked for at once in the next session, all together", () => {
    const { a, clock, link, settle } = one();
    for (const name of ["x", "y"]) a.attributes.onShared(name, () => {});
    settle();
    clock.advance(120_000);
    settle();
    link.close();
    link.open();
    expect(onTopic(settle(), request)).toMatchObject([{ keys: ["y", "x"] }]);
  });

  test("declared with a default that the server overtakes, or of a child that leaves at once", () => {
    const { a, b, clock, deliver } = one();
    const values: unknown[] = [];
    const type = { type: "integer", default: 3 } as const;
    a.attributes.declareShared("x", type, (value) => values.push(["A", value]));
    b.attributes.declareShared("x", type, (value) => values.push(["B", value]));
    deliver(update, { device: "Device A", data: { x: 5 } });
    b.disconnect();
    clock.advance(0);
    expect(values).toEqual([["A", 5]]);
  });

  test("of 200 children are asked for four at a time, and all of them", () => {
    const names = Array.from({ length: 200 }, (_, index) => `Device ${index}`);
    const { gateway, link, clock, sent, deliver } = setUpGateway();
    const values: unknown[] = [];
    for (const name of names) gateway.child(name).attributes.onShared("x", (value) => values.push(value));
    link.open();
    let underWay = 0;
    const waiting: { id: number; device: string }[] = [];
    for (let round = 0; round < 1_000; round += 1) {
      clock.advance(10);
      for (const message of onTopic(sent(), request)) waiting.push(message as never);
      link.acknowledge();
      underWay = Math.max(underWay, waiting.length);
      const next = waiting.shift();
      if (next !== undefined) deliver(response, { id: next.id, device: next.device, value: next.device });
    }
    expect(underWay).toBe(4);
    expect(values).toHaveLength(200);
    expect(new Set(values).size).toBe(200);
  });

  test("a handler that throws is counted, and the others go on", () => {
    const { a, core, answer, settle } = one();
    const values: unknown[] = [];
    a.attributes.onShared("x", () => {
      throw new Error("broken");
    });
    a.attributes.onShared("y", (value) => values.push(value));
    answer(settle(), { x: 1, y: 2 });
    expect(values).toEqual([2]);
    expect(core.shared.failures.counts.of("handler-failed")).toBe(1);
  });

  test("of a child that left reach nobody", () => {
    const { a, answer, core, deliver, settle } = one();
    const values: unknown[] = [];
    a.attributes.declareShared("x", { type: "integer", default: 3 }, (value) => values.push(value));
    const sent = settle();
    a.disconnect();
    deliver(update, { device: "Device A", data: { x: 1 } });
    answer(sent, { x: 2 });
    expect(values).toEqual([3]);
    expect(core.shared.failures.counts.of("unknown-device")).toBe(1);
  });

  test("updates that are none, or of nobody, are counted and passed over", () => {
    const { core, link, deliver } = one();
    for (const json of ["{", "[]", "{}", '{"device":"Device A"}', '{"device":1,"data":{}}']) link.deliver(update, json);
    deliver(update, { device: "Device C", data: { x: 1 } });
    expect(core.shared.failures.counts.of("malformed-json")).toBe(5);
    expect(core.shared.failures.counts.of("unknown-device")).toBe(1);
  });

  test("names that cannot be asked for are refused", () => {
    const { a } = one();
    const { attributes } = a;
    attributes.onShared("x", () => {});
    expect(() => attributes.onShared("x", () => {})).toThrow('name: "x" has a handler already');
    expect(() => attributes.onShared("", () => {})).toThrow("name: blank");
    expect(() => attributes.onShared("y", 1 as never)).toThrow("handler: not a function");
    expect(() => attributes.declareShared("y", "float" as never, () => {})).toThrow("type");
    for (let count = 1; count < 32; count += 1) attributes.onShared(`x${count}`, () => {});
    expect(() => attributes.onShared("y", () => {})).toThrow("name: more than 32 names");
  });
});
