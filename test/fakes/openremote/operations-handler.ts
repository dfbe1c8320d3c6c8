// SPDX-License-Identifier: Apache-2.0

import type { Asset } from "./asset.js";
import { isAssetId } from "./asset-id.js";
import type { AssetOperations } from "./asset-operations.js";
import type { AssetStore } from "./asset-store.js";
import type { AttributeOperations } from "./attribute-operations.js";
import type { Authorisation } from "./authorisation.js";
import type { Client } from "./client.js";
import { gatewayOfClient, isDisabled } from "./gateway.js";
import { type Denial, denialOf, type Handler } from "./handler.js";
import type { LogSink } from "./log.js";
import { type Operation, operationOf } from "./operation.js";
import { OperationError } from "./operation-error.js";
import type { Publisher } from "./publisher.js";
import type { Topic } from "./topic.js";
import type { ServiceUser } from "./user.js";

export interface OperationsHandlerOptions {
  readonly assets: AssetStore;
  readonly authorisation: Authorisation;
  readonly assetOperations: AssetOperations;
  readonly attributeOperations: AttributeOperations;
  readonly publish: Publisher;
  readonly log: LogSink;
}

/** `{realm}/{clientId}/operations/...` of the Gateway API: requests, each with a topic for its response. */
export class OperationsHandler implements Handler {
  /** While set, requests are taken and not answered. */
  isMute = false;
  readonly #options: OperationsHandlerOptions;

  constructor(options: OperationsHandlerOptions) {
    this.#options = options;
  }

  owns(topic: Topic): boolean {
    return topic[2] === "operations";
  }

  canSubscribe(client: Client, topic: Topic): Denial {
    const denial = denialOf(client, topic) ?? this.#gatewayDenial(client);
    return denial ?? (topic.at(-1) === "response" ? undefined : "not a topic of responses");
  }

  canPublish(client: Client, topic: Topic): Denial {
    const denial = denialOf(client, topic) ?? this.#gatewayDenial(client);
    if (denial || !client.user) return denial;
    const operation = operationOf(topic);
    if (!operation) return "no such operation";
    const gateway = gatewayOfClient(this.#options.assets, client);
    return this.#denialOf(client.user, topic[0] ?? "", operation, gateway);
  }

  publish(client: Client, topic: Topic, payload: Buffer): void {
    const operation = operationOf(topic);
    if (!operation || this.isMute) return;
    const name = topic.join("/");
    try {
      const response = this.#perform(client, topic[0] ?? "", operation, payload.toString());
      this.#options.publish(`${name}/response`, JSON.stringify(response));
    } catch (error) {
      if (error instanceof OperationError) this.#options.publish(`${name}/response`, JSON.stringify(error.toJson()));
      // Faithful: whatever else goes wrong is logged, and nobody is told.
      const reason = (error as Error).message;
      this.#options.log({ kind: "dropped", clientId: client.clientId, topic: name, reason });
    }
  }

  #perform(client: Client, realm: string, operation: Operation, text: string): unknown {
    const { assetOperations, attributeOperations, assets } = this.#options;
    const gateway = gatewayOfClient(assets, client);
    switch (operation.kind) {
      case "create":
        return assetOperations.create(realm, text, gateway);
      case "get":
        return assetOperations.get(operation.assetId);
      case "update":
        return assetOperations.update(operation.assetId, text, gateway);
      case "delete":
        return assetOperations.delete(operation.assetId);
      case "updateAttributes":
        return attributeOperations.updateAll(client, realm, operation.assetId, text, gateway);
      case "updateAttribute":
        return attributeOperations.update(client, operation.assetId, operation.name, text);
      case "getAttribute":
        return attributeOperations.get(operation.assetId, operation.name, false);
      case "getValue":
        return attributeOperations.get(operation.assetId, operation.name, true);
    }
  }

  #gatewayDenial(client: Client): Denial {
    const gateway = gatewayOfClient(this.#options.assets, client);
    return gateway && isDisabled(gateway) ? "gateway is disabled" : undefined;
  }

  #denialOf(user: ServiceUser, realm: string, operation: Operation, gateway: Asset | undefined): Denial {
    const { authorisation } = this.#options;
    switch (operation.kind) {
      case "create":
        return authorisation.writeAssets(user);
      case "get":
        return authorisation.readAssets(user);
      case "update":
      case "delete":
        return this.#structureDenial(realm, operation.assetId, gateway) ?? authorisation.writeAssets(user);
      case "updateAttributes":
        // Faithful: looked at only when the message is, and then answered.
        return undefined;
      case "updateAttribute":
        return (
          this.#foreignDenial(operation.assetId, gateway) ??
          authorisation.writeAttribute(user, realm, operation.assetId, operation.name)
        );
      case "getAttribute":
      case "getValue":
        return this.#foreignDenial(operation.assetId, gateway) ?? authorisation.readAssets(user);
    }
  }

  #structureDenial(realm: string, assetId: string, gateway: Asset | undefined): Denial {
    const { assets } = this.#options;
    if (!isAssetId(assetId) || assets.get(assetId)?.realm !== realm) return "no such asset";
    if (gateway) return this.#foreignDenial(assetId, gateway);
    return assets.gatewayOf(assetId) ? "belongs to a gateway" : undefined;
  }

  #foreignDenial(assetId: string, gateway: Asset | undefined): Denial {
    const isForeign = gateway !== undefined && !this.#options.assets.isDescendant(assetId, gateway.id);
    return isForeign ? "not below the gateway" : undefined;
  }
}
