// SPDX-License-Identifier: Apache-2.0

import type { Echoes } from "../attributes/echoes.js";
import type { OpenRemoteAddress } from "../cloud/openremote-address.js";
import type { OpenRemoteAttributes } from "../cloud/openremote-attributes.js";
import type { Link, Participant, Publisher, Subscription } from "../session/link.js";
import { maxSubscriptions } from "../session/subscriptions.js";

export interface AssetLinkOptions {
  readonly link: Link;
  readonly address: OpenRemoteAddress;
  readonly attributes: OpenRemoteAttributes;
  readonly echoes: Echoes;
}

/**
 * The session of a device with an asset: filters get the realm, the client identifier and the asset, as soon as these are known, and
 * what the device writes of attributes that it reads is noted, to be told from what others write.
 */
export class AssetLink implements Link {
  readonly #options: AssetLinkOptions;
  /** Subscriptions that wait for the address. */
  #waiting: Subscription[] = [];

  constructor(options: AssetLinkOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#options.link.isOpen;
  }

  get maxPayload(): number {
    return this.#options.link.maxPayload;
  }

  get maxDataPoints(): number {
    return this.#options.link.maxDataPoints;
  }

  get maxDevices(): number {
    return this.#options.link.maxDevices;
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
    const { link, address, attributes, echoes } = this.#options;
    if (!link.publish(topic, payload, byteLength, publisher, token, duplicate, dataPoints, devices)) return false;
    const name = address.writtenName(topic);
    if (name === undefined || !echoes.isWatched(name)) return true;
    const value = attributes.readWrite(topic, payload, byteLength);
    if (value !== undefined) echoes.note(name, value);
    return true;
  }

  leaves(part: number, dataPoints: number, devices?: number): boolean {
    return this.#options.link.leaves(part, dataPoints, devices);
  }

  subscribe(subscription: Subscription): void {
    if (this.#options.address.isKnown) {
      this.#subscribe(subscription);
      return;
    }
    // Now, because later there is nobody to tell.
    if (this.#waiting.length === maxSubscriptions)
      throw new RangeError(`subscribe: over ${maxSubscriptions} subscriptions`);
    this.#waiting.push(subscription);
  }

  join(participant: Participant): void {
    this.#options.link.join(participant);
  }

  /** The address is known. */
  onSettled(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const subscription of waiting) this.#subscribe(subscription);
  }

  #subscribe(subscription: Subscription): void {
    const { link, address } = this.#options;
    link.subscribe({
      filter: address.resolve(subscription.filter),
      QoS: subscription.QoS,
      onMessage: (topic, payload, byteLength) => subscription.onMessage(topic, payload, byteLength),
    });
  }
}
