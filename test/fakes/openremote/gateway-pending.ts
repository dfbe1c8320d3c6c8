// SPDX-License-Identifier: Apache-2.0

import type { AssetStore } from "./asset-store.js";
import type { AttributeWriter, PendingEvent } from "./attribute-writer.js";
import type { Client } from "./client.js";
import { attributeNewsJson } from "./event-json.js";
import { gatewayOfClient, isDisabled } from "./gateway.js";
import { type Denial, denialOf, type Handler } from "./handler.js";
import type { Topic } from "./topic.js";

export interface GatewayPendingOptions {
  readonly assets: AssetStore;
  readonly writer: AttributeWriter;
  readonly forceDisconnect: (client: Client, reason: string) => void;
}

/** Gateways: whether they are connected, and what others write to the assets below them. */
export class GatewayPending implements Handler {
  readonly #options: GatewayPendingOptions;

  constructor(options: GatewayPendingOptions) {
    this.#options = options;
  }

  owns(topic: Topic): boolean {
    return topic[2] === "gateway" && topic[3] === "events";
  }

  connected(client: Client): void {
    const gateway = gatewayOfClient(this.#options.assets, client);
    if (!gateway) return;
    if (isDisabled(gateway)) this.#options.forceDisconnect(client, "gateway is disabled");
    else this.#setStatus(gateway.id, "CONNECTED");
  }

  closed(client: Client): void {
    const gateway = gatewayOfClient(this.#options.assets, client);
    if (gateway) this.#setStatus(gateway.id, "DISCONNECTED");
  }

  canSubscribe(client: Client, topic: Topic): Denial {
    return this.#denial(client, topic, "pending");
  }

  canPublish(client: Client, topic: Topic): Denial {
    return this.#denial(client, topic, "acknowledge");
  }

  publish(_client: Client, _topic: Topic, payload: Buffer): void {
    this.#options.writer.acknowledge(payload.toString());
  }

  #denial(client: Client, topic: Topic, last: string): Denial {
    const denial = denialOf(client, topic);
    if (denial) return denial;
    const gateway = gatewayOfClient(this.#options.assets, client);
    if (!gateway) return "not a gateway";
    if (isDisabled(gateway)) return "gateway is disabled";
    return topic.length === 5 && topic[4] === last ? undefined : "malformed topic";
  }

  #setStatus(assetId: string, value: string): void {
    this.#options.writer.write({ assetId, name: "gatewayStatus", value });
  }
}

/** Where a pending event goes, and how. */
export function pendingMessage({ ackId, gateway, write }: PendingEvent): { topic: string; payload: string } {
  const { realm, attributes } = gateway;
  const event = attributeNewsJson({ ...write, timestamp: write.timestamp ?? 0, realm });
  return {
    topic: `${realm}/${attributes.get("clientId")?.value}/gateway/events/pending`,
    payload: JSON.stringify({ ackId, event }),
  };
}
