// SPDX-License-Identifier: Apache-2.0

import type { Socket, Text } from "../core/ports.js";
import { Operation, type QoS } from "./packet.js";

/** What `Parser.next` found, besides the packet types, which are positive. */
export const Found = Object.freeze({
  /** The next packet is not complete. */
  nothing: 0,
  /** The server broke the protocol; the stream cannot be followed any further. */
  malformed: -1,
  /** A PUBLISH that is larger than the receive buffer has passed; all but its payload is known. */
  oversize: -2,
} as const);

/**
 * Takes packets out of a stream that may be cut anywhere. It holds one packet at a time in the receive buffer, in place:
 * what `next` found stays valid until `next` or `fill` is called again.
 */
export class Parser {
  readonly bytes: Uint8Array;
  readonly #text: Text;
  #start = 0;
  #end = 0;
  #skip = 0;

  /** Packet identifier of the packet found, 0 where it has none. */
  id = 0;
  /** Topic of the PUBLISH found. */
  topic = "";
  QoS: QoS = 0;
  /** Of the payload of a PUBLISH or SUBACK, which lies at the beginning of `bytes` unless it was oversize. */
  byteLength = 0;
  /** Return code of the CONNACK found. */
  code = 0;

  constructor(bytes: Uint8Array, text: Text) {
    this.bytes = bytes;
    this.#text = text;
  }

  /** Reads up to `readable` bytes from the socket; returns how many. There is room whenever `next` found nothing. */
  fill(socket: Socket, readable: number): number {
    if (this.#start > 0) {
      this.bytes.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const taken = socket.read(this.bytes, this.#end, Math.min(readable, this.bytes.length - this.#end));
    this.#end += taken;
    return taken;
  }

  /** A packet type, or one of `Found`. */
  next(): number {
    if (this.#skip > 0) return this.#passOver();
    if (this.#start === this.#end) return Found.nothing;
    const first = this.bytes[this.#start] as number;
    if (!isLegal(first)) return Found.malformed;
    let at = this.#start + 1;
    let remaining = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift > 21) return Found.malformed;
      if (at === this.#end) return Found.nothing;
      const byte = this.bytes[at++] as number;
      remaining |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    if (!isPlausible(first, remaining)) return Found.malformed;
    const operation = first >> 4;
    if (operation === Operation.PUBLISH) return this.#publish(first, at, remaining);
    if (at - this.#start + remaining > this.bytes.length) return Found.malformed;
    if (at + remaining > this.#end) return Found.nothing;
    this.#start = at + remaining;
    return this.#control(operation, at, remaining);
  }

  #control(operation: number, at: number, remaining: number): number {
    this.id = 0;
    this.byteLength = 0;
    if (operation === Operation.PINGRESP) return operation;
    const number = this.#number(at);
    if (operation === Operation.CONNACK) {
      this.code = number & 255;
      return number >> 9 === 0 ? operation : Found.malformed;
    }
    this.id = number;
    this.byteLength = remaining - 2;
    this.bytes.copyWithin(0, at + 2, at + remaining);
    for (let index = 0; index < this.byteLength; index += 1) {
      const code = this.bytes[index] as number;
      if (code > 2 && code !== 0x80) return Found.malformed;
    }
    return operation;
  }

  #publish(first: number, at: number, remaining: number): number {
    const available = this.#end - at;
    if (available < 2) return Found.nothing;
    const topicEnd = at + 2 + this.#number(at);
    const QoS = ((first >> 1) & 1) as QoS;
    const payload = topicEnd + 2 * QoS;
    if (topicEnd === at + 2 || payload > at + remaining) return Found.malformed;
    const isOversize = at - this.#start + remaining > this.bytes.length;
    if (isOversize && payload - this.#start > this.bytes.length) return Found.malformed;
    if (this.#end < (isOversize ? payload : at + remaining)) return Found.nothing;

    const topic = this.#text.decode(this.bytes, at + 2, topicEnd);
    if (topic.includes("+") || topic.includes("#") || topic.includes("\0")) return Found.malformed;
    this.topic = topic;
    this.QoS = QoS;
    this.id = QoS === 0 ? 0 : this.#number(topicEnd);
    this.byteLength = at + remaining - payload;
    if (isOversize) {
      this.#start = payload;
      this.#skip = this.byteLength;
      return this.#passOver();
    }
    this.bytes.copyWithin(0, payload, at + remaining);
    this.#start = at + remaining;
    return Operation.PUBLISH;
  }

  #passOver(): number {
    const count = Math.min(this.#skip, this.#end - this.#start);
    this.#start += count;
    this.#skip -= count;
    return this.#skip > 0 ? Found.nothing : Found.oversize;
  }

  #number(at: number): number {
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }
}

/** Whether a server may begin a packet with this byte (MQTT 3.1.1 §2.2). QoS 2 is not: no subscription of ours asks for it. */
function isLegal(first: number): boolean {
  switch (first) {
    case Operation.CONNACK << 4:
    case Operation.PUBACK << 4:
    case Operation.SUBACK << 4:
    case Operation.UNSUBACK << 4:
    case Operation.PINGRESP << 4:
      return true;
    default:
      return first >> 4 === Operation.PUBLISH && (first & 4) === 0;
  }
}

function isPlausible(first: number, remaining: number): boolean {
  switch (first >> 4) {
    case Operation.PUBLISH:
    case Operation.SUBACK:
      return remaining >= 3;
    case Operation.PINGRESP:
      return remaining === 0;
    default:
      return remaining === 2;
  }
}
