// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Prelude, PreludeConnection } from "../../../modules/session/prelude.js";
import { Rig } from "./rig.js";

const hello = new TextEncoder().encode("hello");

/** Subscribes to "in", says hello on "out" when that is granted, and is done with the first message. */
class Greeting implements Prelude {
  readonly maxPayload = 64;
  readonly told: string[] = [];
  connection: PreludeConnection | undefined;

  begin(connection: PreludeConnection): void {
    this.told.push("begin");
    this.connection = connection;
    connection.subscribe("in");
  }

  onRoom(): void {
    this.told.push("room");
  }

  onSubscribed(isGranted: boolean): void {
    this.told.push(`granted ${isGranted}`);
    if (isGranted) this.connection?.publish("out", hello, hello.length);
    else this.connection?.fail("provisioning-busy");
  }

  onMessage(topic: string): void {
    this.told.push(topic);
    this.connection?.finish();
  }

  end(): void {
    this.told.push("end");
    this.connection = undefined;
  }
}

function make() {
  const greeting = new Greeting();
  const rig = new Rig({ prelude: greeting, lockout: 45_000 });
  rig.join();
  rig.subscribe("mine");
  rig.start();
  return { greeting, rig, server: rig.open() };
}

describe("a session with a prelude", () => {
  test("says nothing else before that is done, and then opens", () => {
    const { greeting, rig, server } = make();
    server.accept();
    const [subscribe] = server.takeAll("subscribe");
    expect(subscribe).toMatchObject({ subscriptions: [{ topic: "in", qos: 0 }] });
    expect(rig.publish(1)).toBe(false);
    server.send({ cmd: "suback", messageId: subscribe?.messageId ?? 0, granted: [0] });
    expect(server.takeAll("publish")).toMatchObject([{ topic: "out", qos: 0 }]);
    expect([rig.session.state, rig.told]).toEqual(["connecting", []]);
    server.publish("in", "1");
    const [own] = server.takeAll("subscribe");
    expect(own).toMatchObject({ subscriptions: [{ topic: "mine" }] });
    expect([rig.session.state, rig.told]).toEqual(["connected", ["open"]]);
    server.send({ cmd: "suback", messageId: own?.messageId ?? 0, granted: [1] });
    expect(rig.told).toEqual(["open", "live"]);
    expect(greeting.told).toEqual(["begin", "granted true", "in", "end"]);
  });

  test("has it on each connection", () => {
    const { greeting, rig, server } = make();
    server.accept();
    server.publish("in", "1");
    rig.drop();
    rig.retry();
    rig.open().accept();
    expect(greeting.told.filter((word) => word === "begin")).toHaveLength(2);
  });

  test("ends with the reason of the prelude, without having been open", () => {
    const { rig, server } = make();
    server.accept();
    const [subscribe] = server.takeAll("subscribe");
    server.send({ cmd: "suback", messageId: subscribe?.messageId ?? 0, granted: [0x80] });
    expect([rig.session.state, rig.told]).toEqual(["waiting", []]);
    expect(rig.session.disconnects.of("provisioning-busy")).toBe(1);
  });

  test("ends where a message that it waits for is too large", () => {
    const { rig, server } = make();
    server.accept();
    server.publish("in", "x".repeat(9_000));
    expect(rig.session.disconnects.of("payload-too-large")).toBe(1);
  });

  test("waits out a lockout after a close without CONNACK, and after no other", () => {
    const { rig } = make();
    rig.network.socket.fail("connection-closed");
    expect(rig.session.disconnects.of("closed-before-connack")).toBe(1);
    expect(rig.retry()).toBeGreaterThanOrEqual(45_000);
    rig.open().accept();
    rig.drop();
    expect(rig.session.disconnects.of("connection-reset")).toBe(1);
    expect(rig.retry()).toBeLessThan(45_000);
  });
});

test("a prelude that the transmit buffer cannot hold is refused", () => {
  const prelude = Object.assign(new Greeting(), { maxPayload: 4_000 });
  expect(() => new Rig({ prelude, transmitBuffer: 4_096 })).toThrow(RangeError);
  expect(() => new Rig({ prelude, transmitBuffer: 4_400 })).not.toThrow();
});

test("the last will goes with CONNECT", () => {
  const will = { topic: "t", message: '"gone"', QoS: 1 } as const;
  const rig = new Rig({ will });
  rig.start();
  const [connect] = rig.open().takeAll("connect");
  expect(connect).toMatchObject({ will: { topic: "t", qos: 1, retain: false } });
});
