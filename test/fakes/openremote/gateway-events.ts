// SPDX-License-Identifier: Apache-2.0

import type { AssetStore } from "./asset-store.js";
import type { Authorisation } from "./authorisation.js";
import type { Client } from "./client.js";
import type { Event } from "./event.js";
import type { EventBus } from "./event-bus.js";
import { assetEventJson, attributeEventJson } from "./event-json.js";
import { gatewayOfClient, isDisabled } from "./gateway.js";
import { gatewayFilterOf, isAttributeTopic, isValueTopic } from "./gateway-filter.js";
import { type Denial, denialOf, type Handler } from "./handler.js";
import type { Publisher } from "./publisher.js";
import { Subscriptions } from "./subscriptions.js";
import type { Topic } from "./topic.js";

export interface GatewayEventsOptions {
  readonly assets: AssetStore;
  readonly authorisation: Authorisation;
  readonly bus: EventBus;
  readonly publish: Publisher;
}

/** `{realm}/{clientId}/events/...` of the Gateway API. */
export class GatewayEvents implements Handler {
  readonly #options: GatewayEventsOptions;
  readonly #subscriptions: Subscriptions;

  constructor(options: GatewayEventsOptions) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(options.bus);
  }

  owns(topic: Topic): boolean {
    return topic[2] === "events";
  }

  canSubscribe(client: Client, topic: Topic): Denial {
    const denial = denialOf(client, topic);
    if (denial || !client.user) return denial;
    const { assets, authorisation } = this.#options;
    const gateway = gatewayOfClient(assets, client);
    if (gateway && isDisabled(gateway)) return "gateway is disabled";
    if (gateway && !assets.isDescendant(topic[4], gateway.id)) return "not below the gateway";
    const filter = gatewayFilterOf(topic, gateway?.id);
    const narrowed = filter ? authorisation.narrow(client.user, filter) : "malformed filter";
    return typeof narrowed === "string" ? narrowed : undefined;
  }

  subscribed(client: Client, topic: Topic): void {
    const { assets, authorisation } = this.#options;
    const filter = gatewayFilterOf(topic, gatewayOfClient(assets, client)?.id);
    const narrowed = filter && client.user ? authorisation.narrow(client.user, filter) : "";
    if (typeof narrowed === "string") return;
    this.#subscriptions.add(client, topic.join("/"), narrowed, (event) => {
      this.#options.publish(concreteTopic(topic, event), JSON.stringify(payloadOf(event, isValueTopic(topic))));
    });
  }

  unsubscribed(client: Client, topic: Topic): void {
    this.#subscriptions.remove(client, topic.join("/"));
  }

  closed(client: Client): void {
    // Faithful: they stay, so that a client that comes back gets every event once more.
    this.#subscriptions.leak(client);
  }

  canPublish(client: Client, topic: Topic): Denial {
    return denialOf(client, topic) ?? "not for publishing";
  }

  publish(): void {}
}

function payloadOf(event: Event, isValueOnly: boolean): unknown {
  if (event.kind === "asset") return assetEventJson(event);
  return isValueOnly ? event.value : attributeEventJson(event);
}

function concreteTopic(filter: Topic, event: Event): string {
  const isName = (index: number): boolean => isAttributeTopic(filter) && index === 6;
  return filter
    .map((token, index) => {
      if (token !== "+" && token !== "#") return token;
      return isName(index) && event.kind === "attribute" ? event.attribute.name : event.assetId;
    })
    .join("/");
}
