// SPDX-License-Identifier: Apache-2.0

import type { Client } from "./client.js";
import type { EventConsumer } from "./event.js";
import type { EventBus } from "./event-bus.js";
import type { EventFilter } from "./event-filter.js";

/** The event subscriptions that one API holds for its clients. */
export class Subscriptions {
  readonly #bus: EventBus;
  readonly #consumers = new Map<Client, Map<string, EventConsumer>>();

  constructor(bus: EventBus) {
    this.#bus = bus;
  }

  has(client: Client): boolean {
    return (this.#consumers.get(client)?.size ?? 0) > 0;
  }

  add(client: Client, topic: string, filter: EventFilter, consumer: EventConsumer): void {
    const consumers = this.#consumers.get(client) ?? new Map<string, EventConsumer>();
    this.#consumers.set(client, consumers);
    consumers.set(topic, consumer);
    this.#bus.add(filter, consumer);
  }

  remove(client: Client, topic: string): void {
    const consumers = this.#consumers.get(client);
    const consumer = consumers?.get(topic);
    consumers?.delete(topic);
    if (consumer) this.#bus.remove(consumer);
  }

  removeAll(client: Client): void {
    for (const topic of [...(this.#consumers.get(client)?.keys() ?? [])]) this.remove(client, topic);
    this.#consumers.delete(client);
  }

  /** Forgets whose they are and leaves them be. */
  leak(client: Client): void {
    this.#consumers.delete(client);
  }
}
