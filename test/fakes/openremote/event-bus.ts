// SPDX-License-Identifier: Apache-2.0

import type { Event, EventConsumer } from "./event.js";
import { type EventFilter, passed } from "./event-filter.js";

/** Hands every event to all whose filter it passes. */
export class EventBus {
  readonly #subscriptions = new Map<EventConsumer, EventFilter>();
  readonly #onEvent: EventConsumer;

  /** @param onEvent called for every event, after all others */
  constructor(onEvent: EventConsumer) {
    this.#onEvent = onEvent;
  }

  add(filter: EventFilter, consumer: EventConsumer): void {
    this.#subscriptions.set(consumer, filter);
  }

  remove(consumer: EventConsumer): void {
    this.#subscriptions.delete(consumer);
  }

  publish(event: Event): void {
    for (const [consumer, filter] of [...this.#subscriptions]) {
      const seen = passed(filter, event);
      if (seen) consumer(seen);
    }
    this.#onEvent(event);
  }
}
