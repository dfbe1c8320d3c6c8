// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import {
  type ConnectFields,
  connectSize,
  Operation,
  publishSize,
  type QoS,
  subscribeSize,
  unsubscribeSize,
  writeConnect,
  writeEmpty,
  writePuback,
  writePublish,
  writeSubscribe,
  writeUnsubscribe,
} from "../../../modules/mqtt/packet.js";
import { text } from "../../fakes/text.js";

/** Writes with room to spare on both sides, and expects exactly `size` bytes between them, those of the oracle. */
function expectPacket(size: number, write: (into: Uint8Array, at: number) => number, oracle: Packet): void {
  const bytes = new Uint8Array(size + 6).fill(0xee);
  expect(write(bytes, 3)).toBe(3 + size);
  expect([...bytes.subarray(0, 3), ...bytes.subarray(3 + size)]).toEqual([0xee, 0xee, 0xee, 0xee, 0xee, 0xee]);
  expect(Buffer.from(bytes.subarray(3, 3 + size)).equals(generate(oracle))).toBe(true);
}

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((value) => !/[+#\0]/.test(value));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const someQoS = fc.constantFrom<QoS[]>(0, 1);
const identifier = fc.integer({ min: 1, max: 65_535 });

describe("A packet of the client is the one that mqtt-packet makes:", () => {
  test("CONNECT, with and without user, password and will", () => {
    const will = fc.record({ topic: word, message: word, QoS: someQoS, retain: fc.boolean() });
    fc.assert(
      fc.property(
        word,
        maybe(word),
        maybe(word),
        maybe(will),
        fc.boolean(),
        fc.integer({ min: 0, max: 65_535_000 }),
        (id, user, secret, lastWill, clean, keepAlive) => {
          const password = user === undefined ? undefined : secret;
          const fields: ConnectFields = { id, user, password, clean, keepAlive, will: lastWill };
          expectPacket(connectSize(text, fields), (into, at) => writeConnect(text, into, at, fields), {
            cmd: "connect",
            protocolId: "MQTT",
            protocolVersion: 4,
            clientId: id,
            clean,
            keepalive: Math.ceil(keepAlive / 1000),
            ...(user === undefined ? {} : { username: user }),
            ...(password === undefined ? {} : { password: Buffer.from(password) }),
            ...(lastWill
              ? {
                  will: {
                    topic: lastWill.topic,
                    payload: lastWill.message,
                    qos: lastWill.QoS,
                    retain: lastWill.retain,
                  },
                }
              : {}),
          });
        },
      ),
    );
  });

  test("CONNECT with an empty user, which is not the same as none", () => {
    const fields: ConnectFields = { id: "d", user: "", password: undefined, clean: true, keepAlive: 0 };
    const bytes = new Uint8Array(connectSize(text, fields));
    writeConnect(text, bytes, 0, fields);
    expect([...bytes]).toEqual([0x10, 15, 0, 4, 77, 81, 84, 84, 4, 0x82, 0, 0, 0, 1, 100, 0, 0]);
  });

  test("PUBLISH of every size at which the length of the length changes", () => {
    for (const byteLength of [0, 1, 63, 64, 122, 123, 124, 125, 16_378, 16_379, 16_380, 16_381, 65_000]) {
      for (const QoS of [0, 1] as const) {
        const payload = Buffer.from(Array.from({ length: byteLength }, (_, index) => index & 255));
        for (const longer of [payload, Buffer.concat([payload, Buffer.from("rest")])]) {
          expectPacket(
            publishSize(1, byteLength, QoS),
            (into, at) => writePublish(text, into, at, "t", longer, byteLength, QoS, 258, false),
            { cmd: "publish", topic: "t", payload, qos: QoS, messageId: 258, dup: false, retain: false },
          );
        }
      }
    }
  });

  test("PUBLISH with any topic, identifier and DUP", () => {
    fc.assert(
      fc.property(word, identifier, fc.boolean(), (topic, messageId, dup) => {
        const length = text.byteLength(topic);
        expectPacket(
          publishSize(length, 0, 1),
          (into, at) => writePublish(text, into, at, topic, new Uint8Array(0), 0, 1, messageId, dup),
          { cmd: "publish", topic, payload: "", qos: 1, messageId, dup, retain: false },
        );
      }),
    );
  });

  test("SUBSCRIBE and UNSUBSCRIBE of a part of a list", () => {
    const items = fc.array(fc.record({ filter: word, QoS: someQoS }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(items, fc.nat(), identifier, (list, seed, messageId) => {
        const first = seed % list.length;
        const count = list.length - first;
        const part = list.slice(first);
        expectPacket(
          subscribeSize(text, list, first, count),
          (into, at) => writeSubscribe(text, into, at, messageId, list, first, count),
          {
            cmd: "subscribe",
            messageId,
            subscriptions: part.map(({ filter, QoS }) => ({ topic: filter, qos: QoS })),
          },
        );
        expectPacket(
          unsubscribeSize(text, list, first, count),
          (into, at) => writeUnsubscribe(text, into, at, messageId, list, first, count),
          { cmd: "unsubscribe", messageId, unsubscriptions: part.map(({ filter }) => filter) },
        );
      }),
    );
  });

  test("PUBACK, PINGREQ and DISCONNECT", () => {
    expectPacket(4, (into, at) => writePuback(into, at, 65_534), { cmd: "puback", messageId: 65_534 });
    expectPacket(2, (into, at) => writeEmpty(into, at, Operation.PINGREQ), { cmd: "pingreq" });
    expectPacket(2, (into, at) => writeEmpty(into, at, Operation.DISCONNECT), { cmd: "disconnect" });
  });
});
