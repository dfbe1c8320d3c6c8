// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Rig } from "./rig.js";

describe("Session, receiving,", () => {
  test("hands a message to every handler whose filter matches, and to no other", () => {
    const rig = new Rig();
    for (const filter of ["a/+", "a/b", "#", "c"]) rig.subscribe(filter);
    rig.goLive().publish("a/b", "x");
    expect(rig.told).toEqual(["a/+ <- a/b x", "a/b <- a/b x", "# <- a/b x"]);
  });

  test("subscribes once for two handlers of one filter, and both get the message", () => {
    const rig = new Rig();
    rig.subscribe("a");
    rig.subscribe("a", { onMessage: () => rig.told.push("second") });
    const server = rig.goLive();
    expect(server.packets.filter((packet) => packet.cmd === "subscribe")).toMatchObject([
      { subscriptions: [{ topic: "a" }] },
    ]);
    server.publish("a", "x");
    expect(rig.told).toEqual(["a <- a x", "second"]);
  });

  test("acknowledges a QoS 1 message after its handler returned, and no QoS 0 message", () => {
    const rig = new Rig();
    const server = rig.goLive();
    rig.subscribe("a", { onMessage: () => rig.told.push(`${server.takeAll("puback").length} acknowledged so far`) });
    server.publish("a", "0");
    server.publish("a", "1", 1, 500);
    expect(rig.told).toEqual(["0 acknowledged so far", "0 acknowledged so far"]);
    expect(server.takeAll("puback")).toMatchObject([{ messageId: 500 }]);
  });

  test("acknowledges and counts what nobody subscribed, and says so once", () => {
    const rig = new Rig();
    rig.subscribe("a");
    const server = rig.goLive();
    server.take();
    server.publish("b", "x", 1, 7);
    server.publish("b", "x", 1, 8);
    expect(server.takeAll("puback")).toMatchObject([{ messageId: 7 }, { messageId: 8 }]);
    expect(rig.session.failures.of("unknown-topic")).toBe(2);
    expect([rig.session.received, rig.session.dropped]).toEqual([2, 2]);
    expect(rig.log.reasons("session.failure")).toEqual(["unknown-topic"]);
  });

  test("counts and acknowledges a message that is too large, and goes on", () => {
    const rig = new Rig({ receiveBuffer: 512 });
    rig.subscribe("a");
    const server = rig.goLive();
    server.take();
    server.publish("a", Buffer.alloc(100_000, "x"), 1, 9);
    server.publish("a", "y");
    expect(server.takeAll("puback")).toMatchObject([{ messageId: 9 }]);
    expect(rig.session.failures.of("payload-too-large")).toBe(1);
    expect(rig.log.entries.at(-1)).toMatchObject({ event: "session.failure", detail: "a, 100000 bytes, count 1" });
    expect([rig.session.received, rig.session.dropped]).toEqual([2, 1]);
    expect(rig.told).toEqual(["a <- a y"]);
    expect(rig.session.isLive).toBe(true);
  });

  test("survives a handler that throws: the others get the message, the server its acknowledgement", () => {
    const rig = new Rig();
    rig.subscribe("a", {
      onMessage: () => {
        throw new Error("out of order");
      },
    });
    rig.subscribe("a");
    const server = rig.goLive();
    server.take();
    server.publish("a", "x", 1, 3);
    expect(rig.told).toEqual(["a <- a x"]);
    expect(server.takeAll("puback")).toHaveLength(1);
    expect(rig.session.failures.of("handler-failed")).toBe(1);
    expect(rig.log.entries.at(-1)).toMatchObject({ detail: "out of order, count 1", reason: "handler-failed" });
    expect(rig.session.isLive).toBe(true);
  });

  test("survives participants that throw in every phase", () => {
    const rig = new Rig();
    const fail = () => {
      throw new Error("no");
    };
    rig.join({ onOpen: fail, onLive: fail, onClosed: fail, onRoom: fail });
    rig.join();
    rig.goLive();
    rig.drop();
    expect(rig.told).toEqual(["open", "live", "closed connection-reset"]);
    expect(rig.session.failures.of("handler-failed")).toBe(3);
  });

  test("may be stopped by a message handler, and then neither delivers nor acknowledges any more", () => {
    const rig = new Rig();
    rig.subscribe("a", {
      onMessage: () => {
        rig.told.push("message");
        rig.session.stop();
      },
    });
    const server = rig.goLive();
    server.take();
    const { socket } = rig.network;
    socket.deliver([0x32, 5, 0, 1, 97, 0, 1, 0x32, 5, 0, 1, 97, 0, 2]);
    expect(rig.told).toEqual(["message"]);
    expect(server.take()).toMatchObject([{ cmd: "disconnect" }]);
    expect(rig.session.state).toBe("stopped");
  });

  test("may be stopped by a participant in onOpen, and then nobody else is told that it is open", () => {
    const rig = new Rig();
    rig.join({ onOpen: () => rig.session.stop() });
    rig.join();
    rig.start();
    rig.network.socket.allow(4_096);
    expect(rig.told).toEqual(["closed session-stopped", "closed session-stopped"]);
    expect(rig.session.state).toBe("stopped");
  });

  test("may be started again by a participant in onClosed", () => {
    const rig = new Rig();
    rig.join({ onClosed: () => rig.session.start() });
    rig.goLive();
    rig.session.stop();
    expect(rig.session.state).toBe("waiting");
    rig.retry();
    rig.goLive();
    expect(rig.session.isLive).toBe(true);
  });

  test("ends a session whose server sends what is no MQTT", () => {
    const rig = new Rig();
    rig.join();
    rig.goLive();
    rig.network.socket.deliver([0xf0, 0]);
    expect(rig.told.at(-1)).toBe("closed malformed-packet");
    expect(rig.session.disconnects.of("malformed-packet")).toBe(1);
  });
});
