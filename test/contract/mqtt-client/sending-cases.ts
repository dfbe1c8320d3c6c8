// SPDX-License-Identifier: Apache-2.0

import { accepted, greeting, messages } from "./accepted.js";
import type { ContractCase } from "./driver.js";
import { connack, publish1 } from "./packets.js";

/** More than 128 bytes of PUBACK. */
const digits = Array.from({ length: 40 }, (_, index) => String(index + 1));

export const sending: readonly ContractCase[] = [
  {
    name: "refuses to publish before it is connected, without throwing",
    defect: "throws at an owner that cannot know",
    script: [[["publish", "t", "x", 0, 0], "publish refused"]],
  },
  {
    name: "refuses to write after an error, without throwing",
    defect: "throws at an owner that cannot know",
    on: { message: [["acknowledge"]] },
    script: [
      ...accepted,
      [["deliver", publish1("t", "x", 7)], 'message t QoS 1 "x"', "PUBACK #7"],
      [["fail", "connection-reset"], "error connection-reset", "closed"],
      [["publish", "t", "x", 0, 0], "publish refused"],
      [["subscribe", 1, "a:1"], "subscribe refused"],
      [["unsubscribe", 1, "a:1"], "unsubscribe refused"],
      [["acknowledge"], "acknowledge refused"],
      [["disconnect"]],
    ],
  },
  {
    name: "refuses to publish after close, without throwing",
    defect: "throws at an owner that cannot know",
    script: [...accepted, [["close"], "closed"], [["publish", "t", "x", 0, 0], "publish refused"]],
  },
  {
    name: "publishes at QoS 0 and 1, and marks a duplicate",
    defect: "flags or identifier wrong",
    script: [
      ...accepted,
      [["publish", "t/0", "x", 0, 0], 'PUBLISH t/0 QoS 0 "x"'],
      [["publish", "t/1", "", 1, 65_535], 'PUBLISH t/1 QoS 1 #65535 ""'],
      [["publish", "t/1", "y", 1, 258, "duplicate"], 'PUBLISH t/1 QoS 1 #258 dup "y"'],
    ],
  },
  {
    name: "never gives a publish the packet identifier 0",
    defect: "the 65,536th QoS 1 publish has it, and the server closes",
    script: [
      [["allow", 100_000_000], greeting],
      [["deliver", connack()], "CONNACK"],
      [["publishMany", "t", 1, 65_600]],
    ],
  },
  {
    name: "subscribes and unsubscribes",
    defect: "flags or lists wrong",
    script: [
      ...accepted,
      [["subscribe", 10, "a/+:1", "b/#:0"], "SUBSCRIBE #10 a/+:1 b/#:0"],
      [["unsubscribe", 11, "a/+:1", "b/#:0"], "UNSUBSCRIBE #11 a/+ b/#"],
    ],
  },
  {
    name: "gets a publish through that is larger than what the socket takes",
    defect: "throws, or sends a packet that never ends",
    script: [
      ...accepted,
      [["allow", 100]],
      [["publishSize", "t", 300]],
      [["allow", 100]],
      [["allow", 100]],
      [["allow", 100], "PUBLISH t QoS 0 300 bytes"],
    ],
  },
  {
    name: "refuses what its buffer has no room for, and says when it has",
    defect: "grows without bound, or never says",
    watches: "writable",
    script: [
      [["allow", 4096], "writable", greeting],
      [["deliver", connack()], "CONNACK"],
      [["allow", 0]],
      [["publishSize", "t", 300]],
      [["publishSize", "t", 300], "publishSize refused"],
      [["allow", 100]],
      [["allow", 4096], "writable", "PUBLISH t QoS 0 300 bytes"],
      [["publishSize", "t", 300], "PUBLISH t QoS 0 300 bytes"],
    ],
  },
  {
    name: "waits until the largest of what it refused has room",
    defect: "calls an owner that can do nothing",
    watches: "writable",
    script: [
      [["allow", 4096], "writable", greeting],
      [["deliver", connack()], "CONNACK"],
      [["allow", 0]],
      [["publishSize", "t", 400]],
      [["publishSize", "t", 400], "publishSize refused"],
      [["publishSize", "t", 100], "publishSize refused"],
      [["allow", 200]],
      [["allow", 206], "writable", "PUBLISH t QoS 0 400 bytes"],
    ],
  },
  {
    name: "lets more than its buffer holds be published at one time over a socket that takes it",
    defect: "refuses, and nothing ever says that there is room",
    on: {
      writable: [
        ["publishSize", "t", 300],
        ["publishSize", "t", 300],
        ["publishSize", "t", 300],
      ],
    },
    script: [
      [
        ["allow", 4096],
        greeting,
        "PUBLISH t QoS 0 300 bytes",
        "PUBLISH t QoS 0 300 bytes",
        "PUBLISH t QoS 0 300 bytes",
      ],
    ],
  },
  {
    name: "acknowledges more messages at one time than its buffer holds acknowledgements",
    defect: "stops reading, and nothing ever makes it go on",
    on: { message: [["acknowledge"]] },
    client: { transmit: 128 },
    script: [
      ...accepted,
      [
        ["deliver", digits.flatMap((digit) => publish1("t", digit, Number(digit)))],
        ...digits.map((digit) => `message t QoS 1 "${digit}"`),
        ...digits.map((digit) => `PUBACK #${digit}`),
      ],
    ],
  },
  {
    name: "stops reading when it cannot acknowledge, and loses nothing",
    defect: "drops acknowledgements, or grows without bound",
    on: { message: [["acknowledge"]] },
    client: { transmit: 128 },
    script: [
      ...accepted,
      [["allow", 0]],
      [["publishSize", "t", 90]],
      [["deliver", [..."123456789"].flatMap((digit) => publish1("t", digit, Number(digit)))], ...messages("12345678")],
      [
        ["allow", 4096],
        ...messages("9"),
        "PUBLISH t QoS 0 90 bytes",
        ...[..."123456789"].map((digit) => `PUBACK #${digit}`),
      ],
    ],
  },
  {
    name: "refuses an acknowledgement, and forgoes the goodbye, that its full buffer has no room for",
    defect: "overruns its buffer",
    client: { transmit: 128 },
    script: [
      ...accepted,
      [["deliver", publish1("t", "x", 7)], 'message t QoS 1 "x"'],
      [["allow", 0]],
      [["publishSize", "t", 91]],
      ...new Array(8).fill([["acknowledge"]]),
      [["acknowledge"], "acknowledge refused"],
      [["disconnect"]],
      [["allow", 4096], "PUBLISH t QoS 0 91 bytes", ...new Array(8).fill("PUBACK #7")],
    ],
  },
  {
    name: "says by name, and not inside the call, that the socket threw",
    defect: "a socket that is gone takes the firmware with it",
    script: [...accepted, [["break"]], [["publish", "t", "x", 0, 0], "error connection-reset", "closed"]],
  },
  {
    name: "refuses by RangeError what can never be sent",
    defect: "an owner that retries for ever",
    script: [...accepted, [["publishSize", "t", 512], "publishSize threw RangeError"]],
  },
];
