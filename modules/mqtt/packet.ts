// SPDX-License-Identifier: Apache-2.0
// MQTT 3.1.1 packets that a client sends. Every `xSize` gives the bytes that the `writeX` beside it fills.

import type { Milliseconds, Text } from "../core/ports.js";

/** Control packet types, MQTT 3.1.1 §2.2.1, with the names of the ECMA-419 MQTT client class. */
export const Operation = Object.freeze({
  CONNECT: 1,
  CONNACK: 2,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  SUBACK: 9,
  UNSUBSCRIBE: 10,
  UNSUBACK: 11,
  PINGREQ: 12,
  PINGRESP: 13,
  DISCONNECT: 14,
} as const);

export type QoS = 0 | 1;

export interface Will {
  readonly topic: string;
  readonly message: string;
  readonly QoS?: QoS;
  readonly retain?: boolean;
}

export interface ConnectFields {
  readonly id: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly clean: boolean;
  readonly keepAlive: Milliseconds;
  readonly will?: Will | undefined;
}

export interface TopicFilter {
  readonly filter: string;
  readonly QoS: QoS;
}

/** PUBACK. */
export const pubackSize = 4;
/** PINGREQ, DISCONNECT. */
export const emptySize = 2;

/** Below this many bytes a loop costs less than the view that copying in one go takes, 4 slots. */
const smallCopy = 64;

/** A packet of this remaining length, with its fixed header (MQTT 3.1.1 §2.2.3). */
function packetSize(remaining: number): number {
  if (remaining < 128) return remaining + 2;
  if (remaining < 16_384) return remaining + 3;
  return remaining + (remaining < 2_097_152 ? 4 : 5);
}

function writeFixedHeader(into: Uint8Array, at: number, first: number, remaining: number): number {
  let cursor = at;
  let rest = remaining;
  into[cursor++] = first;
  while (rest > 127) {
    into[cursor++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  into[cursor++] = rest;
  return cursor;
}

function writeNumber(into: Uint8Array, at: number, value: number): number {
  into[at] = value >> 8;
  into[at + 1] = value & 255;
  return at + 2;
}

function writeString(text: Text, into: Uint8Array, at: number, value: string): number {
  const length = text.encodeInto(value, into, at + 2);
  writeNumber(into, at, length);
  return at + 2 + length;
}

function connectRemaining(text: Text, fields: ConnectFields): number {
  let remaining = 10 + 2 + text.byteLength(fields.id);
  if (fields.will) remaining += 4 + text.byteLength(fields.will.topic) + text.byteLength(fields.will.message);
  if (fields.user !== undefined) remaining += 2 + text.byteLength(fields.user);
  if (fields.password !== undefined) remaining += 2 + text.byteLength(fields.password);
  return remaining;
}

export function connectSize(text: Text, fields: ConnectFields): number {
  return packetSize(connectRemaining(text, fields));
}

function connectFlags(fields: ConnectFields): number {
  let flags = fields.clean ? 0x02 : 0;
  const will = fields.will;
  if (will) flags |= 0x04 | ((will.QoS ?? 0) << 3) | (will.retain ? 0x20 : 0);
  if (fields.password !== undefined) flags |= 0x40;
  if (fields.user !== undefined) flags |= 0x80;
  return flags;
}

export function writeConnect(text: Text, into: Uint8Array, at: number, fields: ConnectFields): number {
  let cursor = writeFixedHeader(into, at, Operation.CONNECT << 4, connectRemaining(text, fields));
  cursor = writeString(text, into, cursor, "MQTT");
  into[cursor++] = 4;
  into[cursor++] = connectFlags(fields);
  cursor = writeNumber(into, cursor, Math.ceil(fields.keepAlive / 1000));
  cursor = writeString(text, into, cursor, fields.id);
  if (fields.will) {
    cursor = writeString(text, into, cursor, fields.will.topic);
    cursor = writeString(text, into, cursor, fields.will.message);
  }
  if (fields.user !== undefined) cursor = writeString(text, into, cursor, fields.user);
  if (fields.password !== undefined) cursor = writeString(text, into, cursor, fields.password);
  return cursor;
}

export function publishSize(topicLength: number, byteLength: number, QoS: QoS): number {
  return packetSize(2 + topicLength + 2 * QoS + byteLength);
}

export function writePublish(
  text: Text,
  into: Uint8Array,
  at: number,
  topic: string,
  payload: Uint8Array,
  byteLength: number,
  QoS: QoS,
  id: number,
  duplicate: boolean,
): number {
  const first = (Operation.PUBLISH << 4) | (duplicate ? 8 : 0) | (QoS << 1);
  let cursor = writeFixedHeader(into, at, first, 2 + text.byteLength(topic) + 2 * QoS + byteLength);
  cursor = writeString(text, into, cursor, topic);
  if (QoS === 1) cursor = writeNumber(into, cursor, id);
  copy(payload, byteLength, into, cursor);
  return cursor + byteLength;
}

function copy(from: Uint8Array, count: number, into: Uint8Array, at: number): void {
  if (count === from.length) into.set(from, at);
  else if (count >= smallCopy) into.set(from.subarray(0, count), at);
  else for (let index = 0; index < count; index += 1) into[at + index] = from[index] as number;
}

/** SUBSCRIBE of `count` items from `items[first]`. */
export function subscribeSize(text: Text, items: readonly TopicFilter[], first: number, count: number): number {
  return packetSize(filtersRemaining(text, items, first, count) + count);
}

export function writeSubscribe(
  text: Text,
  into: Uint8Array,
  at: number,
  id: number,
  items: readonly TopicFilter[],
  first: number,
  count: number,
): number {
  const remaining = filtersRemaining(text, items, first, count) + count;
  let cursor = writeFixedHeader(into, at, (Operation.SUBSCRIBE << 4) | 2, remaining);
  cursor = writeNumber(into, cursor, id);
  for (let index = first; index < first + count; index += 1) {
    const item = items[index] as TopicFilter;
    cursor = writeString(text, into, cursor, item.filter);
    into[cursor++] = item.QoS;
  }
  return cursor;
}

export function unsubscribeSize(text: Text, items: readonly TopicFilter[], first: number, count: number): number {
  return packetSize(filtersRemaining(text, items, first, count));
}

export function writeUnsubscribe(
  text: Text,
  into: Uint8Array,
  at: number,
  id: number,
  items: readonly TopicFilter[],
  first: number,
  count: number,
): number {
  const remaining = filtersRemaining(text, items, first, count);
  let cursor = writeFixedHeader(into, at, (Operation.UNSUBSCRIBE << 4) | 2, remaining);
  cursor = writeNumber(into, cursor, id);
  for (let index = first; index < first + count; index += 1)
    cursor = writeString(text, into, cursor, (items[index] as TopicFilter).filter);
  return cursor;
}

function filtersRemaining(text: Text, items: readonly TopicFilter[], first: number, count: number): number {
  let remaining = 2;
  for (let index = first; index < first + count; index += 1)
    remaining += 2 + text.byteLength((items[index] as TopicFilter).filter);
  return remaining;
}

export function writePuback(into: Uint8Array, at: number, id: number): number {
  return writeNumber(into, writeFixedHeader(into, at, Operation.PUBACK << 4, 2), id);
}

/** PINGREQ or DISCONNECT. */
export function writeEmpty(into: Uint8Array, at: number, operation: number): number {
  return writeFixedHeader(into, at, operation << 4, 0);
}
