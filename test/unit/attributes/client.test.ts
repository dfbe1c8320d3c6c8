// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { ClientAttributes, type ClientAttributesOptions } from "../../../modules/attributes/client.js";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const dialect = new ThingsBoard(text).attributes;

function setUp(options: Partial<ClientAttributesOptions> = {}) {
  const clock = new FakeClock();
  const link = new FakeLink();
  const log = new FakeLog();
  const attributes = new ClientAttributes({ link, dialect, clock, text, log, ...options });
  /** Publishes, and lets the turn end. */
  const publish = (values: Record<string, unknown>) => {
    attributes.publish(values);
    clock.advance(0);
  };
  const sent = () => link.published.splice(0).map(({ payload }) => payload);
  return { clock, link, log, attributes, publish, sent };
}

function setUpOpen(options: Partial<ClientAttributesOptions> = {}) {
  const room = setUp(options);
  room.link.open();
  return room;
}

describe("ClientAttributes", () => {
  test("sends everything published in one turn in one message at QoS 1, and tells how many data it holds", () => {
    const { clock, link, attributes } = setUpOpen();
    attributes.publish({ model: "A1", "my-revision": 3 });
    attributes.publish({ on: true, none: null, model: "A2", list: [1, { a: "b" }] });
    expect(link.published).toEqual([]);
    clock.advance(0);
    expect(link.published.length).toBe(1);
    expect(link.published[0]).toMatchObject({
      topic: "v2/a",
      payload: '{"model":"A2","my-revision":3,"on":true,"none":null,"list":[1,{"a":"b"}]}',
      QoS: 1,
      dataPoints: 5,
    });
  });

  test("does not send again what the server acknowledged", () => {
    const { link, publish, sent } = setUpOpen();
    publish({ a: 1, b: { c: [1, 2], d: "x" } });
    link.acknowledge();
    sent();
    publish({ a: 1, b: { d: "x", c: [1, 2] } });
    expect(sent()).toEqual([]);
    publish({ a: 1, b: { d: "x", c: [2, 1] } });
    expect(sent()).toEqual(['{"b":{"d":"x","c":[2,1]}}']);
  });

  test.each([
    [1, "1"],
    [0, false],
    ["{}", {}],
    [null, 0],
    [[], {}],
  ])("tells %j from %j", (before, after) => {
    const { link, publish, sent } = setUpOpen();
    publish({ a: before });
    link.acknowledge();
    sent();
    publish({ a: after });
    expect(sent()).toEqual([`{"a":${JSON.stringify(after)}}`]);
  });

  test("has one message on its way, and sends what changed meanwhile after its acknowledgement", () => {
    const { link, publish, sent } = setUpOpen();
    publish({ a: 1 });
    publish({ a: 2, b: 1 });
    publish({ a: 3 });
    expect(sent()).toEqual(['{"a":1}']);
    link.acknowledge();
    expect(sent()).toEqual(['{"a":3,"b":1}']);
    link.acknowledge();
    expect(sent()).toEqual([]);
  });

  test("sends a value again that it went back to while another was on its way", () => {
    const { link, publish, sent } = setUpOpen();
    publish({ a: 1 });
    link.acknowledge();
    publish({ a: 2 });
    publish({ a: 1 });
    sent();
    link.acknowledge();
    expect(sent()).toEqual(['{"a":1}']);
  });

  test("takes the value of the moment of the call", () => {
    const { clock, attributes, sent } = setUpOpen();
    const config = { period: 1 };
    attributes.publish({ config });
    config.period = 2;
    clock.advance(0);
    expect(sent()).toEqual(['{"config":{"period":1}}']);
    attributes.publish({ config });
    clock.advance(0);
    expect(sent()).toEqual([]);
  });

  test("keeps the latest values for the session to come", () => {
    const { link, publish, sent } = setUp();
    publish({ a: 1, b: 1 });
    publish({ a: 2 });
    expect(sent()).toEqual([]);
    link.open();
    expect(sent()).toEqual(['{"a":2,"b":1}']);
  });

  test("sends in the next session what was not acknowledged, and only that", () => {
    const { link, publish, sent } = setUpOpen();
    publish({ a: 1 });
    link.acknowledge();
    publish({ b: 2 });
    sent();
    link.close();
    link.open();
    expect(sent()).toEqual(['{"b":2}']);
    link.acknowledge();
    link.close();
    link.open();
    expect(sent()).toEqual([]);
  });

  test("does not trust an old acknowledgement once a later value was lost", () => {
    const { link, publish, sent } = setUpOpen();
    publish({ a: 1 });
    link.acknowledge();
    publish({ a: 2 });
    link.close();
    sent();
    publish({ a: 1 });
    link.open();
    expect(sent()).toEqual(['{"a":1}']);
  });

  test("waits for room", () => {
    const { link, publish, sent } = setUpOpen();
    link.room = 0;
    publish({ a: 1 });
    publish({ a: 2 });
    expect(sent()).toEqual([]);
    link.relieve();
    expect(sent()).toEqual(['{"a":2}']);
  });

  test("splits what does not fit into one message, and leaves nothing out", () => {
    const { link, publish, sent } = setUpOpen({ maxMessageBytes: 64 });
    publish({ a: "x".repeat(30), b: "y".repeat(30), c: "z".repeat(10), d: '"'.repeat(20) });
    const messages = [];
    for (let round = 0; round < 5; round += 1) {
      messages.push(...sent());
      link.acknowledge();
    }
    expect(messages).toEqual([
      `{"a":"${"x".repeat(30)}","c":"${"z".repeat(10)}"}`,
      `{"b":"${"y".repeat(30)}"}`,
      `{"d":"${'\\"'.repeat(20)}"}`,
    ]);
  });

  test.each([
    [23, 1],
    [24, 2],
  ])("fills a message to the last byte: a value of %d characters takes %d", (length, messages) => {
    const { link, publish, sent } = setUpOpen({ maxMessageBytes: 64 });
    publish({ a: "x".repeat(26), b: "y".repeat(length) });
    link.acknowledge();
    const payloads = sent();
    expect(payloads.length).toBe(messages);
    if (messages === 1) expect(payloads[0]?.length).toBe(64);
  });

  test("splits by the data points the session allows", () => {
    const { link, publish, sent } = setUpOpen();
    link.maxDataPoints = 2;
    publish({ a: 1, b: 2, c: 3 });
    link.acknowledge();
    expect(sent()).toEqual(['{"a":1,"b":2}', '{"c":3}']);
  });

  test("counts an attribute the session is too narrow for, sends the others, and tries it again in a wider session", () => {
    const { link, publish, sent, attributes, log } = setUpOpen();
    link.maxPayload = 20;
    publish({ big: "x".repeat(30), small: 1 });
    link.acknowledge();
    publish({ small: 2 });
    expect(sent()).toEqual(['{"small":1}', '{"small":2}']);
    expect(attributes.failures.counts.of("payload-too-large")).toBe(1);
    expect(log.reasons("attributes.publish")).toEqual(["payload-too-large"]);
    link.acknowledge();
    link.close();
    link.maxPayload = 100;
    link.open();
    expect(sent()).toEqual([`{"big":"${"x".repeat(30)}"}`]);
  });

  test("sends another value of an attribute that was too large for the session", () => {
    const { link, publish, sent } = setUpOpen();
    link.maxPayload = 20;
    publish({ a: "x".repeat(30) });
    publish({ a: "y" });
    expect(sent()).toEqual(['{"a":"y"}']);
  });

  test("splits by the size of the latest values", () => {
    const { link, publish, sent } = setUpOpen({ maxMessageBytes: 64 });
    publish({ a: 1, b: 1 });
    link.acknowledge();
    sent();
    publish({ a: "x".repeat(40), b: "y".repeat(40) });
    link.acknowledge();
    expect(sent()).toEqual([`{"a":"${"x".repeat(40)}"}`, `{"b":"${"y".repeat(40)}"}`]);
  });

  test("takes names that every object inherits", () => {
    const { link, publish, sent } = setUpOpen();
    publish({ ["__proto__"]: 1, constructor: { ["__proto__"]: 2 }, toString: "x" });
    link.acknowledge();
    expect(sent()).toEqual(['{"__proto__":1,"constructor":{"__proto__":2},"toString":"x"}']);
    publish({ ["__proto__"]: 1, constructor: new Map([["__proto__", 2]]), toString: "y" });
    expect(sent()).toEqual(['{"toString":"y"}']);
  });

  test("sends an object of 16 levels, and refuses one of 17", () => {
    const { attributes, publish, sent } = setUpOpen();
    let value: unknown = 1;
    for (let level = 1; level <= 16; level += 1) value = { a: value };
    publish({ deep: value });
    expect(sent()).toEqual([`{"deep":${'{"a":'.repeat(16)}1${"}".repeat(16)}}`]);
    expect(() => attributes.publish({ deep: [value] })).toThrow(RangeError);
  });

  test("refuses 1,000 names at once and takes 64", () => {
    const { attributes, publish, sent } = setUpOpen();
    const values = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 0]));
    expect(() => attributes.publish(values(1_000))).toThrow(RangeError);
    publish(values(64));
    expect(Object.keys(JSON.parse(sent()[0] ?? ""))).toHaveLength(64);
  });

  test("refuses one name too many, and then takes none of the call", () => {
    const { attributes, publish, sent } = setUpOpen({ maxNames: 2 });
    publish({ a: 1, b: 2 });
    sent();
    expect(() => attributes.publish({ a: 9, c: 3 })).toThrow(RangeError);
    publish({ b: 2 });
    expect(sent()).toEqual([]);
    publish({ a: 3, b: 4 });
  });

  test("has room for a reserved name however many others there are, and does not count it", () => {
    const { attributes, publish, sent } = setUpOpen({ maxNames: 2, reserved: ["own"] });
    publish({ a: 1, own: 1, b: 2 });
    expect(JSON.parse(sent()[0] ?? "")).toEqual({ a: 1, own: 1, b: 2 });
    expect(() => attributes.publish({ c: 3 })).toThrow(RangeError);
    const full = setUpOpen({ maxNames: 2, reserved: ["own"] });
    full.publish({ a: 1, b: 2 });
    full.sent();
    full.publish({ own: 1 });
  });

  test.each<[string, unknown, typeof RangeError | typeof TypeError]>([
    ["a blank name", { " ": 1 }, RangeError],
    ["an over-long name", { ["x".repeat(256)]: 1 }, RangeError],
    ["undefined", { good: 1, bad: undefined }, TypeError],
    ["a function", { good: 1, bad: () => 1 }, TypeError],
    ["not a number", { good: 1, bad: Number.NaN }, TypeError],
    ["a value over the size of a message", { good: 1, bad: "x".repeat(1020) }, RangeError],
    ["no object", 7, TypeError],
    ["null", null, TypeError],
  ])("refuses %s, and then takes nothing", (_name, values, error) => {
    const { attributes, clock, sent } = setUpOpen();
    expect(() => attributes.publish(values as Record<string, unknown>)).toThrow(error);
    clock.advance(0);
    expect(sent()).toEqual([]);
  });

  test.each([
    ["maxNames", 0],
    ["maxNames", 256],
    ["maxMessageBytes", 63],
    ["maxMessageBytes", 8193],
  ])("refuses to be made with %s %d", (name, value) => {
    expect(() => setUp({ [name]: value })).toThrow(new RegExp(name));
  });
});
