// SPDX-License-Identifier: Apache-2.0

import { controlPacket, encode, message, type NewestIds } from "./corpus.js";
import type { Dice } from "./dice.js";

/** Bytes that mean something to JSON, UTF-8 or MQTT. */
const interesting: readonly number[] = [
  0, 0x22, 0x2c, 0x2d, 0x3a, 0x5b, 0x5c, 0x5d, 0x65, 0x75, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xff,
];

/** The next packet of a server that has lost its mind: sound frames with spoilt contents most of the time, so that these are read. */
export function nextPacket(dice: Dice, newest: NewestIds): Uint8Array {
  if (dice.oneIn(60)) return controlPacket(dice);
  const { topic, payload } = message(dice, newest);
  const isSpoilt = !dice.oneIn(4);
  const packet = publish(
    dice.oneIn(50) ? mutated(encode(topic), dice) : encode(topic),
    isSpoilt ? mutated(payload, dice) : payload,
    dice.oneIn(2) ? 1 + dice.below(4) : 0,
  );
  return dice.oneIn(100) ? mutated(packet, dice) : packet;
}

/** `id` 0 makes it QoS 0. */
export function publish(topic: Uint8Array, payload: Uint8Array, id: number): Uint8Array {
  const rest = 2 + topic.length + (id > 0 ? 2 : 0) + payload.length;
  const head: number[] = [id > 0 ? 0x32 : 0x30];
  let left = rest;
  do {
    head.push(left > 127 ? (left & 127) | 128 : left);
    left >>= 7;
  } while (left > 0);
  head.push(topic.length >> 8, topic.length & 255);
  const packet = new Uint8Array(head.length - 2 + rest);
  packet.set(head);
  packet.set(topic, head.length);
  let at = head.length + topic.length;
  if (id > 0) {
    packet[at + 1] = id;
    at += 2;
  }
  packet.set(payload, at);
  return packet;
}

export function mutated(bytes: Uint8Array, dice: Dice): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let count = dice.pick([1, 1, 1, 2, 4]); count > 0; count -= 1) result = mutatedOnce(result, dice);
  return result;
}

function mutatedOnce(bytes: Uint8Array, dice: Dice): Uint8Array {
  const { length } = bytes;
  const at = length === 0 ? 0 : dice.below(length);
  const span = 1 + dice.below(8);
  switch (dice.below(6)) {
    case 0:
      if (length > 0) bytes[at] = (bytes[at] as number) ^ (1 << dice.below(8));
      return bytes;
    case 1:
      if (length > 0) bytes[at] = dice.pick(interesting);
      return bytes;
    case 2:
      return joined(bytes.subarray(0, at), bytes.subarray(Math.min(length, at + span)));
    case 3:
      return joined(bytes.subarray(0, Math.min(length, at + span)), bytes.subarray(at));
    case 4:
      return joined(bytes.subarray(0, at), Uint8Array.of(dice.pick(interesting), dice.below(256)), bytes.subarray(at));
    default:
      // Rarely, because little is left of a large document then.
      return dice.oneIn(3) ? bytes.slice(0, at) : bytes.slice();
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
