// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { ScriptedServer } from "../../fakes/scripted-server.js";
import { longest, Rig } from "./rig.js";

/** Lets time pass while the server answers every ping. */
function keepAlive(rig: Rig, server: ScriptedServer, span: number): void {
  for (let left = span; left > 0; left -= 10_000) {
    rig.clock.advance(Math.min(left, 10_000));
    server.send({ cmd: "pingresp" });
  }
}

describe("Session, connecting,", () => {
  test("stays offline without a network, and connects as soon as there is one", () => {
    const rig = new Rig();
    rig.session.start();
    rig.clock.advance(3_600_000);
    expect(rig.network.sockets).toHaveLength(0);
    expect(rig.session.state).toBe("offline");
    rig.session.setNetwork(true);
    rig.clock.advance(0);
    expect(rig.network.sockets).toHaveLength(1);
    expect(rig.session.state).toBe("connecting");
  });

  test("connects to the server with the credentials of its options", () => {
    const rig = new Rig({ credentials: { clientId: "dev", user: "u", password: "p" }, keepAlive: 45_000 });
    rig.start();
    expect(rig.network.socket.options).toMatchObject({ host: "server.test", port: 1883 });
    const [connect] = rig.open().takeAll("connect");
    expect(connect).toMatchObject({ clientId: "dev", username: "u", password: Buffer.from("p"), keepalive: 45 });
    expect(connect?.clean).toBe(true);
  });

  test("sends CONNECT, one SUBSCRIBE and the first publishes in one go, before the server has said a word", () => {
    const rig = new Rig();
    rig.subscribe("a/+");
    rig.subscribe("b", { QoS: 0 });
    rig.join({ onOpen: () => expect(rig.publish(1)).toBe(true) });
    rig.start();
    const server = rig.open();
    expect(rig.network.socket.writes).toHaveLength(1);
    expect(server.take()).toMatchObject([
      { cmd: "connect" },
      {
        cmd: "subscribe",
        subscriptions: [
          { topic: "a/+", qos: 1 },
          { topic: "b", qos: 0 },
        ],
      },
      { cmd: "publish", qos: 1, dup: false },
    ]);
  });

  test("is open after SUBSCRIBE was written, connected after CONNACK, live after every SUBACK", () => {
    const rig = new Rig();
    rig.subscribe("a");
    rig.join();
    rig.start();
    const seen: unknown[] = [];
    const see = () => seen.push([rig.session.state, rig.session.isOpen, rig.session.isLive, ...rig.told.splice(0)]);
    see();
    const server = rig.open();
    see();
    server.accept();
    see();
    const [subscribe] = server.takeAll("subscribe");
    server.send({ cmd: "suback", messageId: subscribe?.messageId ?? 0, granted: [1] });
    see();
    expect(seen).toEqual([
      ["connecting", false, false],
      ["open", true, false, "open"],
      ["connected", true, false],
      ["live", true, true, "live"],
    ]);
    expect(rig.log.events()).toEqual([
      "session.offline",
      "session.waiting",
      "session.connecting",
      "session.open",
      "session.connected",
      "session.live",
    ]);
  });

  test("is live at CONNACK without subscriptions", () => {
    const rig = new Rig();
    rig.goLive();
    expect(rig.session.isLive).toBe(true);
  });

  test("splits a SUBSCRIBE list that its buffer does not hold, and opens when all of it is sent", () => {
    const rig = new Rig({ transmitBuffer: 512 });
    const filters = Array.from({ length: 12 }, (_, index) => `${index}/${"f".repeat(90)}/+`);
    for (const filter of filters) rig.subscribe(filter);
    rig.join();
    rig.start();
    const server = rig.open(0);
    expect(rig.told).toEqual([]);
    for (let count = 0; count < 60; count += 1) rig.network.socket.allow(40);
    expect(rig.told).toEqual(["open"]);
    const packets = server.takeAll("subscribe");
    expect(packets.length).toBeLessThan(12);
    expect(packets.flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic))).toEqual(filters);
    server.accept();
    for (const { messageId = 0, subscriptions } of packets) {
      expect(rig.session.isLive).toBe(false);
      server.send({ cmd: "suback", messageId, granted: subscriptions.map(({ qos }) => qos) });
    }
    expect(rig.session.isLive).toBe(true);
  });

  test("packs a long SUBSCRIBE list into as few packets as its buffer allows", () => {
    const rig = new Rig({ transmitBuffer: 512 });
    for (let index = 0; index < 12; index += 1) rig.subscribe(`${index}/${"f".repeat(90)}`);
    rig.start();
    expect(rig.open().takeAll("subscribe")).toHaveLength(3);
  });

  test("opens after CONNACK where the SUBSCRIBE list was slower than the server", () => {
    const rig = new Rig({ transmitBuffer: 512 });
    for (let index = 0; index < 6; index += 1) rig.subscribe(`${index}/${"f".repeat(90)}`);
    rig.join();
    rig.start();
    const server = rig.open(60);
    server.accept();
    expect([rig.session.state, ...rig.told]).toEqual(["connecting"]);
    rig.network.socket.allow(4_096);
    expect([rig.session.state, ...rig.told]).toEqual(["connected", "open"]);
  });

  test("stays usable when a subscription is refused, and says which", () => {
    const rig = new Rig();
    rig.subscribe("good");
    rig.subscribe("bad");
    rig.join();
    rig.start();
    const server = rig.open();
    server.accept();
    const [subscribe] = server.takeAll("subscribe");
    server.send({ cmd: "suback", messageId: subscribe?.messageId ?? 0, granted: [1, 0x80] });
    expect(rig.session.isLive).toBe(true);
    expect(rig.session.failures.of("subscription-refused")).toBe(1);
    expect(rig.log.entries).toContainEqual({
      level: "error",
      event: "session.subscription",
      detail: "bad",
      reason: "subscription-refused",
    });
    server.publish("good", "still here");
    expect(rig.told).toContain("good <- good still here");
  });

  test("asks slowly again for what was refused, and for nothing else, until it is granted", () => {
    const rig = new Rig({ random: longest });
    for (const filter of ["bad", "good", "worse"]) rig.subscribe(filter);
    rig.join();
    rig.start();
    const server = rig.open();
    server.accept();
    const answer = (...granted: (0 | 1 | 128)[]) => {
      const subscribes = server.takeAll("subscribe");
      for (const { messageId = 0, subscriptions } of subscribes)
        server.send({ cmd: "suback", messageId, granted: granted.splice(0, subscriptions.length) });
      return subscribes.flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic));
    };
    expect(answer(0x80, 1, 0x80)).toEqual(["bad", "good", "worse"]);
    rig.told.length = 0;
    keepAlive(rig, server, 29_999);
    expect(answer()).toEqual([]);
    keepAlive(rig, server, 1);
    expect(answer(0x80, 1)).toEqual(["bad", "worse"]);
    keepAlive(rig, server, 59_999);
    expect(answer()).toEqual([]);
    keepAlive(rig, server, 1);
    expect(answer(1)).toEqual(["bad"]);
    keepAlive(rig, server, 3_600_000);
    expect(answer()).toEqual([]);
    expect([rig.session.isLive, rig.session.failures.of("subscription-refused"), ...rig.told]).toEqual([true, 3]);
  });

  test("asks again at most every 15 min in the end, and gives up a session that does not answer then", () => {
    const rig = new Rig({ random: longest });
    rig.subscribe("bad");
    rig.start();
    const server = rig.open();
    server.accept();
    const asked: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const before = rig.clock.now;
      let packets = server.takeAll("subscribe");
      while (packets.length === 0) {
        keepAlive(rig, server, 1_000);
        packets = server.takeAll("subscribe");
      }
      asked.push(rig.clock.now - before);
      if (round < 6) server.send({ cmd: "suback", messageId: packets[0]?.messageId ?? 0, granted: [0x80] });
    }
    expect(asked).toEqual([0, 30_000, 60_000, 120_000, 240_000, 480_000, 900_000]);
    rig.clock.advance(20_000);
    expect(rig.session.disconnects.of("acknowledge-timeout")).toBe(1);
  });

  test("asks for what was refused at the next connect, and not in between", () => {
    const rig = new Rig({ random: longest });
    rig.subscribe("bad");
    for (let round = 0; round < 2; round += 1) {
      rig.start();
      const server = rig.open();
      server.accept();
      const [subscribe] = server.takeAll("subscribe");
      expect(subscribe?.subscriptions).toMatchObject([{ topic: "bad" }]);
      server.send({ cmd: "suback", messageId: subscribe?.messageId ?? 0, granted: [0x80] });
      keepAlive(rig, server, 29_999);
      expect(server.takeAll("subscribe")).toHaveLength(0);
      if (round === 1) keepAlive(rig, server, 1);
      expect(server.takeAll("subscribe")).toHaveLength(round);
      rig.session.stop();
      expect(rig.clock.pending).toBeUndefined();
    }
  });

  test("takes a SUBACK with too few codes for a refusal of the rest", () => {
    const rig = new Rig();
    rig.subscribe("a");
    rig.subscribe("b");
    rig.start();
    const server = rig.open();
    server.accept();
    server.send({ cmd: "suback", messageId: server.takeAll("subscribe")[0]?.messageId ?? 0, granted: [1] });
    expect(rig.session.failures.of("subscription-refused")).toBe(1);
  });

  test("gives up a session whose subscriptions are never answered", () => {
    const rig = new Rig();
    rig.subscribe("a");
    rig.start();
    rig.open().accept();
    rig.clock.advance(19_999);
    expect(rig.session.state).toBe("connected");
    rig.clock.advance(1);
    expect(rig.session.disconnects.of("acknowledge-timeout")).toBe(1);
    expect(rig.network.socket.isClosed).toBe(true);
  });

  test("does not wait for answers that came", () => {
    const rig = new Rig();
    rig.subscribe("a");
    rig.goLive();
    rig.clock.advance(40_000);
    expect(rig.session.isLive).toBe(true);
  });

  test("waits for CONNACK anew at every connect", () => {
    const rig = new Rig();
    rig.goLive();
    rig.drop();
    rig.retry();
    rig.open();
    expect(rig.session.state).toBe("open");
  });

  test("replays every subscription at every connect, also those declared meanwhile", () => {
    const rig = new Rig();
    rig.subscribe("a");
    const first = rig.goLive();
    expect(first.packets.filter(({ cmd }) => cmd === "subscribe")).toHaveLength(1);
    rig.subscribe("b");
    expect(first.takeAll("subscribe")).toMatchObject([{ subscriptions: [{ topic: "b" }] }]);
    rig.network.socket.fail("connection-reset");
    rig.subscribe("c");
    rig.retry();
    const [subscribe] = rig.open().takeAll("subscribe");
    expect(subscribe?.subscriptions.map(({ topic }) => topic)).toEqual(["a", "b", "c"]);
  });

  test("names a factory that throws, and tries again", () => {
    const rig = new Rig();
    rig.network.isBroken = true;
    rig.start();
    rig.clock.advance(0);
    expect(rig.session.disconnects.of("connect-refused")).toBe(1);
    rig.network.isBroken = false;
    rig.retry();
    expect(rig.network.sockets).toHaveLength(1);
  });

  test("reuses its two buffers for every connection", () => {
    const rig = new Rig();
    const buffers = new Set<unknown>();
    rig.subscribe("t", { onMessage: (_topic, payload) => buffers.add(payload) });
    for (let round = 0; round < 3; round += 1) {
      rig.goLive().publish("t", "x");
      rig.network.socket.fail("connection-reset");
      rig.retry();
    }
    expect(buffers.size).toBe(1);
  });

  test.each<[string, Record<string, unknown>, ErrorConstructor]>([
    ["random", { random: 1 }, TypeError],
    ["connect", { connect: undefined }, TypeError],
    ["server.host", { server: { host: "", port: 1 } }, RangeError],
    ["server.port", { server: { host: "h", port: "1883" } }, TypeError],
    ["credentials.clientId", { credentials: { clientId: "" } }, RangeError],
    ["credentials.user", { credentials: { clientId: "d", user: 5 } }, TypeError],
    ["credentials.password", { credentials: { clientId: "d", password: "p" } }, TypeError],
    ["keepAlive", { keepAlive: 4_999 }, RangeError],
    ["receiveBuffer", { receiveBuffer: 511 }, RangeError],
    ["transmitBuffer", { transmitBuffer: 65_537 }, RangeError],
    [
      "transmitBuffer",
      { transmitBuffer: 512, credentials: { clientId: "d".repeat(256), user: "u".repeat(256) } },
      RangeError,
    ],
    ["window", { window: 101 }, RangeError],
    ["connectTimeout", { connectTimeout: 999 }, RangeError],
    ["acknowledgeTimeout", { acknowledgeTimeout: "20" }, TypeError],
  ])("is refused by the name of a bad option: %s", (name, changes, kind) => {
    expect(() => new Rig(changes)).toThrow(kind);
    expect(() => new Rig(changes)).toThrow(name);
  });

  test("is refused a subscription that is none", () => {
    const rig = new Rig();
    expect(() => rig.subscribe("a/#/b")).toThrow(RangeError);
    expect(() => rig.subscribe("f".repeat(256))).toThrow(RangeError);
    expect(() => rig.subscribe(5 as unknown as string)).toThrow(TypeError);
    expect(() => rig.subscribe("a", { QoS: 2 as 1 })).toThrow(RangeError);
    expect(() => rig.subscribe("a", { onMessage: undefined as never })).toThrow(TypeError);
    for (let index = 0; index < 64; index += 1) rig.subscribe(`${index}`);
    expect(() => rig.subscribe("one more")).toThrow(RangeError);
  });
});
