// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Child } from "../../../modules/device/child.js";
import { farewell, setUpChildren } from "./room.js";

const topic = "v1/gateway/rpc";

function pair() {
  const room = setUpChildren(["Device A", "Device B"]);
  const call = (device: string, id: number, method: string, params: unknown = null) => {
    room.deliver(topic, { device, data: { id, method, params } });
    return replies();
  };
  const replies = () =>
    room
      .sent()
      .filter((each) => each.topic === topic)
      .map(({ message }) => message);
  return { ...room, a: room.children[0] as Child, b: room.children[1] as Child, call, replies };
}

function failure(code: string) {
  return { error: { code, message: expect.any(String) } };
}

describe("calls to children", () => {
  test("reach the handler of their device, and are answered with device and id", () => {
    const { a, b, call } = pair();
    a.rpc.handle("toggle_gpio", { pin: "integer" }, ({ pin }) => ({ success: pin === 1 }));
    b.rpc.handle("toggle_gpio", { pin: "integer" }, ({ pin }) => pin * 2);
    expect(call("Device A", 0, "toggle_gpio", { pin: 1 })).toEqual([
      { device: "Device A", id: 0, data: { success: true } },
    ]);
    expect(call("Device B", 0, "toggle_gpio", { pin: 4 })).toEqual([{ device: "Device B", id: 0, data: 8 }]);
  });

  test("replies are of one device, at QoS 1", () => {
    const { a, link, deliver } = pair();
    a.rpc.handle("m", {}, () => undefined);
    deliver(topic, { device: "Device A", data: { id: 7, method: "m", params: {} } });
    expect(link.published).toMatchObject([{ QoS: 1, devices: 1, dataPoints: 0 }]);
    expect(link.published[0]?.payload).toBe('{"device":"Device A","id":7,"data":null}');
  });

  test("of equal ids are those of their own device each: none is taken for a repetition", () => {
    const { a, b, call, link } = pair();
    const calls: string[] = [];
    for (const [name, child] of Object.entries({ a, b })) child.rpc.handle("m", {}, () => calls.push(name));
    for (const device of ["Device A", "Device B"]) {
      expect(call(device, 1, "m")).toHaveLength(1);
      link.acknowledge();
    }
    expect(call("Device A", 1, "m")).toEqual([{ device: "Device A", id: 1, data: 1 }]);
    expect(calls).toEqual(["a", "b"]);
  });

  test("that the server repeats in the next session are answered from memory", () => {
    const { a, call, link } = pair();
    let count = 0;
    a.rpc.handle("m", {}, () => {
      count += 1;
      return count;
    });
    call("Device A", 3, "m");
    link.close();
    link.open();
    link.published.length = 0;
    expect(call("Device A", 3, "m")).toEqual([{ device: "Device A", id: 3, data: 1 }]);
  });

  test("may be answered later by a promise, once", async () => {
    const { a, call, replies } = pair();
    let resolve: (value: unknown) => void = () => {};
    a.rpc.handle("m", {}, () => new Promise((done) => (resolve = done)));
    expect(call("Device A", 1, "m")).toEqual([]);
    resolve("done");
    await Promise.resolve();
    await Promise.resolve();
    expect(replies()).toEqual([{ device: "Device A", id: 1, data: "done" }]);
  });

  test("without a result are answered by a failure at their deadline", () => {
    const { a, call, clock, replies } = pair();
    a.rpc.handle("m", {}, () => new Promise(() => {}), { deadline: 1_000 });
    expect(call("Device A", 1, "m")).toEqual([]);
    clock.advance(999);
    expect(replies()).toEqual([]);
    clock.advance(1);
    expect(replies()).toEqual([{ device: "Device A", id: 1, data: failure("request-timeout") }]);
  });

  test.each<[string, unknown, string]>([
    ["no such method", { device: "Device B", data: { id: 1, method: "m" } }, "unknown-method"],
    ["a method of another", { device: "Device A", data: { id: 1, method: "other" } }, "unknown-method"],
    ["bad parameters", { device: "Device A", data: { id: 1, method: "m", params: { pin: "x" } } }, "invalid-params"],
    ["no method at all", { device: "Device A", data: { id: 1 } }, "malformed-json"],
    ["a handler that throws", { device: "Device A", data: { id: 1, method: "bad" } }, "handler-failed"],
    ["no such device", { device: "Device C", data: { id: 1, method: "m" } }, "unknown-device"],
  ])("%s: answered by a failure", (_what, message, code) => {
    const { a, deliver, replies } = pair();
    a.rpc.handle("m", { pin: "integer" }, () => 1);
    a.rpc.handle("bad", {}, () => {
      throw new Error("broken");
    });
    deliver(topic, message);
    expect(replies()[0]).toEqual({ device: (message as { device: string }).device, id: 1, data: failure(code) });
  });

  test.each([
    "{",
    "[]",
    '{"device":"Device A"}',
    '{"data":{"id":1,"method":"m"}}',
    '{"device":"Device A","data":{"method":"m","id":-1}}',
  ])("%s cannot be answered", (json) => {
    const { link, replies } = pair();
    expect(link.deliver(topic, json)).toBe(1);
    expect(replies()).toEqual([]);
  });

  test("to one that is gone are answered by a failure, and the server is told again that it is gone", () => {
    const { a, clock, deliver, settle } = pair();
    a.disconnect();
    clock.advance(farewell);
    settle();
    deliver(topic, { device: "Device A", data: { id: 1, method: "m" } });
    expect(settle()).toEqual([{ topic, message: { device: "Device A", id: 1, data: failure("unknown-device") } }]);
    clock.advance(farewell);
    expect(settle()).toEqual([{ topic: "v1/gateway/disconnect", message: { device: "Device A" } }]);
  });

  test("that run for one that leaves are answered by a failure at once, and what comes of them later is nothing", async () => {
    const { a, b, call, clock, settle, replies } = pair();
    const resolvers: ((value: unknown) => void)[] = [];
    for (const child of [a, b]) child.rpc.handle("m", {}, () => new Promise((resolve) => resolvers.push(resolve)));
    for (const device of ["Device A", "Device B"]) expect(call(device, 1, "m")).toEqual([]);
    a.disconnect();
    a.disconnect();
    expect(replies()).toEqual([{ device: "Device A", id: 1, data: failure("unknown-device") }]);
    clock.advance(farewell);
    settle();
    for (const resolve of resolvers) resolve("late");
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    expect(settle()).toEqual([{ topic, message: { device: "Device B", id: 1, data: "late" } }]);
    clock.advance(20_000);
    expect(settle()).toEqual([]);
  });

  test("that make a child leave are answered by what their handler returns", () => {
    const { a, b, call } = pair();
    a.rpc.handle("leave", {}, () => {
      a.disconnect();
      return "bye";
    });
    b.rpc.handle("m", {}, () => 1);
    expect(call("Device A", 1, "leave")).toEqual([{ device: "Device A", id: 1, data: "bye" }]);
    // Nothing counts as running any more.
    for (let id = 2; id < 20; id += 1) expect(call("Device B", id, "m")).toEqual([{ device: "Device B", id, data: 1 }]);
  });

  test("to one that never was here are answered, and it is taken off the gateway", () => {
    const { deliver, settle } = pair();
    deliver(topic, { device: "Device C", data: { id: 1, method: "m" } });
    expect(settle().map(({ topic: each }) => each)).toEqual([topic, "v1/gateway/disconnect"]);
  });

  test("that come all at once are all answered, those too many by a failure", () => {
    const { a, link, clock, deliver, settle } = pair();
    a.rpc.handle("m", {}, () => new Promise(() => {}), { deadline: 1_000 });
    for (let id = 0; id < 20; id += 1) deliver(topic, { device: "Device A", data: { id, method: "m" } });
    const codes = new Map<number, string>();
    const collect = () => {
      for (const { message } of settle()) codes.set(message.id, message.data.error.code);
    };
    collect();
    clock.advance(1_000);
    collect();
    expect(codes.size).toBe(20);
    expect(new Set(codes.values())).toEqual(new Set(["too-many-requests", "request-timeout"]));
    expect(link.unacknowledged).toBe(0);
  });

  test("one that another of the same id has superseded is not answered", async () => {
    const { a, call, replies } = pair();
    const resolvers: ((value: unknown) => void)[] = [];
    a.rpc.handle("m", { n: "integer" }, () => new Promise((resolve) => resolvers.push(resolve)));
    call("Device A", 1, "m", { n: 1 });
    call("Device A", 1, "m", { n: 2 });
    for (const [index, resolve] of resolvers.entries()) resolve(index);
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    expect(replies()).toEqual([{ device: "Device A", id: 1, data: 1 }]);
  });

  test("a result that is too large becomes a failure", () => {
    const { a, call } = pair();
    a.rpc.handle("m", {}, () => "x".repeat(2_000));
    expect(call("Device A", 1, "m")).toEqual([{ device: "Device A", id: 1, data: failure("payload-too-large") }]);
  });
});
