// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import type { Link, Participant, Publisher, Subscription } from "../../modules/session/link.js";

export interface Published {
  readonly topic: string;
  readonly payload: string;
  readonly bytes: Uint8Array;
  readonly QoS: 0 | 1;
  readonly isDuplicate: boolean;
  readonly dataPoints: number;
  readonly devices: number;
}

interface Waiting {
  readonly publisher: Publisher;
  readonly token: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A session in the hands of the test. Messages are delivered out of one buffer that holds rubbish before, behind and afterwards. */
export class FakeLink implements Link {
  isOpen = false;
  maxPayload = 8192;
  maxDataPoints = Number.POSITIVE_INFINITY;
  maxDevices = Number.POSITIVE_INFINITY;
  /** Publishes that are still accepted. */
  room = Number.POSITIVE_INFINITY;
  /** Unused part of the rate limits, 0 to 1. */
  spare = 1;
  readonly published: Published[] = [];
  readonly subscriptions: Subscription[] = [];
  readonly #participants: Participant[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #buffer = new Uint8Array(65_536);

  publish(
    topic: string,
    payload: Uint8Array,
    byteLength: number,
    publisher?: Publisher,
    token = 0,
    isDuplicate = false,
    dataPoints = 0,
    devices = 0,
  ): boolean {
    if (byteLength > this.maxPayload) throw new RangeError("payload: over maxPayload");
    if (!this.isOpen || this.room <= 0 || (devices > 0 && this.maxDevices === 0)) return false;
    this.room -= 1;
    const bytes = payload.slice(0, byteLength);
    if (bytes.length !== byteLength) throw new RangeError("byteLength: more than there is");
    this.published.push({
      topic,
      payload: decoder.decode(bytes),
      bytes,
      QoS: publisher ? 1 : 0,
      isDuplicate,
      dataPoints,
      devices,
    });
    if (publisher) this.#waiting.push({ publisher, token });
    return true;
  }

  leaves(part: number, _dataPoints: number, _devices?: number): boolean {
    return this.isOpen && this.room > 0 && this.spare >= part;
  }

  subscribe(subscription: Subscription): void {
    this.subscriptions.push(subscription);
  }

  join(participant: Participant): void {
    this.#participants.push(participant);
  }

  /** QoS 1 publishes nobody has acknowledged. */
  get unacknowledged(): number {
    return this.#waiting.length;
  }

  open(): void {
    this.isOpen = true;
    for (const participant of this.#participants) participant.onOpen();
  }

  live(): void {
    for (const participant of this.#participants) participant.onLive();
  }

  close(reason: Reason = "connection-closed"): void {
    this.isOpen = false;
    for (const [index, { publisher, token }] of this.#waiting.splice(0).entries()) publisher.onLost(token, index === 0);
    for (const participant of this.#participants) participant.onClosed(reason);
  }

  /** Makes room and says so. */
  relieve(room = Number.POSITIVE_INFINITY): void {
    this.room = room;
    for (const participant of this.#participants) participant.onRoom();
  }

  /** The server acknowledges the oldest `count` publishes, all of them by default. */
  acknowledge(count = this.#waiting.length): void {
    for (const { publisher, token } of this.#waiting.splice(0, count)) publisher.onAcknowledged(token);
  }

  /** The server acknowledges one publish out of turn, 0 being the oldest. */
  acknowledgeAt(index: number): void {
    for (const { publisher, token } of this.#waiting.splice(index, 1)) publisher.onAcknowledged(token);
  }

  /** A message from the server; returns how many subscriptions took it. */
  deliver(topic: string, payload: string | Uint8Array): number {
    const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
    this.#buffer.fill(0x37);
    this.#buffer.set(bytes);
    let count = 0;
    for (const subscription of this.subscriptions) {
      if (!matches(subscription.filter, topic)) continue;
      subscription.onMessage(topic, this.#buffer, bytes.length);
      count += 1;
    }
    this.#buffer.fill(0xff);
    return count;
  }
}

function matches(filter: string, topic: string): boolean {
  const levels = filter.split("/");
  const names = topic.split("/");
  for (const [index, level] of levels.entries()) {
    if (level === "#") return true;
    if (names[index] === undefined || (level !== "+" && level !== names[index])) return false;
  }
  return levels.length === names.length;
}
