// SPDX-License-Identifier: Apache-2.0

import type { GatewayDialect } from "../cloud/gateway-dialect.js";
import type { Link, Participant, Publisher, Subscription } from "../session/link.js";

/**
 * The link as it is for those who speak of sub-devices: closed to messages about them until the server knows all of them. A message
 * about a device that was not announced would have the server make it with a type of its own choice. What the gateway
 * says of itself goes through.
 */
export class Gate implements Link {
  readonly #link: Link;
  readonly #dialect: GatewayDialect;
  readonly #participants: Participant[] = [];
  #isClear = false;

  constructor(link: Link, dialect: GatewayDialect) {
    this.#link = link;
    this.#dialect = dialect;
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  get maxPayload(): number {
    return this.#link.maxPayload;
  }

  get maxDataPoints(): number {
    return this.#link.maxDataPoints;
  }

  get maxDevices(): number {
    return this.#isClear ? this.#link.maxDevices : 0;
  }

  get isClear(): boolean {
    return this.#isClear;
  }

  close(): void {
    this.#isClear = false;
  }

  /** Whoever may have been refused is told. */
  clear(): void {
    this.#isClear = true;
    for (const participant of this.#participants) participant.onRoom();
  }

  publish(
    topic: string,
    payload: Uint8Array,
    byteLength: number,
    publisher?: Publisher,
    token?: number,
    duplicate?: boolean,
    dataPoints?: number,
    devices?: number,
  ): boolean {
    if (!this.#isClear && this.#dialect.isOwn(topic)) return false;
    return this.#link.publish(topic, payload, byteLength, publisher, token, duplicate, dataPoints, devices);
  }

  leaves(part: number, dataPoints: number, devices?: number): boolean {
    return this.#link.leaves(part, dataPoints, devices);
  }

  subscribe(subscription: Subscription): void {
    this.#link.subscribe(subscription);
  }

  join(participant: Participant): void {
    this.#participants.push(participant);
    this.#link.join(participant);
  }
}
