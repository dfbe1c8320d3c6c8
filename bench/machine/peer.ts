// SPDX-License-Identifier: Apache-2.0

import { text } from "../../hosts/desktop/xs/text.js";
import type { Clock, Milliseconds, Socket, SocketFactory, SocketOptions, Timer } from "../../modules/core/ports.js";

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const PINGREQ = 12;

const telemetryTopic = "v2/t";
const attributesRequest = "v2/a/req/";
const callRequest = "v1/devices/me/rpc/request/";
/** A server without limits. */
const limits = '{"maxPayloadSize":65536,"maxInflightMessages":100,"rateLimits":{}}';

const sendLimit = 65_536;

/** What the firmware sent, counted. */
export interface Traffic {
  /** PUBLISH packets with telemetry. */
  publishes: number;
  /** Their bytes, headers included. */
  publishBytes: number;
  /** Simulated time of the first PUBACK that reached the firmware, NaN before. */
  firstAcknowledgedAt: Milliseconds;
}

/**
 * The smallest MQTT server that keeps a session content: it accepts, grants and acknowledges whatever comes, half a round trip
 * after it was sent, and counts. It runs in the machine and costs as little as it can, so that figures are the firmware's.
 */
export class Peer {
  readonly traffic: Traffic = { publishes: 0, publishBytes: 0, firstAcknowledgedAt: Number.NaN };
  readonly #clock: Clock & { readonly now: Milliseconds };
  readonly #roundTrip: Milliseconds;
  readonly #replyTimer: Timer;
  readonly #received = new Uint8Array(2 * sendLimit);
  readonly #replies = new Uint8Array(sendLimit);
  #receivedLength = 0;
  #repliesLength = 0;
  #readPosition = 0;
  #options: SocketOptions | undefined;
  #isConnected = false;
  #isAway = false;
  #acknowledges = false;
  /** When the socket was opened, in simulated time. */
  openedAt: Milliseconds = Number.NaN;

  constructor(clock: Clock & { readonly now: Milliseconds }, roundTrip: Milliseconds) {
    this.#clock = clock;
    this.#roundTrip = roundTrip;
    this.#replyTimer = clock.timer(() => this.#reply());
  }

  readonly connect: SocketFactory = (options) => {
    this.#options = options;
    this.#isConnected = false;
    this.openedAt = this.#clock.now;
    this.#replyTimer.start(this.#roundTrip);
    const socket: Socket = {
      read: (into, offset, length) => this.#read(into, offset, length),
      write: (from, offset, length) => this.#take(from.subarray(offset, offset + length)),
      close: () => {
        this.#options = undefined;
      },
    };
    return socket;
  };

  /** Resets the connection, and refuses any other until it is back. */
  set isAway(isAway: boolean) {
    this.#isAway = isAway;
    if (isAway) this.#replyTimer.start(0);
  }

  /** A message from the server to the firmware at QoS 0, now. */
  publish(topic: string, payload: string): void {
    this.#append(topic, payload);
    this.#reply();
  }

  #append(topic: string, payload: string): void {
    const size = text.byteLength(topic);
    const bytes = new Uint8Array(size + text.byteLength(payload) + 2);
    bytes[1] = size;
    text.encodeInto(topic, bytes, 2);
    text.encodeInto(payload, bytes, 2 + size);
    const head = bytes.length < 128 ? [0x30, bytes.length] : [0x30, (bytes.length & 127) | 128, bytes.length >> 7];
    this.#send([...head, ...bytes]);
  }

  #read(into: Uint8Array, offset: number, length: number): number {
    const count = Math.min(length, this.#repliesLength - this.#readPosition);
    into.set(this.#replies.subarray(this.#readPosition, this.#readPosition + count), offset);
    this.#readPosition += count;
    if (this.#readPosition === this.#repliesLength) {
      this.#readPosition = 0;
      this.#repliesLength = 0;
    }
    return count;
  }

  #take(bytes: Uint8Array): number {
    this.#received.set(bytes, this.#receivedLength);
    this.#receivedLength += bytes.length;
    let position = 0;
    for (let next = this.#takePacket(position); next > position; next = this.#takePacket(position)) position = next;
    this.#received.copyWithin(0, position, this.#receivedLength);
    this.#receivedLength -= position;
    return sendLimit;
  }

  /** The position behind the packet at `start`, or `start` where it is incomplete. */
  #takePacket(start: number): number {
    const bytes = this.#received;
    let body = start + 1;
    let length = 0;
    for (let shift = 0; body < this.#receivedLength; shift += 7) {
      const byte = bytes[body] as number;
      body += 1;
      length += (byte & 127) << shift;
      if (byte < 128) {
        if (body + length > this.#receivedLength) return start;
        this.#answer(start, body, body + length);
        return body + length;
      }
    }
    return start;
  }

  #answer(start: number, body: number, end: number): void {
    const bytes = this.#received;
    const head = bytes[start] as number;
    const kind = head >> 4;
    if (kind === CONNECT) this.#send([0x20, 2, 0, 0]);
    else if (kind === SUBSCRIBE) this.#grant(body, end);
    else if (kind === PINGREQ) this.#send([0xd0, 0]);
    else if (kind === PUBLISH) {
      this.#count(body, end - start);
      if ((head & 6) !== 0) this.#acknowledge(body + 2 + this.#lengthAt(body));
    }
  }

  /** Telemetry is counted, requests are answered. */
  #count(body: number, byteLength: number): void {
    const size = this.#lengthAt(body);
    if (size === telemetryTopic.length) {
      this.traffic.publishes += 1;
      this.traffic.publishBytes += byteLength;
      return;
    }
    const topic = text.decode(this.#received, body + 2, body + 2 + size);
    if (topic.startsWith(attributesRequest)) this.#append(`v2/a/res/${topic.slice(attributesRequest.length)}`, "{}");
    if (topic.startsWith(callRequest))
      this.#append(`v1/devices/me/rpc/response/${topic.slice(callRequest.length)}`, limits);
  }

  #acknowledge(id: number): void {
    this.#acknowledges = true;
    this.#send([0x40, 2, this.#received[id] as number, this.#received[id + 1] as number]);
  }

  /** Each filter is its length, itself and a QoS; all are granted QoS 1. */
  #grant(body: number, end: number): void {
    const codes: number[] = [];
    for (let at = body + 2; at < end; at += 3 + this.#lengthAt(at)) codes.push(1);
    this.#send([0x90, 2 + codes.length, this.#received[body] as number, this.#received[body + 1] as number, ...codes]);
  }

  #lengthAt(position: number): number {
    return ((this.#received[position] as number) << 8) + (this.#received[position + 1] as number);
  }

  #send(packet: readonly number[]): void {
    this.#replies.set(packet, this.#repliesLength);
    this.#repliesLength += packet.length;
    this.#replyTimer.start(this.#roundTrip);
  }

  #reply(): void {
    const options = this.#options;
    if (options === undefined) return;
    if (this.#isAway) {
      this.#options = undefined;
      this.#receivedLength = 0;
      this.#repliesLength = 0;
      this.#readPosition = 0;
      options.onError(this.#isConnected ? "connection-reset" : "connect-refused");
      return;
    }
    if (!this.#isConnected) {
      this.#isConnected = true;
      options.onWritable(sendLimit);
      return;
    }
    if (this.#acknowledges && Number.isNaN(this.traffic.firstAcknowledgedAt))
      this.traffic.firstAcknowledgedAt = this.#clock.now;
    if (this.#repliesLength > this.#readPosition) options.onReadable(this.#repliesLength - this.#readPosition);
  }
}
