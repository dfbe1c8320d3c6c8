// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { Operation } from "../../../modules/mqtt/packet.js";
import { Found, Parser } from "../../../modules/mqtt/parser.js";
import { FakeSocket } from "../../fakes/socket.js";
import { text } from "../../fakes/text.js";

/** Everything that a parser finds in bytes that arrive in pieces of these sizes. */
function parse(bytes: Uint8Array, sizes: readonly number[], capacity: number): string[] {
  const found: string[] = [];
  const parser = new Parser(new Uint8Array(capacity), text);
  const socket = new FakeSocket({
    host: "",
    port: 1,
    onWritable: () => {},
    onError: () => {},
    onReadable: (count) => {
      for (let left = count; left > 0 && found.at(-1) !== malformed; left -= parser.fill(socket, left))
        drain(parser, found);
      drain(parser, found);
    },
  });
  for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
    const size = sizes[piece % sizes.length] as number;
    socket.deliver(bytes.subarray(at, at + size));
    at += size;
  }
  return found;
}

const malformed = `${Found.malformed} 0`;

function drain(parser: Parser, found: string[]): void {
  if (found.at(-1) === malformed) return;
  for (let kind = parser.next(); kind !== Found.nothing; kind = parser.next()) {
    found.push(kind === Found.malformed ? malformed : describeFound(parser, kind));
    if (kind === Found.malformed) return;
  }
}

function describeFound(parser: Parser, kind: number): string {
  const payload = Buffer.from(parser.bytes.subarray(0, parser.byteLength)).toString("hex");
  if (kind === Operation.PUBLISH) return `publish ${parser.topic} ${parser.QoS} ${parser.id} ${payload}`;
  if (kind === Found.oversize) return `oversize ${parser.topic} ${parser.QoS} ${parser.id} ${parser.byteLength}`;
  if (kind === Operation.CONNACK) return `connack ${parser.code}`;
  if (kind === Operation.SUBACK) return `suback ${parser.id} ${payload}`;
  return `${kind} ${parser.id}`;
}

const topic = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((value) => !/[+#\0]/.test(value));
const identifier = fc.integer({ min: 1, max: 65_535 });
const serverPacket = fc.oneof(
  fc.record({ topic, payload: fc.uint8Array({ maxLength: 300 }), qos: fc.constantFrom(0, 1), messageId: identifier }),
  fc.record({ puback: identifier }),
  fc.record({ suback: identifier, granted: fc.array(fc.constantFrom(0, 1, 2, 0x80), { minLength: 1, maxLength: 9 }) }),
  fc.constant({ ping: true }),
);
type ServerPacket = typeof serverPacket extends fc.Arbitrary<infer T> ? T : never;

function encode(packet: ServerPacket): Packet {
  if ("puback" in packet) return { cmd: "puback", messageId: packet.puback };
  if ("suback" in packet) return { cmd: "suback", messageId: packet.suback, granted: packet.granted };
  if ("ping" in packet) return { cmd: "pingresp" };
  const qos = packet.qos === 1 ? 1 : 0;
  const payload = Buffer.from(packet.payload);
  return { cmd: "publish", topic: packet.topic, payload, qos, messageId: packet.messageId, dup: false, retain: false };
}

function expected(packet: ServerPacket, capacity: number): string {
  if ("puback" in packet) return `${Operation.PUBACK} ${packet.puback}`;
  if ("suback" in packet) return `suback ${packet.suback} ${Buffer.from(packet.granted).toString("hex")}`;
  if ("ping" in packet) return `${Operation.PINGRESP} 0`;
  const id = packet.qos === 1 ? packet.messageId : 0;
  const head = `${packet.topic} ${packet.qos} ${id}`;
  if (generate(encode(packet)).length > capacity) return `oversize ${head} ${packet.payload.length}`;
  return `publish ${head} ${Buffer.from(packet.payload).toString("hex")}`;
}

describe("Parser", () => {
  test("finds every packet that mqtt-packet made, however the stream is cut and however full the buffer gets", () => {
    fc.assert(
      fc.property(
        fc.array(serverPacket, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 200, max: 400 }),
        (packets, sizes, capacity) => {
          const bytes = Buffer.concat(packets.map((packet) => generate(encode(packet))));
          expect(parse(bytes, sizes, capacity)).toEqual(packets.map((packet) => expected(packet, capacity)));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("never throws and never loops on bytes of any kind", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
        const found = parse(bytes, [size], 128);
        expect(found.length).toBeLessThanOrEqual(bytes.length);
        expect(found.indexOf(malformed) === -1 || found.indexOf(malformed) === found.length - 1).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("waits for no fifth byte of a length", () => {
    expect(parse(Uint8Array.of(0x30, 0x80, 0x80, 0x80), [1], 128)).toEqual([]);
    expect(parse(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80), [1], 128)).toEqual([malformed]);
  });

  test("keeps the payload in place when it moved it to the front of a buffer that holds the next packet already", () => {
    const first = generate({ cmd: "publish", topic: "a", payload: "123456", qos: 0, dup: false, retain: false });
    const second = generate({ cmd: "publish", topic: "b", payload: "abcdef", qos: 0, dup: false, retain: false });
    expect(parse(Buffer.concat([first, second]), [100], 128)).toEqual([
      "publish a 0 0 313233343536",
      "publish b 0 0 616263646566",
    ]);
  });

  test("decodes a topic of several bytes per character", () => {
    const bytes = generate({ cmd: "publish", topic: "Küche/°C/😀", payload: "", qos: 0, dup: false, retain: false });
    expect(parse(bytes, [1], 128)).toEqual(["publish Küche/°C/😀 0 0 "]);
  });
});
