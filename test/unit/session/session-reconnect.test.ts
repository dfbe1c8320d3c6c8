// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { longest, Rig } from "./rig.js";

function pauses(rig: Rig, count: number, end: () => void): number[] {
  return Array.from({ length: count }, () => {
    end();
    return rig.retry();
  });
}

describe("Session, reconnecting,", () => {
  test("waits longer after each failed attempt, and says how long", () => {
    const rig = new Rig({ random: longest });
    rig.start();
    const expected = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 128_000];
    expect(pauses(rig, 9, () => rig.network.socket.fail("connect-refused"))).toEqual(expected);
    const waits = rig.log.entries
      .filter(({ event }) => event === "session.waiting")
      .map(({ detail }) => Number(detail.split(" ").at(-2)));
    expect(waits).toEqual([249, ...expected]);
    expect(rig.session.disconnects.of("connect-refused")).toBe(9);
  });

  test.each([
    [1, "refused-protocol"],
    [2, "refused-identifier"],
    [4, "refused-credentials"],
    [5, "refused-authorization"],
  ] as const)("waits long after CONNACK %i, %s", (code, reason) => {
    const rig = new Rig({ random: longest });
    rig.start();
    expect(pauses(rig, 7, () => rig.open().refuse(code))).toEqual([
      30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000,
    ]);
    expect(rig.session.disconnects.of(reason)).toBe(7);
  });

  test("makes no timer for another attempt: no host gives one back", () => {
    const rig = new Rig();
    rig.start();
    const before = rig.clock.timers;
    pauses(rig, 100, () => rig.network.socket.fail("connect-refused"));
    rig.goLive();
    rig.drop();
    expect(rig.session.disconnects.total).toBe(101);
    expect(rig.clock.timers).toBe(before);
  });

  test("does not wait long when the server is unavailable only", () => {
    const rig = new Rig({ random: longest });
    rig.start();
    expect(pauses(rig, 2, () => rig.open().refuse(3))).toEqual([1_000, 2_000]);
  });

  test("names a server that throws it out right after CONNACK, and waits longer each time", () => {
    const rig = new Rig({ random: longest });
    rig.join();
    rig.start();
    const kicked = () => {
      rig.goLive();
      rig.clock.advance(1_000);
      rig.network.socket.fail("connection-closed");
    };
    expect(pauses(rig, 4, kicked)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(rig.session.disconnects.of("closed-after-connack")).toBe(4);
    expect(rig.told.at(-1)).toBe("closed closed-after-connack");
    expect(rig.log.reasons("session.disconnected").at(-1)).toBe("closed-after-connack");
  });

  test("starts the pauses anew only after a minute of session", () => {
    const rig = new Rig({ random: longest, keepAlive: 600_000 });
    rig.start();
    const sessionOf = (age: number): number => {
      rig.goLive();
      rig.clock.advance(age);
      rig.network.socket.fail("connection-reset");
      return rig.retry();
    };
    expect([sessionOf(59_999), sessionOf(59_999), sessionOf(60_000), sessionOf(59_999)]).toEqual([
      1_000, 2_000, 1_000, 2_000,
    ]);
  });

  test("ends a session whose server no longer answers pings", () => {
    const rig = new Rig({ keepAlive: 60_000 });
    rig.goLive();
    rig.clock.advance(90_000);
    expect(rig.session.disconnects.of("keepalive-timeout")).toBe(1);
  });

  test("ends an attempt that the server lets hang, at each stage, by name", () => {
    const rig = new Rig({ connectTimeout: 5_000 });
    rig.start();
    rig.clock.advance(5_000);
    expect(rig.session.disconnects.of("connect-timeout")).toBe(1);
    rig.retry();
    rig.open();
    rig.clock.advance(5_000);
    expect(rig.session.disconnects.of("connack-timeout")).toBe(1);
  });

  test("ends the session with the network, makes no attempt without one, and one at once with the next", () => {
    const rig = new Rig({ random: longest });
    rig.join();
    rig.goLive();
    rig.session.setNetwork(false);
    expect(rig.told.at(-1)).toBe("closed wifi-lost");
    expect(rig.network.socket.isClosed).toBe(true);
    rig.clock.advance(3_600_000);
    expect(rig.network.sockets).toHaveLength(1);
    expect(rig.session.state).toBe("offline");
    rig.session.setNetwork(true);
    rig.session.setNetwork(true);
    expect(rig.retry()).toBeLessThan(250);
    expect(rig.network.sockets).toHaveLength(2);
    rig.goLive();
    expect(rig.session.isLive).toBe(true);
  });

  test("breaks off a pause for a network that comes, but not one that the server imposed", () => {
    const rig = new Rig({ random: longest });
    rig.start();
    for (let count = 0; count < 5; count += 1) {
      rig.network.socket.fail("host-unreachable");
      if (count < 4) rig.retry();
    }
    rig.session.setNetwork(false);
    rig.session.setNetwork(true);
    expect(rig.retry()).toBeLessThan(250);
    rig.open().refuse(5);
    rig.session.setNetwork(false);
    rig.session.setNetwork(true);
    expect(rig.retry()).toBe(60_000);
  });

  test("says goodbye on stop, reports what it ends, and is silent from then on", () => {
    const rig = new Rig();
    rig.subscribe("a");
    rig.join();
    const server = rig.goLive();
    rig.publish(1);
    while (rig.session.publish("t", new Uint8Array(1), 1));
    server.take();
    rig.told.length = 0;
    rig.session.stop();
    expect(rig.told).toEqual(["lost 1", "closed session-stopped"]);
    expect(server.take()).toMatchObject([{ cmd: "disconnect" }]);
    expect(rig.network.socket.isClosed).toBe(true);
    expect(rig.clock.pending).toBeUndefined();
    const logged = rig.log.entries.length;
    rig.session.stop();
    rig.session.setNetwork(false);
    rig.session.setNetwork(true);
    rig.network.socket.allow(100);
    rig.network.socket.deliver([0xf0]);
    rig.clock.advance(3_600_000);
    expect(rig.told).toHaveLength(2);
    expect(rig.log.entries).toHaveLength(logged);
    expect(rig.network.sockets).toHaveLength(1);
    expect(rig.session.disconnects.of("session-stopped")).toBe(1);
  });

  test("counts no end where there was no connection", () => {
    const rig = new Rig();
    rig.start();
    rig.network.socket.fail("connect-refused");
    rig.session.stop();
    expect(rig.session.disconnects.of("session-stopped")).toBe(0);
    expect(rig.log.reasons("session.disconnected")).toEqual(["connect-refused"]);
  });

  test("can be started again after stop, at once", () => {
    const rig = new Rig({ random: longest });
    rig.start();
    rig.open().refuse(5);
    rig.session.stop();
    rig.session.start();
    expect(rig.retry()).toBeLessThan(250);
    rig.goLive();
    expect(rig.session.isLive).toBe(true);
  });

  test("leaves no more than the timers of its waiting behind, over many connections", () => {
    const rig = new Rig();
    for (let round = 0; round < 50; round += 1) {
      rig.goLive();
      rig.network.socket.fail("connection-closed");
      rig.clock.advance(1);
      rig.retry();
    }
    rig.session.stop();
    expect(rig.clock.pending).toBeUndefined();
  });
});
