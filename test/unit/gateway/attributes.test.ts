// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Child } from "../../../modules/device/child.js";
import { onTopic, reasonOf, setUpChildren, setUpGateway } from "./room.js";

const topic = "v1/gateway/attributes";

function pair() {
  const room = setUpChildren(["Device A", "Device B"]);
  return { ...room, a: room.children[0] as Child, b: room.children[1] as Child };
}

describe("attributes of children", () => {
  test("of one turn go out together, each child once", () => {
    const { a, b, settle } = pair();
    a.attributes.publish({ attribute1: "value1" });
    b.attributes.publish({ attribute1: "value1", attribute2: 42 });
    a.attributes.publish({ attribute2: 42, nested: { list: [1, null, { deep: true }] } });
    expect(settle()).toEqual([
      {
        topic,
        message: {
          "Device A": { attribute1: "value1", attribute2: 42, nested: { list: [1, null, { deep: true }] } },
          "Device B": { attribute1: "value1", attribute2: 42 },
        },
      },
    ]);
  });

  test("count as data points of as many devices", () => {
    const { a, b, link, clock } = pair();
    a.attributes.publish({ x: 1, y: 2 });
    b.attributes.publish({ x: 3 });
    clock.advance(0);
    expect(link.published).toMatchObject([{ QoS: 1, dataPoints: 3, devices: 2 }]);
  });

  test("the last value wins, also over one that is on its way", () => {
    const { a, clock, link, sent, settle } = pair();
    a.attributes.publish({ x: 1 });
    a.attributes.publish({ x: 2, y: 1 });
    clock.advance(0);
    a.attributes.publish({ x: 3 });
    clock.advance(0);
    expect(sent()).toEqual([{ topic, message: { "Device A": { x: 2, y: 1 } } }]);
    link.acknowledge();
    expect(settle()).toEqual([{ topic, message: { "Device A": { x: 3 } } }]);
    expect(settle()).toEqual([]);
  });

  test("are kept until they are acknowledged, over any number of sessions", () => {
    const { a, clock, link, settle, sent } = pair();
    a.attributes.publish({ x: 1 });
    for (let round = 0; round < 3; round += 1) {
      clock.advance(0);
      link.close();
      a.attributes.publish({ x: 2 });
      link.open();
      for (let step = 0; step < 2; step += 1) {
        link.acknowledge(1);
        clock.advance(0);
      }
    }
    sent();
    link.close();
    link.open();
    expect(onTopic(settle(), topic)).toEqual([{ "Device A": { x: 2 } }]);
    link.close();
    link.open();
    expect(onTopic(settle(), topic)).toEqual([]);
  });

  test("that do not fit into one message go in several, nobody first for ever", () => {
    const names = Array.from({ length: 20 }, (_, index) => `Device ${index}`);
    const { children, link, settle } = setUpChildren(names);
    link.maxPayload = 300;
    for (const child of children) child.attributes.publish({ a: "x".repeat(60), b: 1 });
    const messages = onTopic(settle(), topic);
    const values = new Map<string, number>();
    for (const message of messages) {
      expect(JSON.stringify(message).length).toBeLessThanOrEqual(300);
      for (const [name, each] of Object.entries(message as object))
        values.set(name, (values.get(name) ?? 0) + Object.keys(each).length);
    }
    expect(messages.length).toBeLessThan(10);
    expect([...values]).toEqual(names.map((name) => [name, 2]));
  });

  test("respect the limits of data points and of devices in a message", () => {
    const { a, b, link, settle } = pair();
    a.attributes.publish({ x: 1, y: 2, z: 3 });
    b.attributes.publish({ x: 4 });
    link.maxDataPoints = 2;
    expect(onTopic(settle(), topic)).toEqual([
      { "Device A": { x: 1, y: 2 } },
      { "Device A": { z: 3 }, "Device B": { x: 4 } },
    ]);
    link.maxDataPoints = Number.POSITIVE_INFINITY;
    link.maxDevices = 1;
    a.attributes.publish({ x: 5 });
    b.attributes.publish({ x: 6 });
    expect(onTopic(settle(), topic)).toHaveLength(2);
  });

  test("wait for room, and count once", () => {
    const { a, clock, link, sent } = pair();
    link.room = 0;
    a.attributes.publish({ x: 1 });
    clock.advance(0);
    expect(sent()).toEqual([]);
    link.relieve();
    expect(link.published).toMatchObject([{ dataPoints: 1, payload: '{"Device A":{"x":1}}' }]);
  });

  test("of a child that changes all the time do not keep the others waiting", () => {
    const { children, clock, link, sent } = setUpChildren(["Device A", "Device B", "Device C"]);
    link.maxDevices = 1;
    for (const child of children) child.attributes.publish({ x: 0 });
    const first: string[] = [];
    for (let round = 1; round <= 6; round += 1) {
      clock.advance(0);
      first.push(...sent().flatMap(({ message }) => Object.keys(message)));
      children[0]?.attributes.publish({ x: round });
      link.acknowledge();
    }
    expect(first.slice(0, 3).sort()).toEqual(["Device A", "Device B", "Device C"]);
  });

  test("larger than the session allows are given up by name, and the others go", () => {
    const { a, core, link, settle } = pair();
    link.maxPayload = 100;
    a.attributes.publish({ large: "x".repeat(200), small: 1 });
    expect(settle()).toEqual([{ topic, message: { "Device A": { small: 1 } } }]);
    expect(core.attributes.failures.counts.of("payload-too-large")).toBe(1);
  });

  test.each<[unknown, string]>([
    [{ "": 1 }, "values: blank"],
    [{ ["x".repeat(256)]: 1 }, "values: more than 255 characters"],
    [{ x: Number.NaN }, "values.x: NaN is not a JSON number"],
    [{ x: () => {} }, "values.x: function is not a JSON value"],
    [{ x: "y".repeat(1_536) }, "values.x: does not fit into one message"],
  ])("%j are refused before anything is sent", (values, message) => {
    const { a, settle } = pair();
    expect(() => a.attributes.publish({ good: 1, ...(values as object) })).toThrow(message);
    expect(() => a.attributes.publish(null as never)).toThrow("values: not an object");
    expect(settle()).toEqual([]);
  });

  test("that wait for the server take no more than the configured memory", () => {
    const { gateway, link, settle } = setUpGateway({ attributesCapacity: 1_024 });
    const child = gateway.child("Device A");
    let count = 0;
    const fill = () => {
      for (; count < 100; count += 1) child.attributes.publish({ [`name${count}`]: count });
    };
    expect(reasonOf(fill)).toBe("queue-full");
    expect(count).toBeGreaterThan(5);
    // A value that takes the place of another needs none.
    child.attributes.publish({ name0: 9 });
    link.open();
    settle();
    child.attributes.publish({ [`name${count}`]: count });
    expect(onTopic(settle(), topic)).toEqual([{ "Device A": { [`name${count}`]: count } }]);
  });
});
