// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Rig } from "./rig.js";

const limits = {
  maxPayload: undefined,
  maxInflight: undefined,
  messages: [],
  telemetryMessages: [],
  telemetryDataPoints: [],
};
const bytes = new Uint8Array(8_192);

describe("Session, publishing,", () => {
  test("publishes at QoS 1 for a publisher and at QoS 0 without one", () => {
    const rig = new Rig();
    const server = rig.goLive();
    server.take();
    expect(rig.session.publish("q0", bytes, 3)).toBe(true);
    expect(rig.publish(1)).toBe(true);
    expect(server.takeAll("publish")).toMatchObject([
      { topic: "q0", qos: 0, dup: false, length: 7 },
      { topic: "t", qos: 1, dup: false, payload: Buffer.from("1") },
    ]);
  });

  test("marks no QoS 0 publish as a duplicate, which MQTT forbids", () => {
    const rig = new Rig();
    const server = rig.goLive();
    server.take();
    rig.session.publish("t", bytes, 1, undefined, 0, true);
    expect(server.takeAll("publish")).toMatchObject([{ qos: 0, dup: false }]);
  });

  test("announces no room right after it refused", () => {
    const rig = new Rig({ window: 1 });
    rig.join({
      onOpen: () => {
        rig.publish(1);
        rig.publish(2);
      },
    });
    rig.goLive();
    expect(rig.told).toEqual(["live"]);
  });

  test("tells the publisher of the acknowledgement with its own token", () => {
    const rig = new Rig();
    const server = rig.goLive();
    rig.publish(41);
    rig.publish(42);
    const [first, second] = server.takeAll("publish");
    server.acknowledge(second?.messageId ?? 0);
    server.acknowledge(first?.messageId ?? 0);
    expect(rig.told).toEqual(["acknowledged 42", "acknowledged 41"]);
  });

  test("refuses while it is closed", () => {
    const rig = new Rig();
    expect(rig.publish(1)).toBe(false);
    rig.start();
    expect(rig.publish(1)).toBe(false);
    rig.goLive();
    rig.network.socket.fail("connection-reset");
    expect(rig.publish(1)).toBe(false);
  });

  test("refuses what is over the window, and announces room after an acknowledgement, once", () => {
    const rig = new Rig({ window: 2 });
    rig.join();
    const server = rig.goLive();
    rig.told.length = 0;
    expect([rig.publish(1), rig.publish(2), rig.publish(3)]).toEqual([true, true, false]);
    for (const { messageId } of server.takeAll("publish")) server.acknowledge(messageId ?? 0);
    expect(rig.told).toEqual(["acknowledged 1", "room", "acknowledged 2"]);
  });

  test("publishes again as soon as there is room", () => {
    const rig = new Rig({ window: 1 });
    let next = 1;
    const go = () => {
      while (next <= 5 && rig.publish(next)) next += 1;
    };
    rig.join({ onOpen: go, onRoom: go });
    const server = rig.goLive();
    for (let round = 0; round < 5; round += 1) server.acknowledge(1 + round);
    expect(server.takeAll("publish").map(({ payload }) => String(payload))).toEqual(["2", "3", "4", "5"]);
    expect(rig.told.filter((line) => line.startsWith("acknowledged"))).toHaveLength(5);
  });

  test.each([1, 2, 3])("keeps nobody out of a window of %i of which another always takes all", (window) => {
    const rig = new Rig({ window });
    const takeAll = () => {
      while (rig.session.publish("backlog", bytes, 1, greedy, 0, false, 1));
    };
    const greedy = { onAcknowledged: takeAll, onLost: () => {} };
    let isSent = true;
    const answer = () => {
      isSent ||= rig.session.publish("answer", bytes, 1, rig.publisher, 7);
    };
    rig.session.apply(limits);
    rig.join({ onOpen: takeAll, onRoom: takeAll });
    rig.join({ onRoom: answer });
    rig.join();
    const server = rig.goLive();
    let next = 1;
    // Asked for at every turn of the round.
    for (let turn = 0; turn < 4; turn += 1) {
      for (let skipped = 0; skipped < turn; skipped += 1) server.acknowledge(next++);
      isSent = false;
      answer();
      expect(isSent).toBe(false);
      for (let count = 0; count < 3; count += 1) server.acknowledge(next++);
      expect(isSent).toBe(true);
    }
  });

  test("refuses what its buffer has no room for, and announces room when the socket takes more", () => {
    const rig = new Rig({ transmitBuffer: 1_024 });
    rig.join();
    const server = rig.goLive();
    rig.told.length = 0;
    rig.network.socket.allow(0);
    expect(rig.session.publish("t", bytes, 700)).toBe(true);
    expect(rig.session.publish("t", bytes, 700)).toBe(false);
    expect(rig.told).toEqual([]);
    rig.network.socket.allow(4_096);
    expect(rig.told).toEqual(["room"]);
    server.take();
    expect(rig.session.publish("t", bytes, 700)).toBe(true);
    expect(server.takeAll("publish")).toHaveLength(1);
  });

  test("takes a payload of maxPayload on a topic of 255 bytes, and throws for one byte more", () => {
    const rig = new Rig({ transmitBuffer: 1_024 });
    const server = rig.goLive();
    const { maxPayload } = rig.session;
    expect(maxPayload).toBe(1_024 - 32 - 264);
    expect(rig.session.publish("t".repeat(255), bytes, maxPayload, rig.publisher, 1)).toBe(true);
    expect(server.takeAll("publish")[0]?.payload).toHaveLength(maxPayload);
    expect(() => rig.session.publish("t", bytes, maxPayload + 1)).toThrow(RangeError);
  });

  test("keeps a packet under what the server takes", () => {
    const rig = new Rig();
    rig.session.apply({ ...limits, maxPayload: 1_000 });
    expect(rig.session.maxPayload).toBe(1_000 - 264);
    rig.session.apply({ ...limits, maxPayload: 1 });
    expect(rig.session.maxPayload).toBe(0);
  });

  test("reports everything unacknowledged lost before it reports the end, oldest first", () => {
    const rig = new Rig();
    rig.join();
    const server = rig.goLive();
    rig.told.length = 0;
    for (const token of [1, 2, 3]) rig.publish(token);
    server.acknowledge(server.takeAll("publish")[1]?.messageId ?? 0);
    rig.drop();
    expect(rig.told).toEqual(["acknowledged 2", "lost 1", "lost 3", "closed connection-reset"]);
  });

  test("lets what was lost be published again as a duplicate at the next opening", () => {
    const rig = new Rig();
    const lost: number[] = [];
    rig.join({
      onOpen: () => {
        for (const token of lost.splice(0))
          rig.session.publish("t", bytes, 1, { onAcknowledged: () => {}, onLost: () => {} }, token, true);
      },
    });
    rig.goLive();
    rig.session.publish("t", bytes, 1, { onAcknowledged: () => {}, onLost: (token) => lost.push(token) }, 9);
    rig.network.socket.fail("connection-reset");
    expect(lost).toEqual([9]);
    rig.retry();
    expect(rig.open().takeAll("publish")).toMatchObject([{ qos: 1, dup: true }]);
  });

  test("reports pipelined publishes lost when the server refuses the session", () => {
    const rig = new Rig();
    rig.join({ onOpen: () => rig.publish(1) });
    rig.start();
    rig.open().refuse(5);
    expect(rig.told).toEqual(["lost 1", "closed refused-authorization"]);
  });

  test("gives up a connection on which acknowledgements no longer come", () => {
    const rig = new Rig({ acknowledgeTimeout: 7_000 });
    rig.join();
    rig.goLive();
    rig.told.length = 0;
    rig.publish(1);
    rig.clock.advance(6_999);
    expect(rig.told).toEqual([]);
    rig.clock.advance(1);
    expect(rig.told).toEqual(["lost 1", "closed acknowledge-timeout"]);
    expect(rig.network.socket.isClosed).toBe(true);
    expect(rig.session.state).toBe("waiting");
  });

  test("never uses an identifier twice at one time, nor that of a SUBSCRIBE under way", () => {
    const rig = new Rig({ window: 3 });
    const server = rig.goLive();
    rig.session.apply(limits);
    rig.subscribe("late");
    const subscribed = server.takeAll("subscribe")[0]?.messageId ?? 0;
    rig.publish(-1);
    const held = server.takeAll("publish")[0]?.messageId ?? 0;
    const seen = new Set<number>();
    for (let count = 0; count < 65_536; count += 1) {
      rig.network.socket.sent.length = 0;
      rig.network.socket.allow(100);
      rig.publish(1);
      const { sent } = rig.network.socket;
      const id = ((sent[5] ?? 0) << 8) | (sent[6] ?? 0);
      seen.add(id);
      rig.network.socket.deliver([0x40, 2, id >> 8, id & 255]);
      if (count % 5_000 === 0) rig.clock.advance(1);
    }
    expect(seen.size).toBe(65_535 - 2);
    expect([seen.has(0), seen.has(held), seen.has(subscribed)]).toEqual([false, false, false]);
  });

  test("survives a publisher that throws, and goes on with the others", () => {
    const rig = new Rig();
    rig.join();
    const server = rig.goLive();
    rig.told.length = 0;
    const fail = () => {
      throw new Error("no");
    };
    rig.session.publish("t", bytes, 1, { onAcknowledged: fail, onLost: fail }, 1);
    rig.session.publish("t", bytes, 1, { onAcknowledged: fail, onLost: fail }, 2);
    rig.publish(3);
    server.acknowledge(server.takeAll("publish")[0]?.messageId ?? 0);
    rig.drop();
    expect(rig.told).toEqual(["lost 3", "closed connection-reset"]);
    expect(rig.session.failures.of("handler-failed")).toBe(2);
  });

  test("stays under the server's rates and goes on when they allow it", () => {
    const rig = new Rig({ window: 100 });
    rig.join();
    rig.goLive();
    rig.told.length = 0;
    rig.session.apply({ ...limits, telemetryMessages: [{ count: 5, period: 1_000 }] });
    const publish = () => rig.session.publish("t", bytes, 1, undefined, 0, false, 10);
    expect([publish(), publish(), publish(), publish(), publish()]).toEqual([true, true, true, true, false]);
    expect(rig.publish(1)).toBe(true);
    rig.clock.advance(250);
    expect(rig.told).toEqual(["room"]);
    expect(publish()).toBe(true);
  });

  test("does not count against the rates what the socket had no room for", () => {
    const rig = new Rig({ transmitBuffer: 1_024 });
    rig.goLive();
    rig.session.apply({ ...limits, telemetryMessages: [{ count: 5, period: 1_000 }] });
    const publish = () => rig.session.publish("t", bytes, 700, undefined, 0, false, 1);
    rig.network.socket.allow(0);
    expect([publish(), publish(), publish(), publish()]).toEqual([true, false, false, false]);
    rig.network.socket.allow(8_192);
    expect([publish(), publish(), publish(), publish()]).toEqual([true, true, true, false]);
  });

  test("counts the opening of the session and its subscriptions as messages", () => {
    const rig = new Rig();
    for (const filter of ["a", "b", "c"]) rig.subscribe(filter);
    rig.goLive();
    rig.session.apply({ ...limits, messages: [{ count: 10, period: 3_600_000 }] });
    const publish = () => rig.session.publish("t", bytes, 1);
    expect([publish(), publish(), publish(), publish(), publish()]).toEqual([true, true, true, true, false]);
    expect(rig.session.maxDataPoints).toBe(Number.POSITIVE_INFINITY);
  });

  test("keeps to the limits that the server has for sub-devices where a publish is of some", () => {
    const rig = new Rig();
    rig.goLive();
    const telemetryMessages = [{ count: 10, period: 3_600_000 }];
    rig.session.apply({ ...limits, subDevices: { ...limits, telemetryMessages } });
    expect(rig.session.maxDevices).toBe(8);
    const publish = (devices: number) => rig.session.publish("t", bytes, 1, undefined, 0, false, 1, devices);
    expect([publish(5), publish(5), publish(3), publish(1), publish(0)]).toEqual([true, false, true, false, true]);
    expect([rig.session.leaves(0.5, 1, 1), rig.session.leaves(0.5, 1)]).toEqual([false, true]);
  });

  test("narrows its window to what the server holds", () => {
    const rig = new Rig();
    rig.goLive();
    rig.session.apply({ ...limits, maxInflight: 2 });
    expect([rig.publish(1), rig.publish(2), rig.publish(3)]).toEqual([true, true, false]);
  });
});
