// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { farewell, onTopic, setUpChildren, setUpGateway } from "./room.js";

const topic = "v1/gateway/claim";
const minute = 60_000;

describe("claims of children", () => {
  test("of several are one message", () => {
    const { children, settle } = setUpChildren(["Device A", "Device B"]);
    children[0]?.claiming.open({ secretKey: "value_A", duration: minute });
    children[1]?.claiming.open();
    expect(settle()).toEqual([
      {
        topic,
        message: {
          "Device A": { secretKey: "value_A", durationMs: minute },
          "Device B": { durationMs: 24 * 60 * minute },
        },
      },
    ]);
    expect(settle()).toEqual([]);
  });

  test("are stated again at each connect, for the time that is left, and not after it", () => {
    const { gateway, clock, link, settle } = setUpGateway();
    const { claiming } = gateway.child("Device A");
    expect(claiming.isOpen).toBe(false);
    claiming.open({ duration: 10 * minute });
    for (const left of [9, 6, 3]) {
      clock.advance(left === 9 ? minute : 3 * minute);
      link.open();
      expect(onTopic(settle(), topic)).toEqual([{ "Device A": { durationMs: left * minute } }]);
      expect(claiming.isOpen).toBe(true);
      link.close();
    }
    clock.advance(3 * minute);
    link.open();
    expect(onTopic(settle(), topic)).toEqual([]);
    expect(claiming.isOpen).toBe(false);
  });

  test("are of no more devices in a message than the server's limits allow at once", () => {
    const { children, link, settle } = setUpChildren(["Device A", "Device B", "Device C"]);
    link.maxDevices = 2;
    for (const child of children) child.claiming.open();
    expect((onTopic(settle(), topic) as object[]).map((message) => Object.keys(message).length)).toEqual([2, 1]);
  });

  test("of many go in several messages of no more than eight devices", () => {
    const names = Array.from({ length: 20 }, (_, index) => `Device ${index}`);
    const { children, settle } = setUpChildren(names);
    for (const child of children) child.claiming.open({ secretKey: "k".repeat(64), duration: minute });
    const messages = onTopic(settle(), topic) as object[];
    expect(messages.map((message) => Object.keys(message).length)).toEqual([8, 8, 4]);
    expect(messages.flatMap((message) => Object.keys(message))).toEqual(names);
  });

  test("wait for room, and one that is too large for the session is given up", () => {
    const { children, clock, link, settle, sent, log } = setUpChildren(["Device A", "Device B"]);
    link.room = 0;
    link.maxPayload = 80;
    children[0]?.claiming.open({ secretKey: "k".repeat(64) });
    children[1]?.claiming.open({ duration: minute });
    clock.advance(0);
    expect(sent()).toEqual([]);
    link.relieve();
    expect(settle()).toEqual([{ topic, message: { "Device B": { durationMs: minute } } }]);
    expect(log.entries.map(({ reason }) => reason)).toContain("payload-too-large");
  });

  test("end when the child leaves", () => {
    const { children, clock, link, settle } = setUpChildren(["Device A"]);
    children[0]?.claiming.open();
    settle();
    children[0]?.disconnect();
    clock.advance(farewell);
    link.close();
    link.open();
    expect(onTopic(settle(), topic)).toEqual([]);
  });

  test.each<[object, string]>([
    [{ secretKey: "" }, "secretKey: not 1 to 64 characters"],
    [{ secretKey: 1 }, "secretKey: not a string"],
    [{ duration: 999 }, "duration: not an integer from 1000 to 2073600000"],
  ])("%j is refused", (request, message) => {
    const { children } = setUpChildren(["Device A"]);
    expect(() => children[0]?.claiming.open(request)).toThrow(message);
    expect(children[0]?.claiming.isOpen).toBe(false);
  });
});
