// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { MqttClient } from "../mqtt/client.js";

/** A connection on which nobody else has said anything yet. */
export interface PreludeConnection {
  /** One filter of QoS 0; `onSubscribed` follows. False while there is no room. */
  subscribe(filter: string): boolean;
  /** QoS 0. False while there is no room. */
  publish(topic: string, payload: Uint8Array, byteLength: number): boolean;
  /** It is done: the session makes its subscriptions and opens. */
  finish(): void;
  /** The session ends with this reason, and tries again as that demands. */
  fail(reason: Reason): void;
}

/** What a device has to settle with its server on each connection before anything else. */
export interface Prelude {
  /** Bytes of the largest payload that it publishes. */
  readonly maxPayload: number;
  /** CONNECT was written. */
  begin(connection: PreludeConnection): void;
  /** After a write for which there was no room. */
  onRoom(): void;
  onSubscribed(isGranted: boolean): void;
  onMessage(topic: string, payload: Uint8Array, byteLength: number): void;
  /** The connection is over, or the prelude is. Idempotent. */
  end(): void;
}

/** Nobody else subscribes before the prelude is done. */
const subscribeId = 1;

export interface OpeningOptions {
  readonly prelude: Prelude | undefined;
  readonly onDone: () => void;
  readonly onFailed: (reason: Reason) => void;
}

/** The part of a connection that belongs to the prelude, where there is one. */
export class Opening implements PreludeConnection {
  readonly #options: OpeningOptions;
  #client: MqttClient | undefined;
  isDone: boolean;

  constructor(options: OpeningOptions) {
    this.#options = options;
    this.isDone = options.prelude === undefined;
  }

  /** CONNECT was written, or there is room again. */
  onWritable(client: MqttClient): void {
    const { prelude } = this.#options;
    if (this.isDone || prelude === undefined) return;
    if (this.#client !== undefined) {
      prelude.onRoom();
      return;
    }
    this.#client = client;
    prelude.begin(this);
  }

  onSubscribed(codes: Uint8Array, byteLength: number): void {
    this.#options.prelude?.onSubscribed(byteLength > 0 && codes[0] !== 0x80);
  }

  onMessage(topic: string, payload: Uint8Array, byteLength: number): void {
    this.#options.prelude?.onMessage(topic, payload, byteLength);
  }

  /** The connection is over. */
  reset(): void {
    const { prelude } = this.#options;
    this.#client = undefined;
    this.isDone = prelude === undefined;
    prelude?.end();
  }

  subscribe(filter: string): boolean {
    return this.#client?.subscribe(subscribeId, [{ filter, QoS: 0 }]) === 1;
  }

  publish(topic: string, payload: Uint8Array, byteLength: number): boolean {
    return this.#client?.publish(topic, payload, byteLength, 0, 0, false) === true;
  }

  finish(): void {
    if (this.isDone || this.#client === undefined) return;
    this.isDone = true;
    this.#options.prelude?.end();
    this.#options.onDone();
  }

  fail(reason: Reason): void {
    if (this.#client !== undefined) this.#options.onFailed(reason);
  }
}
