// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import type { Schema } from "../../../modules/rpc/schema.js";
import { failure, request, setUpDispatcher as setUp } from "./dispatcher-room.js";

describe("RpcDispatcher", () => {
  test("answers at QoS 1 on the topic of the request, id 0 included", () => {
    const { link, dispatcher } = setUp();
    dispatcher.handle("setLed", { pin: "integer", on: "boolean" }, ({ pin, on }) => ({
      pin,
      state: on ? "on" : "off",
    }));
    link.deliver("v2/r/req/0", request("setLed", { pin: 2, on: true }));
    expect(link.published).toMatchObject([{ topic: "v2/r/res/0", payload: '{"pin":2,"state":"on"}', QoS: 1 }]);
  });

  test.each<[unknown, string]>([
    [undefined, "null"],
    [null, "null"],
    [0, "0"],
    ["", '""'],
    [false, "false"],
    [[1, { a: null }], '[1,{"a":null}]'],
    [new Map([["a", 1]]), '{"a":1}'],
  ])("answers %p by %s", (result, payload) => {
    const { dispatcher, ask } = setUp();
    dispatcher.handle("m", {}, () => result);
    expect(ask("m")).toEqual([payload]);
  });

  test("hands bare parameters to a handler of one type", () => {
    const { dispatcher, ask } = setUp();
    dispatcher.handle("setValue", "number", (value) => value * 2);
    expect(ask("setValue", 21)).toEqual(["42"]);
  });

  test("matches methods exactly", () => {
    const { dispatcher, ask } = setUp();
    dispatcher.handle("set", {}, () => "set");
    dispatcher.handle("setGpio", {}, () => "setGpio");
    expect(ask("set")).toEqual(['"set"']);
    expect(ask("setGpio")).toEqual(['"setGpio"']);
    for (const method of ["setG", "Set", "set ", "", "constructor", "__proto__"])
      expect(ask(method)).toEqual([failure("unknown-method", method)]);
  });

  test("answers an unknown method although there is no handler at all", () => {
    const { ask, dispatcher, log } = setUp();
    expect(ask("reboot")).toEqual([failure("unknown-method", "reboot")]);
    expect(dispatcher.failures.counts.of("unknown-method")).toBe(1);
    expect(log.reasons("rpc.failed")).toEqual(["unknown-method"]);
  });

  test.each([
    "",
    "nonsense",
    "[]",
    '{"params":{}}',
    '{"method":7}',
    `{"method":"m","params":${"[".repeat(17)}`,
    '{"method":"m"',
  ])("answers the malformed request %j without running anything", (json) => {
    const { link, dispatcher, replies } = setUp();
    dispatcher.handle("m", {}, () => {
      throw new Error("must not run");
    });
    link.deliver("v2/r/req/3", json);
    expect(replies()).toEqual([failure("malformed-json", "malformed-json")]);
    expect(dispatcher.failures.counts.of("malformed-json")).toBe(1);
  });

  test("answers a request of 1,000 parameters, and the next one", () => {
    const { dispatcher, ask } = setUp();
    dispatcher.handle("m", {}, () => 1);
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, index]));
    expect(ask("m", many)).toEqual([failure("malformed-json", "malformed-json")]);
    expect(ask("m")).toEqual(["1"]);
  });

  test("takes invalid UTF-8 in a parameter for U+FFFD", () => {
    const { link, dispatcher, replies } = setUp();
    dispatcher.handle("echo", "string", (value) => value);
    const bytes = new TextEncoder().encode('{"method":"echo","params":"?"}');
    bytes[bytes.indexOf(0x3f)] = 0xff;
    link.deliver("v2/r/req/0", bytes);
    expect(replies()).toEqual(['"\ufffd"']);
  });

  test("names the parameter that is wrong, and does not run the handler", () => {
    const { dispatcher, ask } = setUp();
    let runs = 0;
    dispatcher.handle("setLed", { pin: "integer", on: "boolean" }, () => {
      runs += 1;
    });
    expect(ask("setLed", { pin: 2 })).toEqual([failure("invalid-params", "on: missing")]);
    expect(ask("setLed", { pin: "2", on: true })).toEqual([failure("invalid-params", "pin: not an integer")]);
    expect(ask("setLed", [])).toEqual([failure("invalid-params", "params: not an object")]);
    expect(runs).toBe(0);
  });

  test.each<[unknown, string, string]>([
    [new Error("no LED"), "handler-failed", "no LED"],
    [new DeviceError("invalid-params", "pin: no such pin"), "invalid-params", "pin: no such pin"],
    [new DeviceError("storage-failed", "flash"), "handler-failed", "flash"],
    ["text", "handler-failed", "text"],
    [undefined, "handler-failed", "threw undefined"],
    [Object.create(null), "handler-failed", "threw object"],
  ])("answers a handler that throws %p by %s", (error, code, message) => {
    const { dispatcher, ask } = setUp();
    dispatcher.handle("m", {}, () => {
      throw error;
    });
    expect(ask("m")).toEqual([failure(code, message)]);
    expect(ask("other")).toEqual([failure("unknown-method", "other")]);
  });

  test("answers a result that JSON cannot express or that is too large by a failure", () => {
    const { dispatcher, ask } = setUp({ maxReplyBytes: 256 });
    dispatcher.handle("function", {}, () => () => {});
    dispatcher.handle("large", {}, () => "x".repeat(300));
    expect(JSON.parse(ask("function")[0] ?? "")).toMatchObject({ error: { code: "handler-failed" } });
    expect(ask("large")).toEqual([failure("payload-too-large", "the result")]);
  });

  test("keeps to what the session can send", () => {
    const { link, dispatcher, ask } = setUp();
    link.maxPayload = 120;
    dispatcher.handle("large", {}, () => "x".repeat(150));
    expect(ask("large")).toEqual([failure("payload-too-large", "the result")]);
  });

  test("gives up an answer that waited for room when the session became too narrow for it", () => {
    const { link, dispatcher, ask, replies } = setUp();
    dispatcher.handle("m", {}, () => "x".repeat(30));
    link.room = 0;
    ask("m");
    link.maxPayload = 31;
    link.relieve();
    expect(replies()).toEqual([]);
  });

  test("shortens what it quotes", () => {
    const { ask } = setUp({ maxReplyBytes: 256 });
    expect(ask("x".repeat(5000))).toEqual([failure("unknown-method", "x".repeat(200))]);
    expect(ask('"'.repeat(5000))).toEqual([failure("unknown-method", "")]);
  });

  test.each(["v2/r/req/", "v2/r/req/x", "v2/r/req/-1", "v2/r/req/2147483648"])(
    "counts and ignores a request on %s",
    (topic) => {
      const { link, dispatcher, replies } = setUp();
      dispatcher.handle("m", {}, () => 1);
      expect(link.deliver(topic, request("m"))).toBe(1);
      expect(replies()).toEqual([]);
      expect(dispatcher.failures.counts.of("unknown-topic")).toBe(1);
    },
  );

  test.each([30, 300])("sends an answer of %d characters when there is room again", (length) => {
    const { link, dispatcher, ask, replies } = setUp();
    dispatcher.handle("m", {}, () => "x".repeat(length));
    link.room = 0;
    expect(ask("m")).toEqual([]);
    expect(ask("other")).toEqual([]);
    link.relieve();
    expect(replies()).toEqual([`"${"x".repeat(length)}"`, failure("unknown-method", "other")]);
    link.relieve();
    expect(replies()).toEqual([]);
  });

  test("lets 16 answers wait for room, and counts and logs each request beyond that without running it", () => {
    const { link, dispatcher, ask, log, replies } = setUp();
    let runs = 0;
    dispatcher.handle("echo", "integer", (value) => {
      runs += 1;
      return value;
    });
    link.room = 0;
    for (let id = 0; id < 30; id += 1) ask("echo", id);
    expect(runs).toBe(16);
    expect(dispatcher.failures.counts.of("too-many-requests")).toBe(14);
    expect(log.reasons("rpc.failed")).toEqual(["too-many-requests"]);
    link.relieve();
    expect(link.published.map(({ topic }) => topic)).toEqual(
      Array.from({ length: 16 }, (_, index) => `v2/r/res/${index}`),
    );
    expect(replies()).toEqual(Array.from({ length: 16 }, (_, index) => String(index)));
    expect(ask("echo", 30)).toEqual(["30"]);
  });

  test("answers a request beyond the 16 that wait when there is room for that at once", () => {
    const { link, dispatcher, ask } = setUp();
    dispatcher.handle("m", {}, () => 1);
    link.room = 0;
    for (let id = 0; id < 16; id += 1) ask("m");
    link.room = 1;
    link.deliver("v2/r/req/16", request("m"));
    expect(link.published).toMatchObject([
      {
        topic: "v2/r/res/16",
        payload: failure("too-many-requests", "16 are running or wait for room"),
        QoS: 1,
      },
    ]);
    link.acknowledge();
    link.relieve();
    expect(link.published.length).toBe(17);
  });

  test("does not answer a request beyond the 16 that wait when the session is too narrow for that", () => {
    const { link, dispatcher, ask, replies } = setUp();
    dispatcher.handle("m", {}, () => 1);
    link.room = 0;
    for (let id = 0; id < 16; id += 1) ask("m");
    link.room = 99;
    link.maxPayload = 10;
    expect(ask("m")).toEqual([]);
    expect(dispatcher.failures.counts.of("too-many-requests")).toBe(1);
    link.relieve();
    expect(replies().length).toBe(16);
  });

  test.each<[string, unknown, unknown, unknown, typeof RangeError | typeof TypeError]>([
    ["a method that is no string", 7, {}, () => {}, TypeError],
    ["an empty method", "", {}, () => {}, RangeError],
    ["a method that has a handler", "taken", {}, () => {}, RangeError],
    ["a bad schema", "m", { a: "int" }, () => {}, RangeError],
    ["a handler that is no function", "m", {}, 7, TypeError],
  ])("throws for %s", (_name, method, schema, handler, error) => {
    const { dispatcher } = setUp();
    dispatcher.handle("taken", {}, () => {});
    expect(() => dispatcher.handle(method as string, schema as Schema, handler as () => void)).toThrow(error);
  });

  test.each([0, 3_600_001, 1.5])("throws for a method whose deadline is %d", (deadline) => {
    const { dispatcher } = setUp();
    expect(() => dispatcher.handle("m", {}, () => {}, { deadline })).toThrow(RangeError);
    dispatcher.handle("m", {}, () => {}, { deadline: 1 });
  });

  test("throws for one method too many", () => {
    const { dispatcher } = setUp({ maxMethods: 1 });
    dispatcher.handle("a", {}, () => {});
    expect(() => dispatcher.handle("b", {}, () => {})).toThrow(RangeError);
  });

  test.each([
    ["maxMethods", 0],
    ["maxPending", 0],
    ["maxPending", 9],
    ["deadline", 0],
    ["deadline", 3_600_001],
    ["maxReplyBytes", 255],
    ["maxReplyBytes", 8193],
    ["maxKeptBytes", -1],
    ["maxKeptBytes", 513],
  ])("refuses to be made with %s %d", (name, value) => {
    expect(() => setUp({ [name]: value })).toThrow(new RegExp(`^${name}`));
    expect(() => setUp({ [name]: String(value) })).toThrow(TypeError);
  });
});
