// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { farewell, onTopic, setUpChildren, setUpGateway } from "./room.js";

const connect = "v1/gateway/connect";
const disconnect = "v1/gateway/disconnect";
const attributes = "v1/gateway/attributes";
const request = "v1/gateway/attributes/request";

const minute = 60_000;

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `Device ${index}`);
}

function devices(messages: readonly unknown[]): unknown[] {
  return messages.map((message) => (message as { device: string }).device);
}

describe("announcements", () => {
  test("tell every child after every connect, with its type where it has one", () => {
    const { gateway, link, settle } = setUpGateway();
    gateway.child("Device A");
    gateway.child("Device B", { type: "thermometer" });
    for (let session = 0; session < 3; session += 1) {
      link.open();
      expect(settle()).toEqual([
        { topic: connect, message: { device: "Device A" } },
        { topic: connect, message: { device: "Device B", type: "thermometer" } },
      ]);
      link.close();
    }
  });

  test("the first of a session goes alone until it is acknowledged, and then four at a time", () => {
    const { gateway, link, clock, sent } = setUpGateway();
    for (const name of names(12)) gateway.child(name);
    link.open();
    expect(sent()).toHaveLength(1);
    clock.advance(1_000);
    expect(sent()).toEqual([]);
    link.acknowledge();
    expect(sent()).toHaveLength(4);
    link.acknowledge(1);
    expect(sent()).toHaveLength(1);
  });

  test("are no more than the first, which counts as two messages, until the server's limits are known", () => {
    const { gateway, core, link, clock, settle } = setUpGateway();
    core.awaitLimits();
    for (const name of names(3)) gateway.child(name);
    for (let session = 0; session < 3; session += 1) {
      link.open();
      clock.advance(0);
      expect(link.published).toMatchObject([{ topic: connect, devices: 2 }]);
      expect(settle()).toHaveLength(1);
      expect(core.gate.isClear).toBe(false);
      if (session < 2) link.close();
    }
    core.onLimits();
    expect(settle()).toHaveLength(2);
    expect(core.gate.isClear).toBe(true);
  });

  test("250 children are told once each, however narrow the link", () => {
    const { gateway, link, clock, sent } = setUpGateway();
    for (const name of names(250)) gateway.child(name);
    link.room = 0;
    link.open();
    const told: unknown[] = [];
    for (let round = 0; round < 400; round += 1) {
      clock.advance(50);
      link.relieve(1);
      told.push(...onTopic(sent(), connect));
      link.acknowledge();
    }
    expect(devices(told)).toEqual(names(250));
  });

  test("come before anything else about a child, and hold nothing else up for longer", () => {
    const { gateway, link, clock, sent } = setUpGateway();
    for (const name of names(3)) gateway.child(name).attributes.publish({ a: 1 });
    link.open();
    clock.advance(0);
    expect(sent().map(({ topic }) => topic)).toEqual([connect]);
    link.acknowledge();
    clock.advance(0);
    const topics = sent().map(({ topic }) => topic);
    expect(topics).toEqual([connect, connect, attributes]);
  });

  test("are all made before anything else, also where they need many messages", () => {
    const { gateway, link, settle } = setUpGateway();
    for (const name of names(12)) gateway.child(name).attributes.publish({ a: 1 });
    link.open();
    const topics = settle().map(({ topic }) => topic);
    expect(topics.lastIndexOf(connect)).toBe(11);
    expect(topics.indexOf(attributes)).toBe(12);
  });

  test("come before a request of the same turn", () => {
    const { gateway, link, settle, sent } = setUpChildren(["Device A"]);
    gateway.child("Device B").attributes.request({ client: ["a"] }, {}, () => {});
    expect(sent()).toEqual([]);
    expect(settle().map(({ topic }) => topic)).toEqual([connect, request]);
    expect(link.isOpen).toBe(true);
  });

  test("do not hold up what the gateway says of itself", () => {
    const { gateway, link, core } = setUpGateway();
    gateway.child("Device A");
    link.open();
    expect(core.gate.publish("v2/t", new Uint8Array(1), 1)).toBe(true);
    expect(core.gate.publish("v1/gateway/telemetry", new Uint8Array(1), 1)).toBe(false);
    link.acknowledge();
    expect(core.gate.publish("v1/gateway/telemetry", new Uint8Array(1), 1)).toBe(true);
  });

  test("too large for the session are given up, and the others go on", () => {
    const { gateway, link, settle, log } = setUpGateway();
    gateway.child("x".repeat(200));
    gateway.child("Device B").attributes.publish({ b: 1 });
    link.maxPayload = 100;
    link.open();
    expect(settle().map(({ topic }) => topic)).toEqual([connect, attributes]);
    expect(log.reasons("gateway.failed")).toEqual(["payload-too-large"]);
  });

  test("of a child that comes later goes out at once, from a callback", () => {
    const { gateway, clock, sent, children } = setUpChildren(["Device A"]);
    gateway.child("Device B").attributes.publish({ b: 1 });
    children[0]?.attributes.publish({ a: 1 });
    expect(sent()).toEqual([]);
    clock.advance(0);
    expect(sent().map(({ topic }) => topic)).toEqual([connect, attributes]);
  });

  test("lost with their session are made again in the next", () => {
    const { gateway, link, sent, settle } = setUpGateway();
    for (const name of names(3)) gateway.child(name);
    link.open();
    link.acknowledge();
    expect(sent()).toHaveLength(3);
    link.close();
    link.open();
    expect(devices(onTopic(settle(), connect))).toEqual(names(3));
  });

  test("of the same child are not repeated while it is there", () => {
    const { gateway, settle, children } = setUpChildren(["Device A"]);
    expect(gateway.child("Device A", { type: "other" })).toBe(children[0]);
    expect(settle()).toEqual([]);
  });
});

describe("a server that does not take the device for a gateway", () => {
  test("ends a session, and is left alone for one to fifteen minutes", () => {
    const { gateway, link, clock, log, sent, setRandom } = setUpGateway();
    setRandom(2 ** 31);
    gateway.child("Device A").attributes.publish({ a: 1 });
    let tries = 0;
    for (let elapsed = 0; elapsed < 4 * 60; elapsed += 1) {
      if (!link.isOpen) link.open();
      const published = sent();
      tries += published.length;
      if (published.length > 0) link.close("acknowledge-timeout");
      clock.advance(minute);
    }
    expect(tries).toBeGreaterThan(15);
    expect(tries).toBeLessThan(50);
    expect(log.events()).toContain("gateway.refused");
  });

  test("is taken back as soon as it acknowledges", () => {
    const { gateway, link, clock, sent, settle } = setUpGateway();
    gateway.child("Device A").attributes.publish({ a: 1 });
    link.open();
    link.close("acknowledge-timeout");
    link.open();
    expect(sent()).toHaveLength(1);
    clock.advance(30 * minute);
    expect(settle().map(({ topic }) => topic)).toContain(attributes);
  });

  test("shows before data of an earlier boot are risked, where nobody is to be announced", () => {
    const { gateway, link, core, log, sent } = setUpGateway();
    const isOpen = () => core.gate.publish("v1/gateway/telemetry", new Uint8Array(1), 1);
    link.open();
    expect(sent()).toEqual([{ topic: disconnect, message: { device: "nobody" } }]);
    expect([isOpen(), core.gate.maxDevices]).toEqual([false, 0]);
    link.close("acknowledge-timeout");
    expect(log.events()).toContain("gateway.refused");
    gateway.child("Device A");
    link.open();
    expect(isOpen()).toBe(false);
    expect(sent()).toEqual([]);
  });

  test("that takes it as one acknowledges that nobody left, and data of an earlier boot go", () => {
    const { link, core, clock, sent } = setUpGateway();
    link.room = 0;
    link.open();
    link.relieve(1);
    expect(sent()).toHaveLength(1);
    link.room = 9;
    link.acknowledge();
    expect(core.gate.isClear).toBe(true);
    expect(core.gate.maxDevices).toBe(Number.POSITIVE_INFINITY);
    clock.advance(30 * minute);
    expect(sent()).toEqual([]);
    link.close();
    link.open();
    link.close();
    link.open();
    expect(sent()).toHaveLength(2);
  });

  test("has shown that it does by its first acknowledgement", () => {
    const { link, clock, children, log, setRandom, sent } = setUpChildren(["Device A"]);
    children[0]?.attributes.publish({ a: 1 });
    clock.advance(0);
    link.close("acknowledge-timeout");
    expect(log.events()).not.toContain("gateway.refused");
    setRandom(2 ** 32 - 1);
    for (let round = 0; round < 3; round += 1) {
      link.open();
      link.close("acknowledge-timeout");
      clock.advance(60 * minute);
    }
    link.open();
    link.acknowledge();
    link.close();
    sent();
    link.open();
    link.close("acknowledge-timeout");
    sent();
    link.open();
    clock.advance(minute);
    expect(sent()).toHaveLength(1);
  });

  test("an ordinary end of a session is none of that", () => {
    const { gateway, link, sent } = setUpGateway();
    gateway.child("Device A");
    for (let round = 0; round < 3; round += 1) {
      link.open();
      expect(sent()).toHaveLength(1);
      link.close("connection-reset");
    }
  });
});

describe("a child that leaves", () => {
  test("is told to the server after what is queued of it had a moment to go out", () => {
    const { clock, settle, sent, flushes, children } = setUpChildren(["Device A", "Device B"]);
    children[0]?.attributes.publish({ last: 1 });
    children[0]?.disconnect();
    expect(flushes).toHaveLength(1);
    clock.advance(farewell / 2);
    children[0]?.disconnect();
    expect(settle()).toEqual([{ topic: attributes, message: { "Device A": { last: 1 } } }]);
    clock.advance(farewell / 2 - 1);
    expect(sent()).toEqual([]);
    clock.advance(1);
    expect(settle()).toEqual([{ topic: disconnect, message: { device: "Device A" } }]);
    clock.advance(30 * minute);
    expect(devices(onTopic(settle(), connect))).not.toContain("Device A");
  });

  test("while there is no session is announced before what is queued of it, and then told", () => {
    const { gateway, clock, link, settle } = setUpGateway();
    const child = gateway.child("Device A", { type: "thermometer" });
    child.attributes.publish({ last: 1 });
    child.disconnect();
    clock.advance(minute);
    link.open();
    expect(settle().map(({ topic }) => topic)).toEqual([connect, attributes]);
    clock.advance(farewell);
    expect(settle()).toEqual([{ topic: disconnect, message: { device: "Device A" } }]);
    link.close();
    link.open();
    expect(devices(settle().map(({ message }) => message))).toEqual(["nobody"]);
  });

  test("is told once more where that was lost", () => {
    const { clock, link, settle, children } = setUpChildren(["Device A"]);
    children[0]?.disconnect();
    clock.advance(farewell);
    link.close();
    link.open();
    settle();
    clock.advance(farewell);
    expect(settle()).toEqual([{ topic: disconnect, message: { device: "Device A" } }]);
  });

  test("and comes back is the same child, announced anew, and may be set up anew", () => {
    const { gateway, clock, settle, children } = setUpChildren(["Device A"]);
    const [child] = children;
    child?.attributes.onShared("interval", () => {});
    child?.rpc.handle("reset", {}, () => {});
    child?.disconnect();
    expect(child?.isPresent).toBe(false);
    clock.advance(farewell);
    settle();
    expect(gateway.child("Device A")).toBe(child);
    child?.attributes.onShared("interval", () => {});
    child?.rpc.handle("reset", {}, () => {});
    expect(settle().map(({ topic }) => topic)).toEqual([connect, request]);
  });

  test("and comes back before that was told does not leave", () => {
    const { gateway, clock, settle, children } = setUpChildren(["Device A"]);
    children[0]?.disconnect();
    gateway.child("Device A");
    clock.advance(minute);
    expect(onTopic(settle(), disconnect)).toEqual([]);
  });

  test("takes no more calls until it is asked for again", () => {
    const { children } = setUpChildren(["Device A"]);
    const [child] = children;
    const { attributes: held, rpc, claiming } = child as NonNullable<typeof child>;
    child?.disconnect();
    child?.disconnect();
    const gone = new RangeError('child: "Device A" is disconnected');
    expect(() => child?.telemetry).toThrow(gone);
    expect(() => child?.attributes).toThrow(gone);
    expect(() => child?.rpc).toThrow(gone);
    expect(() => child?.claiming).toThrow(gone);
    expect(() => held.publish({ a: 1 })).toThrow(gone);
    expect(() => held.onShared("a", () => {})).toThrow(gone);
    expect(() => rpc.handle("a", {}, () => {})).toThrow(gone);
    expect(() => claiming.open()).toThrow(gone);
  });
});

describe("a child that is silent", () => {
  test("is announced again before ten minutes, and the server gets a sign of life of it", () => {
    const { clock, settle, deliver } = setUpChildren(["Device A"]);
    for (let round = 0; round < 5; round += 1) {
      clock.advance(8 * minute - 1);
      expect(settle()).toEqual([]);
      clock.advance(1);
      const sent = settle();
      expect(sent.map(({ topic }) => topic)).toEqual([connect, request]);
      const { id } = sent[1]?.message ?? {};
      expect(sent[1]?.message).toEqual({ id, device: "Device A", client: true, key: "alive" });
      deliver("v1/gateway/attributes/response", { id, device: "Device A" });
    }
  });

  test("with shared attributes asks for these: it may have missed some", () => {
    const { clock, settle, deliver, children } = setUpChildren(["Device A"]);
    const values: unknown[] = [];
    children[0]?.attributes.onShared("interval", (value) => values.push(value));
    const [first] = settle();
    deliver("v1/gateway/attributes/response", { id: first?.message.id, device: "Device A", value: 5 });
    clock.advance(8 * minute);
    const [, again] = settle();
    expect(again?.message).toMatchObject({ client: false, key: "interval" });
    deliver("v1/gateway/attributes/response", { id: again?.message.id, device: "Device A", value: 6 });
    expect(values).toEqual([5, 6]);
  });

  test("is not told of while it says something by itself", () => {
    const { clock, settle, children } = setUpChildren(["Device A", "Device B"]);
    for (let elapsed = 0; elapsed < 30; elapsed += 1) {
      children[0]?.attributes.publish({ elapsed });
      settle();
      clock.advance(minute);
      expect(devices(onTopic(settle(), connect))).not.toContain("Device A");
    }
  });

  test("is not told of while the program asks for its attributes", () => {
    const { clock, settle, children } = setUpChildren(["Device A"]);
    for (let elapsed = 0; elapsed < 30; elapsed += 1) {
      clock.advance(minute);
      children[0]?.attributes.request({ client: ["a"] }, {}, () => {});
      expect(onTopic(settle(), connect)).toEqual([]);
    }
  });

  test("whose session has ended meanwhile is announced, and that is enough", () => {
    const { clock, link, settle } = setUpChildren(["Device A"]);
    link.room = 0;
    clock.advance(9 * minute);
    link.close();
    link.room = 9;
    link.open();
    expect(settle().map(({ topic }) => topic)).toEqual([connect]);
  });

  test("one of 250 costs no more than two messages in eight minutes", () => {
    const { clock, settle } = setUpChildren(names(250));
    let count = 0;
    // Nobody answers.
    for (let elapsed = 0; elapsed < 80 * minute; elapsed += 1_000) {
      clock.advance(1_000);
      count += settle().length;
    }
    expect(count).toBeGreaterThanOrEqual(250 * 2 * 9);
    expect(count).toBeLessThanOrEqual(250 * 2 * 10);
  });
});
