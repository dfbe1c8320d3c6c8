// SPDX-License-Identifier: Apache-2.0

import { greeting } from "./accepted.js";
import type { ContractCase } from "./driver.js";
import { connack, puback, suback } from "./packets.js";

const refusals = [
  [1, "refused-protocol"],
  [2, "refused-identifier"],
  [3, "refused-unavailable"],
  [4, "refused-credentials"],
  [5, "refused-authorization"],
] as const;

export const connecting: readonly ContractCase[] = [
  {
    name: "greets with CONNECT as soon as the socket is connected",
    defect: "silent or wrong greeting",
    client: { id: "dev-1", user: "token", password: "secret", keepAlive: 60_000 },
    script: [[["allow", 4096], "CONNECT MQTT 4 clean 60 s id=dev-1 user=token password=secret"]],
  },
  {
    name: "leaves a will",
    defect: "will lost",
    client: { will: { topic: "last", message: "words", QoS: 1, retain: true } },
    script: [[["allow", 4096], "CONNECT MQTT 4 clean 0 s id=device will=last:words QoS 1 retain"]],
  },
  {
    name: "sends CONNECT whole over a socket that takes 5 bytes at a time",
    defect: "overruns the socket, or stops half-way",
    script: [
      [["allow", 5]],
      [["allow", 5]],
      [["allow", 5]],
      [["allow", 5], greeting],
      [["deliver", connack()], "CONNACK"],
    ],
  },
  {
    name: "takes a session that the server says it kept",
    defect: "ThingsBoard sets sessionPresent without keeping anything",
    script: [
      [["allow", 4096], greeting],
      [["deliver", connack(0, 1)], "CONNACK"],
    ],
  },
  ...refusals.map(
    ([code, reason]): ContractCase => ({
      name: `names CONNACK ${code} ${reason} and closes`,
      defect: "the return code does not reach the owner",
      script: [
        [["allow", 4096], greeting],
        [["deliver", connack(code)], `error ${reason}`, "closed"],
        [["deliver", connack(0)]],
      ],
    }),
  ),
  {
    name: "names a refusal that claims to have kept a session",
    defect: "ThingsBoard sets sessionPresent on refusals, too",
    script: [
      [["allow", 4096], greeting],
      [["deliver", connack(5, 1)], "error refused-authorization", "closed"],
    ],
  },
  {
    name: "gives up after 15 s without a connection, by name",
    defect: "waits for ever, or fails without a reason",
    script: [[["advance", 14_999]], [["advance", 1], "error connect-timeout", "closed"], [["allow", 4096]]],
  },
  {
    name: "gives up after 15 s without CONNACK, by name",
    defect: "a server that accepts TCP and stays silent holds it for ever",
    script: [
      [["advance", 10_000]],
      [["allow", 4096], greeting],
      [["advance", 14_999]],
      [["advance", 1], "error connack-timeout", "closed"],
    ],
  },
  {
    name: "hands on why the socket failed while connecting",
    defect: "no reason",
    script: [[["fail", "dns-failed"], "error dns-failed", "closed"]],
  },
  {
    name: "reports a factory that throws, later and by name",
    defect: "throws at its owner, or says nothing",
    hasNoSockets: true,
    script: [[["advance", 0], "error connect-refused"]],
  },
];

export const pipelining: readonly ContractCase[] = [
  {
    name: "lets SUBSCRIBE and PUBLISH follow CONNECT without waiting, all in one write",
    defect: "one round trip more per connection, one segment per packet",
    watches: "writes",
    on: {
      writable: [
        ["subscribe", 1, "a:1", "b/+:0"],
        ["publish", "t", "hello", 1, 2],
      ],
    },
    script: [
      [["allow", 4096], greeting, "SUBSCRIBE #1 a:1 b/+:0", 'PUBLISH t QoS 1 #2 "hello"', "1 writes"],
      [["deliver", [...connack(), ...suback(1, 1, 0), ...puback(2)]], "CONNACK", "SUBACK #1 1 0", "PUBACK #2"],
    ],
  },
  {
    name: "names the refusal although more was pipelined",
    defect: "the refusal drowns",
    on: { writable: [["publish", "t", "hello", 1, 2]] },
    script: [
      [["allow", 4096], greeting, 'PUBLISH t QoS 1 #2 "hello"'],
      [["deliver", connack(4)], "error refused-credentials", "closed"],
    ],
  },
];
