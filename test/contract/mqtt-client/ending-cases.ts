// SPDX-License-Identifier: Apache-2.0

import { accepted, greeting, messages } from "./accepted.js";
import type { ContractCase } from "./driver.js";
import { connack, pingresp, publish0, publish1 } from "./packets.js";

export const ending: readonly ContractCase[] = [
  {
    name: "hands on why the connection ended, once",
    defect: "no reason, so that nobody can tell a kick from a bad line",
    script: [
      ...accepted,
      [["fail", "connection-closed"], "error connection-closed", "closed"],
      [["advance", 3_600_000]],
    ],
  },
  {
    name: "says goodbye and closes when told to",
    defect: "the server takes it for a failure",
    script: [...accepted, [["disconnect"], "DISCONNECT"], [["close"], "closed"], [["close"]], [["advance", 3_600_000]]],
  },
  {
    name: "may be closed when room is announced",
    defect: "calls back after close",
    on: { writable: [["close"]] },
    script: [[["allow", 4096], "closed"], [["deliver", connack()]], [["advance", 3_600_000]]],
  },
  {
    name: "may be closed by a message handler",
    defect: "delivers what is left in its buffer after close",
    on: { message: [["close"]] },
    script: [
      ...accepted,
      [["deliver", [...publish0("t", "1"), ...publish0("t", "2")]], 'message t QoS 0 "1"', "closed"],
      [["advance", 3_600_000]],
    ],
  },
  {
    name: "may be closed by a control handler",
    defect: "calls back after close",
    on: { control: [["close"]] },
    script: [
      [["allow", 4096], greeting],
      [["deliver", [...connack(), ...publish0("t", "1")]], "CONNACK", "closed"],
      [["advance", 3_600_000]],
    ],
  },
  {
    name: "may be closed by an error handler",
    defect: "throws on the second close",
    on: { error: [["close"]] },
    script: [...accepted, [["fail", "connection-reset"], "error connection-reset", "closed"], [["advance", 3_600_000]]],
  },
];

const busy = [
  ["advance", 10_000],
  ["publish", "t", "x", 0, 0],
] as const;
const busySeen = [[busy[0]], [busy[1], 'PUBLISH t QoS 0 "x"']] as const;
const alive = [
  [["allow", 65_536], "CONNECT MQTT 4 clean 60 s id=device"],
  [["deliver", connack()], "CONNACK"],
] as const;

export const keepingAlive: readonly ContractCase[] = [
  {
    name: "pings in every keep-alive time, however much else it sends",
    defect: "ThingsBoard does not count firmware requests as a sign of life and ends the session after 10 minutes",
    client: { keepAlive: 60_000 },
    script: [
      ...alive,
      ...busySeen,
      ...busySeen,
      ...busySeen,
      ...busySeen,
      [["advance", 10_000], "PINGREQ"],
      [["deliver", pingresp], "PINGRESP"],
      ...busySeen,
      ...busySeen,
      ...busySeen,
      [["advance", 15_000], "PINGREQ"],
    ],
  },
  {
    name: "ends by name when a ping stays unanswered for one and a half keep-alive times",
    defect: "a dead connection looks alive",
    client: { keepAlive: 60_000 },
    script: [...alive, [["advance", 60_000], "PINGREQ"], [["advance", 30_000], "error keepalive-timeout", "closed"]],
  },
  {
    name: "ends by name when it has no room left for a ping",
    defect: "overruns its buffer, or waits for ever for a server that takes nothing",
    client: { keepAlive: 60_000, transmit: 128 },
    on: { message: [["acknowledge"]] },
    script: [
      ...alive,
      [["allow", 0]],
      [["publishSize", "t", 91]],
      [["deliver", [..."12345678"].flatMap((digit) => publish1("t", digit, Number(digit)))], ...messages("12345678")],
      [["advance", 60_000], "error keepalive-timeout", "closed"],
    ],
  },
  {
    name: "never pings without a keep-alive time",
    defect: "pings that nobody asked for",
    script: [...accepted, [["advance", 3_600_000]]],
  },
];
