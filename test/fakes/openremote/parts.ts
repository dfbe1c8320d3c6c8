// SPDX-License-Identifier: Apache-2.0

import type { Asset } from "./asset.js";
import { AssetFactory } from "./asset-factory.js";
import { AssetOperations } from "./asset-operations.js";
import { AssetStore } from "./asset-store.js";
import { AssetTypes } from "./asset-types.js";
import { AttributeHandler } from "./attribute-handler.js";
import { AttributeOperations } from "./attribute-operations.js";
import { AttributeWriter, type PendingEvent } from "./attribute-writer.js";
import { Authorisation } from "./authorisation.js";
import { Broker, type SentMessage } from "./broker.js";
import type { Client } from "./client.js";
import { strictClock } from "./clock.js";
import { ConnectionMonitor } from "./connection-monitor.js";
import type { Event } from "./event.js";
import { EventBus } from "./event-bus.js";
import { GatewayEvents } from "./gateway-events.js";
import { GatewayPending, pendingMessage } from "./gateway-pending.js";
import { LinkChanges } from "./link-changes.js";
import type { LogSink } from "./log.js";
import { OperationsHandler } from "./operations-handler.js";
import type { OpenRemoteOptions } from "./options.js";
import { ProvisioningHandler } from "./provisioning-handler.js";
import type { ServiceUser } from "./user.js";
import { Users } from "./users.js";

export interface Observer {
  readonly log: LogSink;
  readonly onEvent: (event: Event) => void;
  readonly onSent: (message: SentMessage) => void;
  readonly onActivity: () => void;
}

/** What a manager is made of, put together. */
export class Parts {
  readonly now: () => number;
  readonly users = new Users();
  readonly types = new AssetTypes();
  readonly assets: AssetStore;
  readonly writer: AttributeWriter;
  readonly broker: Broker;
  readonly attributes: AttributeHandler;
  readonly operations: OperationsHandler;
  readonly provisioning: ProvisioningHandler;
  readonly linkChanges: LinkChanges;
  readonly #factory: AssetFactory;
  readonly #monitor: ConnectionMonitor;

  constructor(options: OpenRemoteOptions, { log, onEvent, onSent, onActivity }: Observer) {
    const { now = strictClock(), serverKeepAlive = 60, permissionLifetime = 300_000 } = options;
    const { users, types } = this;
    const bus = new EventBus(onEvent);
    const assets = new AssetStore(bus, now);
    const authorisation = new Authorisation(assets);
    const limits = { serverKeepAlive, permissionLifetime };
    const { onStored = () => {} } = options;
    const onPresence = (client: Client): void => {
      this.#monitor.update(client.user);
      options.onPresence?.(client);
    };
    const broker = new Broker({ users, log, now, ...limits, onSent, onPresence, onActivity });
    const publish = (topic: string, payload: string): void => broker.publish(topic, payload);
    const onPending = (event: PendingEvent): void => {
      const { topic, payload } = pendingMessage(event);
      broker.publish(topic, payload, 1);
    };
    const writer = new AttributeWriter({ assets, bus, now, log, onPending, onStored });
    this.now = now;
    this.assets = assets;
    this.writer = writer;
    this.broker = broker;
    this.#factory = new AssetFactory(assets, users);
    this.#monitor = new ConnectionMonitor({ assets, writer, clients: () => broker.clients });
    const onCreate = (asset: Asset): void => this.create(asset);
    this.attributes = new AttributeHandler({ authorisation, writer, bus, publish, log });
    const assetOperations = new AssetOperations({ assets, types, now, onCreate });
    const attributeOperations = new AttributeOperations({ assets, writer, authorisation });
    const performers = { assetOperations, attributeOperations };
    this.operations = new OperationsHandler({ assets, authorisation, ...performers, publish, log });
    const forceDisconnect = (client: Client, reason: string): void => broker.forceDisconnect(client, reason);
    this.linkChanges = new LinkChanges(options.linkChangeDelay ?? 5000, (user) => this.#linksChanged(user));
    const onLinked = (user: ServiceUser): void => this.linkChanges.changed(user);
    const hooks = { onLinked, onCreate, onAuthenticated: onPresence, forceDisconnect };
    this.provisioning = new ProvisioningHandler({ assets, users, types, now, publish, log, ...hooks });
    broker.handlers.push(
      this.provisioning,
      this.operations,
      new GatewayEvents({ assets, authorisation, bus, publish }),
      new GatewayPending({ assets, writer, forceDisconnect }),
      this.attributes,
    );
  }

  /** Stores a new asset. @throws {RangeError} there is no such parent in the realm */
  create(asset: Asset): void {
    this.#factory.create(asset);
    for (const { user } of this.broker.clients) this.#monitor.update(user);
  }

  #linksChanged(user: ServiceUser): void {
    if (!user.isRestricted) return;
    for (const client of this.broker.clients) {
      const isConcerned = client.user === user && this.attributes.hasSubscriptions(client);
      if (isConcerned) this.broker.forceDisconnect(client, "links changed");
    }
  }
}
