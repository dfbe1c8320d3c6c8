// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { generate, type Packet, parser } from "mqtt-packet";
import { ClientPackets, connack, packet, pingresp, puback, publish0, publish1, suback, unsuback } from "./packets.js";

const flags = { dup: false, retain: false } as const;
const long = new Array(20_000).fill(120);

describe("What the contract calls an MQTT packet is one for mqtt-packet, too:", () => {
  test.each<[string, readonly number[], Packet]>([
    ["CONNACK", connack(5, 1), { cmd: "connack", returnCode: 5, sessionPresent: true }],
    ["PUBACK", puback(513), { cmd: "puback", messageId: 513 }],
    ["SUBACK", suback(4, 1, 0x80), { cmd: "suback", messageId: 4, granted: [1, 0x80] }],
    ["UNSUBACK", unsuback(9), { cmd: "unsuback", messageId: 9, granted: [] }],
    ["PINGRESP", pingresp, { cmd: "pingresp" }],
    ["PUBLISH of QoS 0", publish0("a/b", "x"), { cmd: "publish", topic: "a/b", payload: "x", qos: 0, ...flags }],
    [
      "PUBLISH of QoS 1",
      publish1("a/b", long, 300),
      { cmd: "publish", topic: "a/b", payload: Buffer.from(long), qos: 1, messageId: 300, ...flags },
    ],
  ])("%s of a server", (_, bytes, oracle) => {
    expect(Buffer.from(bytes)).toEqual(generate(oracle));
  });

  test("each length of a packet's length", () => {
    for (const size of [0, 127, 128, 16_380, 16_381]) {
      const bytes = packet(0x30, [0, 1, 116, ...new Uint8Array(size)]);
      expect(Buffer.from(bytes)).toEqual(
        generate({ cmd: "publish", topic: "t", payload: Buffer.alloc(size), qos: 0, ...flags }),
      );
    }
  });

  test.each<[string, Packet]>([
    [
      "CONNECT MQTT 4 clean 60 s id=dev will=w:bye QoS 1 retain user=u password=p",
      {
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: 4,
        clean: true,
        clientId: "dev",
        keepalive: 60,
        username: "u",
        password: Buffer.from("p"),
        will: { topic: "w", payload: Buffer.from("bye"), qos: 1, retain: true },
      },
    ],
    [
      'PUBLISH t QoS 1 #7 dup "x"',
      { cmd: "publish", topic: "t", payload: "x", qos: 1, messageId: 7, ...flags, dup: true },
    ],
    ["PUBLISH t QoS 0 20000 bytes", { cmd: "publish", topic: "t", payload: Buffer.from(long), qos: 0, ...flags }],
    ["PUBACK #513", { cmd: "puback", messageId: 513 }],
    [
      "SUBSCRIBE #3 a/+:1 b:0",
      {
        cmd: "subscribe",
        messageId: 3,
        subscriptions: [
          { topic: "a/+", qos: 1 },
          { topic: "b", qos: 0 },
        ],
      },
    ],
    ["UNSUBSCRIBE #4 a/+ b", { cmd: "unsubscribe", messageId: 4, unsubscriptions: ["a/+", "b"] }],
    ["PINGREQ", { cmd: "pingreq" }],
    ["DISCONNECT", { cmd: "disconnect" }],
  ])("%s of a client", (line, oracle) => {
    const bytes = [...generate(oracle)];
    const packets = new ClientPackets();
    expect(packets.describe(bytes.slice(0, -1))).toEqual([]);
    expect(packets.describe(bytes.slice(-1))).toEqual([line]);
    expect(packets.leftover).toBe(0);
    const seen: Packet[] = [];
    parser()
      .on("packet", (found) => seen.push(found))
      .parse(Buffer.from(bytes));
    expect(seen).toHaveLength(1);
  });
});
