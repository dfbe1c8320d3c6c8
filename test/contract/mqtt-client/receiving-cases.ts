// SPDX-License-Identifier: Apache-2.0

import { accepted, greeting } from "./accepted.js";
import type { ContractCase } from "./driver.js";
import { connack, pingresp, puback, publish0, publish1, suback, unsuback } from "./packets.js";

const stream = [
  ...publish1("room/1", "warm", 7),
  ...puback(3),
  ...suback(4, 1, 0x80),
  ...publish0("room/2", new Array(200).fill(120)),
  ...pingresp,
  ...unsuback(9),
];
const streamSeen = [
  'message room/1 QoS 1 "warm"',
  "PUBACK #3",
  "SUBACK #4 1 80",
  "message room/2 QoS 0 200 bytes",
  "PINGRESP",
  "UNSUBACK #9",
  "PUBACK #7",
];

export const receiving: readonly ContractCase[] = [
  {
    name: "takes every packet of a server at once",
    defect: "loses packets that come together",
    on: { message: [["acknowledge"]] },
    script: [...accepted, [["deliver", stream], ...streamSeen]],
  },
  {
    name: "takes every packet of a server byte by byte",
    defect: "relies on packets coming whole",
    on: { message: [["acknowledge"]] },
    script: [...accepted, [["deliver", stream, 1], ...streamSeen]],
  },
  {
    name: "takes CONNACK byte by byte",
    defect: "relies on packets coming whole",
    script: [
      [["allow", 4096], greeting],
      [["deliver", [...connack(), ...publish0("t", "x")], 1], "CONNACK", 'message t QoS 0 "x"'],
    ],
  },
  {
    name: "delivers a zero-length message, and the message after it",
    defect: "stalls for ever: ThingsBoard sends one for a chunk past the end of a firmware",
    script: [
      ...accepted,
      [["deliver", publish0("empty", "")], 'message empty QoS 0 ""'],
      [["deliver", publish0("next", "x")], 'message next QoS 0 "x"'],
    ],
  },
  {
    name: "delivers a zero-length QoS 1 message, and the message after it in the same bytes",
    defect: "stalls for ever",
    on: { message: [["acknowledge"]] },
    script: [
      ...accepted,
      [
        ["deliver", [...publish1("empty", "", 5), ...publish0("next", "x")]],
        'message empty QoS 1 ""',
        'message next QoS 0 "x"',
        "PUBACK #5",
      ],
    ],
  },
  {
    name: "takes a length of three bytes",
    defect: "miscounts over 16,383 bytes",
    client: { receive: 20_000 },
    script: [
      ...accepted,
      [["deliver", publish0("big", new Array(17_000).fill(120)), 1_000], "message big QoS 0 17000 bytes"],
      [["deliver", publish0("next", "x")], 'message next QoS 0 "x"'],
    ],
  },
  {
    name: "acknowledges a QoS 1 message when its owner says so, not before",
    defect: "a message is lost when the device fails between PUBACK and handling",
    script: [...accepted, [["deliver", publish1("t", "x", 7)], 'message t QoS 1 "x"'], [["acknowledge"], "PUBACK #7"]],
  },
  {
    name: "delivers a message of packet identifier 0, and does not acknowledge it",
    defect: "ThingsBoard's 65,536th message has it: who is strict loses the session, who acknowledges is thrown out",
    on: { message: [["acknowledge"]] },
    script: [
      ...accepted,
      [["deliver", publish1("t", "x", 0)], 'message t QoS 1 "x"'],
      [["deliver", publish1("t", "y", 1)], 'message t QoS 1 "y"', "PUBACK #1"],
    ],
  },
  {
    name: "passes over a message of packet identifier 0 that is larger than its buffer, and does not acknowledge it",
    defect: "ThingsBoard throws out who acknowledges packet identifier 0",
    client: { receive: 128 },
    script: [...accepted, [["deliver", publish1("big", new Array(300).fill(120), 0)], "dropped big 300 bytes"]],
  },
  {
    name: "passes over a message larger than its buffer, and says so once",
    defect: "allocates what the server chooses, or ends the session",
    client: { receive: 128 },
    script: [
      ...accepted,
      [["deliver", publish0("big", new Array(300).fill(120))], "dropped big 300 bytes"],
      [["deliver", publish0("next", "x")], 'message next QoS 0 "x"'],
    ],
  },
  {
    name: "passes over one that comes byte by byte, and acknowledges it",
    defect: "the server waits for the acknowledgement for ever",
    client: { receive: 128 },
    script: [
      ...accepted,
      [["deliver", publish1("big", new Array(300).fill(120), 8), 1], "dropped big 300 bytes", "PUBACK #8"],
      [["deliver", publish0("next", "x"), 1], 'message next QoS 0 "x"'],
    ],
  },
  {
    name: "takes a message that fills its buffer to the last byte",
    defect: "off by one",
    client: { receive: 128 },
    script: [
      ...accepted,
      [["deliver", publish0("t", new Array(123).fill(120)), 7], "message t QoS 0 123 bytes"],
      [["deliver", publish0("t", new Array(124).fill(120)), 7], "dropped t 124 bytes"],
    ],
  },
];
