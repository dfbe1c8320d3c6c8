// SPDX-License-Identifier: Apache-2.0
// What servers say, and what nobody should: the packets that are mutated.

import type { Dice } from "./dice.js";

const encoder = new TextEncoder();

const many = (count: number, member: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => member(index)).join(",");

const attributeUpdates: readonly string[] = [
  '{"period":1000,"label":"a","constructor":1}',
  '{"deleted":["period","label","nobody"]}',
  '{"shared":{"period":5}}',
  '{"logLevel":"debug","logRate":600}',
  '{"reportRules":{"temperature":{"deadband":1}}}',
  '{"reportRules":"{\\"a\\":"}',
  `{${many(1_000, (index) => `"k${index}":${index}`)}}`,
];

const attributeResponses: readonly string[] = [
  '{"client":{"model":"x"},"shared":{"period":7,"label":"b"}}',
  '{"shared":null}',
  "{}",
];

const requests: readonly string[] = [
  '{"method":"set","params":{"level":3,"name":"x","on":true}}',
  '{"method":"set","params":{"level":"3"}}',
  '{"method":"echo","params":{"a":[1,2.5,-3e7,"\\u00e9\\ud83d\\ude00",null,true]}}',
  '{"method":"fail","params":null}',
  '{"method":"later","params":{}}',
  '{"method":"soon","params":[]}',
  '{"method":"inherited","params":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}',
  '{"method":"toString","params":{}}',
  '{"method":"__proto__"}',
  '{"params":{},"method":7}',
  `{"method":"echo","params":{${many(1_000, (index) => `"p${index}":"${index}"`)}}}`,
];

const callResponses: readonly string[] = [
  '{"maxPayloadSize":65536,"maxInflightMessages":100,"rateLimits":{"messages":"200:1","telemetryMessages":null}}',
  '{"error":"timeout"}',
  '{"time":1767225600000}',
  "0",
];

const anything: readonly string[] = [
  "",
  " ",
  "null",
  '"text"',
  "1e999",
  "{",
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  '{"a":1,"a":2}',
  "[".repeat(200),
  '{"a":'.repeat(200),
  `${"[".repeat(16)}${"]".repeat(16)}`,
  `"${"\\u0000".repeat(100)}"`,
  `[${many(1_000, () => "0")}]`,
];

/** Unpaired surrogates, an overlong slash, a byte that never occurs, and a character that ends too soon. */
const notUtf8 = Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0xc0, 0xaf, 0xff, 0xf0, 0x9f, 0x98, 0x22);

/** The newest ids of the device's own questions, by the topic of the answer. */
export type NewestIds = ReadonlyMap<string, number>;

export const attributeResponse = "v2/a/res/";
export const callResponse = "v1/devices/me/rpc/response/";

const topics: readonly (readonly [string, readonly Uint8Array[]])[] = [
  ["v2/a", attributeUpdates.map(encode)],
  [attributeResponse, attributeResponses.map(encode)],
  ["v2/r/req/", requests.map(encode)],
  [callResponse, callResponses.map(encode)],
];
const common: readonly Uint8Array[] = [...anything.map(encode), notUtf8];
const foreignTopics: readonly string[] = [
  "v1/devices/me/attributes",
  "v2/fw/response/0/chunk/0",
  "a",
  "v2/r/req/",
  "v2/a/res/1/2",
];

export function encode(text: string): Uint8Array {
  return encoder.encode(text);
}

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** A message of the server: as a rule one that belongs to its topic, with an id that is in use or not. */
export function message(dice: Dice, newest: NewestIds): Message {
  if (dice.oneIn(40)) return { topic: dice.pick(foreignTopics), payload: dice.pick(common) };
  const [prefix, own] = dice.pick(topics);
  const topic = prefix.endsWith("/") ? prefix + id(dice, newest.get(prefix)) : prefix;
  return { topic, payload: dice.pick(dice.oneIn(4) ? common : own) };
}

function id(dice: Dice, newest: number | undefined): string {
  switch (dice.below(12)) {
    case 0:
      return "-1";
    case 1:
      return "4294967296";
    case 2:
      return "x";
    case 3:
      return "";
    case 4:
      return String(dice.word());
    default:
      // Of the last questions, which wait, are answered already, or are late; of requests, ids that come again and again.
      return String(newest === undefined ? dice.below(64) : newest - dice.below(4));
  }
}

/** Packets other than PUBLISH, with the type and flags first. */
export function controlPacket(dice: Dice): Uint8Array {
  const high = dice.below(256);
  const low = dice.below(256);
  return dice
    .pick([
      [0x40, 2, 0, dice.below(16)],
      [0x40, 2, high, low],
      [0x90, 3, 0, dice.below(16), dice.pick([0, 1, 2, 0x80])],
      [0x90, 2, high, low],
      [0x20, 2, 0, dice.below(8)],
      [0xd0, 0],
      [0xb0, 2, high, low],
      [0x62, 2, high, low],
      [0xe0, 0],
      [high, low],
      [0x30, 0xff, 0xff, 0xff, 0xff, 0x7f],
    ])
    .reduce((bytes, byte, index) => {
      bytes[index] = byte;
      return bytes;
    }, new Uint8Array(6));
}
