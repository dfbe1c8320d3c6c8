// SPDX-License-Identifier: Apache-2.0
// Bytes that no server may send: the stream cannot be followed any further, so each ends the connection by name.

import { accepted, greeting } from "./accepted.js";
import type { ContractCase } from "./driver.js";
import { type Bytes, connack, packet, puback, publish0 } from "./packets.js";

/** After CONNACK. */
const afterwards: readonly (readonly [what: string, bytes: Bytes])[] = [
  ["packet type 0", [0x00, 0]],
  ["packet type 15", [0xf0, 0]],
  ["a CONNECT", [0x10, 0]],
  ["a SUBSCRIBE", [0x82, 3, 0, 1, 0]],
  ["an UNSUBSCRIBE", [0xa2, 3, 0, 1, 0]],
  ["a PINGREQ", [0xc0, 0]],
  ["a DISCONNECT", [0xe0, 0]],
  ["a second CONNACK", connack()],
  ["a PUBLISH of QoS 2", packet(0x34, [0, 1, 116, 0, 1])],
  ["a PUBLISH of QoS 3", packet(0x36, [0, 1, 116, 0, 1])],
  ["a PUBREC", [0x50, 2, 0, 1]],
  ["a PUBREL", [0x62, 2, 0, 1]],
  ["a PUBCOMP", [0x70, 2, 0, 1]],
  ["a length of five bytes", [0x30, 0x80, 0x80, 0x80, 0x80]],
  ["a PUBLISH without a topic", packet(0x30, [0, 0, 120])],
  ["a PUBLISH whose topic is longer than the packet", packet(0x30, [0, 5, 116])],
  ["a QoS 1 PUBLISH that ends before its identifier", packet(0x32, [0, 1, 116, 0])],
  ["a PUBLISH on a wildcard", publish0("a/+", "x")],
  ["a PUBLISH on another wildcard", publish0("a/#", "x")],
  ["a PUBLISH on a topic with a null character", publish0("a\0", "x")],
  ["a PUBLISH of two bytes", packet(0x30, [0, 1])],
  ["a PUBLISH whose topic is larger than the buffer", publish0(new Array(600).fill("t").join(""), "x")],
  ["a PUBACK with wrong flags", [0x41, 2, 0, 1]],
  ["a PUBACK of three bytes", [0x40, 3, 0, 1, 0]],
  ["a SUBACK without a code", [0x90, 2, 0, 1]],
  ["a SUBACK with code 3", [0x90, 3, 0, 1, 3]],
  ["a SUBACK larger than the buffer", packet(0x90, new Array(600).fill(0))],
  ["an UNSUBACK of one byte", [0xb0, 1, 0]],
  ["a PINGRESP with a body", [0xd0, 1, 0]],
];

/** Instead of CONNACK. */
const instead: readonly (readonly [what: string, bytes: Bytes])[] = [
  ["a PUBLISH before CONNACK", publish0("t", "x")],
  ["a PUBACK before CONNACK", puback(1)],
  ["a CONNACK of three bytes", [0x20, 3, 0, 0, 0]],
  ["a CONNACK of one byte", [0x20, 1, 0]],
  ["a CONNACK with reserved flags", connack(0, 2)],
  ["a CONNACK with a code that MQTT 3.1.1 does not have", connack(6)],
  ["HTTP", [72, 84, 84, 80, 47, 49, 46, 49]],
];

const defect = "goes on with a stream it has lost track of, or ends without a reason";

export const malformed: readonly ContractCase[] = [
  ...afterwards.map(
    ([what, bytes]): ContractCase => ({
      name: `ends by name on ${what}`,
      defect,
      script: [
        ...accepted,
        [["deliver", [...bytes, ...publish0("t", "x")]], "error malformed-packet", "closed"],
        [["deliver", publish0("t", "x")]],
      ],
    }),
  ),
  ...instead.map(
    ([what, bytes]): ContractCase => ({
      name: `ends by name on ${what}`,
      defect,
      script: [
        [["allow", 4096], greeting],
        [["deliver", bytes, 1], "error malformed-packet", "closed"],
        [["advance", 3_600_000]],
      ],
    }),
  ),
];
