// SPDX-License-Identifier: Apache-2.0

import type { Identity } from "../certificates.js";
import type { Asset, Attribute, Point } from "./asset.js";
import { AssetFactory } from "./asset-factory.js";
import { newId } from "./asset-id.js";
import { AssetOperations } from "./asset-operations.js";
import { AssetStore } from "./asset-store.js";
import { templateOf } from "./asset-template.js";
import { type AssetType, AssetTypes } from "./asset-types.js";
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
import type { LogEntry } from "./log.js";
import { OperationsHandler } from "./operations-handler.js";
import type { ProvisioningConfig, ProvisioningConfigSpec } from "./provisioning-config.js";
import { ProvisioningHandler } from "./provisioning-handler.js";
import type { ServiceUser } from "./user.js";
import { type UserSpec, Users } from "./users.js";
import { Waiting } from "./waiting.js";

export interface OpenRemoteOptions {
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Makes it listen for TLS too, on any port that is free unless one is given. */
  readonly tls?: Identity & { readonly port?: number };
  /** Milliseconds since 1970. Default a clock that tells no millisecond twice. */
  readonly now?: () => number;
  /** Seconds, default 60: the longest keep-alive, and the one of clients that want none. */
  readonly serverKeepAlive?: number;
  /** Milliseconds, default 300,000: for how long a permission to publish is remembered. */
  readonly permissionLifetime?: number;
  /** Milliseconds, default 5000: from a change of a restricted user's links until it is disconnected. */
  readonly linkChangeDelay?: number;
}

/** One attribute of a new asset. */
export interface AttributeSpec {
  /** Default what the type of the asset says, or else by the value. */
  readonly type?: string;
  readonly value?: unknown;
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970, default now. */
  readonly timestamp?: number;
}

export interface AssetSpec {
  readonly realm: string;
  /** Default made up. */
  readonly id?: string;
  /** Default "ThingAsset", which may have any attributes. "GatewayV2Asset" makes a gateway with a service user. */
  readonly type?: string;
  /** Default the type. */
  readonly name?: string;
  readonly parentId?: string;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

export interface AssetEdit {
  readonly name?: string;
  /** Null: to the root. */
  readonly parentId?: string | null;
  /** All that it is to have; values that are kept have to be given again. */
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

/** What a gateway connects with. */
export interface GatewayCredentials {
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
}

/** An OpenRemote manager, as far as it can be seen by MQTT 3.1 and 3.1.1, on the loopback. Nothing outlives it. */
export class OpenRemote {
  /** All events about assets and attributes, whether or not anybody subscribed. */
  readonly events: Event[] = [];
  /** All messages to clients. */
  readonly sent: SentMessage[] = [];
  /** All that was refused, denied, dropped and closed. */
  readonly log: LogEntry[] = [];
  readonly #now: () => number;
  readonly #waiting = new Waiting();
  readonly #users = new Users();
  readonly #types = new AssetTypes();
  readonly #bus: EventBus;
  readonly #assets: AssetStore;
  readonly #factory: AssetFactory;
  readonly #writer: AttributeWriter;
  readonly #broker: Broker;
  readonly #monitor: ConnectionMonitor;
  readonly #attributes: AttributeHandler;
  readonly #operations: OperationsHandler;
  readonly #provisioning: ProvisioningHandler;
  readonly #linkChanges: LinkChanges;
  #port = 0;
  #tlsPort = 0;

  private constructor(options: OpenRemoteOptions) {
    const { now = strictClock(), serverKeepAlive = 60, permissionLifetime = 300_000 } = options;
    const log = (entry: LogEntry): void => this.#record(this.log, entry);
    this.#now = now;
    this.#bus = new EventBus((event) => this.#happened(event));
    this.#assets = new AssetStore(this.#bus, now);
    this.#factory = new AssetFactory(this.#assets, this.#users);
    this.#broker = new Broker({
      users: this.#users,
      log,
      now,
      serverKeepAlive,
      permissionLifetime,
      onSent: (message) => this.#record(this.sent, message),
      onPresence: ({ user }) => this.#monitor.update(user),
      onActivity: () => this.#waiting.wake(),
    });
    const forceDisconnect = (client: Client, reason: string): void => this.#broker.forceDisconnect(client, reason);
    const publish = (topic: string, payload: string): void => this.#broker.publish(topic, payload);
    const onPending = (event: PendingEvent): void => {
      const { topic, payload } = pendingMessage(event);
      this.#broker.publish(topic, payload, 1);
    };
    const authorisation = new Authorisation(this.#assets);
    const assets = this.#assets;
    const users = this.#users;
    const types = this.#types;
    const bus = this.#bus;
    const writer = new AttributeWriter({ assets, bus, now, log, onPending });
    const onCreate = (asset: Asset): void => this.#create(asset);
    const assetOperations = new AssetOperations({ assets, types, now, onCreate });
    const attributeOperations = new AttributeOperations({ assets, writer, authorisation });
    const onAuthenticated = ({ user }: Client): void => this.#monitor.update(user);
    this.#writer = writer;
    this.#monitor = new ConnectionMonitor({ assets, writer, clients: () => this.#broker.clients });
    this.#attributes = new AttributeHandler({ authorisation, writer, bus, publish, log });
    const operations = { assets, authorisation, assetOperations, attributeOperations, publish, log };
    this.#operations = new OperationsHandler(operations);
    const provisioning = { assets, users, types, now, publish, log, onCreate, onAuthenticated, forceDisconnect };
    this.#provisioning = new ProvisioningHandler(provisioning);
    this.#linkChanges = new LinkChanges(options.linkChangeDelay ?? 5000, (user) => this.#linksChanged(user));
    this.#broker.handlers.push(
      this.#provisioning,
      this.#operations,
      new GatewayEvents({ assets, authorisation, bus, publish }),
      new GatewayPending({ assets, writer, forceDisconnect }),
      this.#attributes,
    );
  }

  static async start(options: OpenRemoteOptions = {}): Promise<OpenRemote> {
    const manager = new OpenRemote(options);
    manager.#port = await manager.#broker.listen(options.port ?? 0);
    if (options.tls) manager.#tlsPort = await manager.#broker.listen(options.tls.port ?? 0, options.tls);
    return manager;
  }

  async close(): Promise<void> {
    this.#linkChanges.close();
    await this.#broker.close();
  }

  get port(): number {
    return this.#port;
  }

  /** 0: does not listen for TLS. */
  get tlsPort(): number {
    return this.#tlsPort;
  }

  /** Clients that are connected. */
  get clients(): readonly Client[] {
    return this.#broker.clients;
  }

  /** What was refused, or denied. */
  get denied(): readonly LogEntry[] {
    return this.log.filter(({ kind }) => kind === "refused" || kind === "denied");
  }

  /** Events that wait for the acknowledgement of a gateway. */
  get pending(): readonly PendingEvent[] {
    return this.#writer.pending;
  }

  /** While true, operations are taken and not answered. */
  set isMute(isMute: boolean) {
    this.#operations.isMute = isMute;
  }

  /** Waits until something is so. @throws {Error} it is not within ten seconds */
  until(isSo: () => boolean, what = isSo.toString()): Promise<void> {
    return this.#waiting.until(isSo, what);
  }

  /** There is "master" from the start. */
  addRealm(name: string): void {
    this.#users.addRealm(name);
  }

  /** @throws {RangeError} no such realm, or the user exists */
  addUser(spec: UserSpec): ServiceUser {
    return this.#users.add(spec);
  }

  /** @param realm of the service user, which devices that were provisioned have too, as `ps-{uniqueId}` */
  user(realm: string, username: string): ServiceUser | undefined {
    return this.#users.find(realm, username);
  }

  /** Changes a user. If it is by more than its roles, all of its connections are closed. */
  editUser(user: ServiceUser, edit: Partial<Pick<ServiceUser, "username" | "secret" | "isEnabled" | "roles">>): void {
    const { username, secret, isEnabled } = user;
    Object.assign(user, edit);
    const isSame = username === user.username && secret === user.secret && isEnabled === user.isEnabled;
    if (!isSame) this.#disconnectUser(user, "user changed");
  }

  deleteUser(user: ServiceUser): void {
    this.#users.remove(user);
    this.#disconnectUser(user, "user deleted");
  }

  link(user: ServiceUser, assetId: string): void {
    user.links.add(assetId);
    this.#linkChanges.changed(user);
  }

  unlink(user: ServiceUser, assetId: string): void {
    user.links.delete(assetId);
    this.#linkChanges.changed(user);
  }

  /** Makes attributes mandatory for a type, and gives them types. */
  defineType(name: string, type: AssetType): void {
    this.#types.define(name, type);
  }

  /** @returns its id. @throws {RangeError} no such parent, or an attribute that its type does not take */
  addAsset({ realm, id = newId(), type = "ThingAsset", name = type, parentId, attributes = {} }: AssetSpec): string {
    const now = this.#now();
    const given = { accessPublicRead: false, version: 0, createdOn: now };
    this.#create({ ...given, id, realm, type, name, parentId, attributes: this.#attributesOf(type, attributes, now) });
    return id;
  }

  editAsset(assetId: string, { name, parentId, attributes }: AssetEdit): void {
    const asset = this.asset(assetId);
    this.#assets.update(asset, {
      name: name ?? asset.name,
      parentId: parentId === undefined ? asset.parentId : (parentId ?? undefined),
      attributes: attributes ? this.#attributesOf(asset.type, attributes, this.#now()) : asset.attributes,
    });
  }

  /** Deletes it and all below it. */
  deleteAsset(assetId: string): void {
    this.#assets.delete(this.asset(assetId));
  }

  hasAsset(assetId: string): boolean {
    return this.#assets.get(assetId) !== undefined;
  }

  /** @throws {RangeError} no such asset */
  asset(assetId: string): Asset {
    const asset = this.#assets.get(assetId);
    if (!asset) throw new RangeError(`no asset ${assetId}`);
    return asset;
  }

  /** @returns all assets of a realm */
  assets(realm: string): Asset[] {
    return this.#assets.all().filter((asset) => asset.realm === realm);
  }

  /** @throws {RangeError} no such asset or attribute */
  attribute(assetId: string, name: string): Attribute {
    const attribute = this.asset(assetId).attributes.get(name);
    if (!attribute) throw new RangeError(`no attribute ${name} of ${assetId}`);
    return attribute;
  }

  valueOf(assetId: string, name: string): unknown {
    return this.attribute(assetId, name).value;
  }

  /** What is kept of an attribute with the meta item `storeDataPoints`, by time. */
  history(assetId: string, name: string): readonly Point[] {
    return this.#writer.historyOf(assetId, name);
  }

  /**
   * Writes a value as a user of the manager's pages does. Below a gateway it waits for the gateway.
   * @param timestamp milliseconds since 1970, default now
   */
  write(assetId: string, name: string, value: unknown, timestamp = 0): void {
    this.#writer.write({ assetId, name, value, timestamp });
    this.#waiting.wake();
  }

  /** @param assetId of a gateway */
  credentialsOf(assetId: string): GatewayCredentials {
    const { realm } = this.asset(assetId);
    const clientId = String(this.valueOf(assetId, "clientId"));
    return { clientId, username: `${realm}:${clientId}`, password: String(this.valueOf(assetId, "clientSecret")) };
  }

  /** Lets devices in whose certificate an authority signed. */
  addProvisioning({ realm, authority, ...more }: ProvisioningConfigSpec): ProvisioningConfig {
    const given = { assetTemplate: undefined, roles: ["write"] as const, isRestricted: false, ignoresExpiry: false };
    const config = { ...given, isDisabled: false, realm, authority, ...more };
    this.#provisioning.configs.push(config);
    return config;
  }

  /** Disconnects all devices that came in through it. */
  disableProvisioning(config: ProvisioningConfig, isDisabled = true): void {
    config.isDisabled = isDisabled;
    this.#provisioning.disconnectAll(config);
  }

  removeProvisioning(config: ProvisioningConfig): void {
    this.#provisioning.configs.splice(this.#provisioning.configs.indexOf(config), 1);
    this.#provisioning.disconnectAll(config);
  }

  /** Closes a connection as a broken link would. Its will fires, and its session is kept if it is one that is. */
  drop(clientId: string): void {
    this.clients.find((client) => client.clientId === clientId)?.close("dropped");
  }

  #attributesOf(type: string, attributes: Readonly<Record<string, AttributeSpec>>, now: number) {
    const template = templateOf({ type, name: type, attributes }, this.#types, now);
    const defects = template?.defects ?? ["attributes: malformed"];
    if (!template || defects.length > 0) throw new RangeError(defects.join(", "));
    return template.attributes;
  }

  #create(asset: Asset): void {
    this.#factory.create(asset);
    for (const client of this.clients) this.#monitor.update(client.user);
  }

  #happened(event: Event): void {
    if (event.kind === "asset" && event.cause === "DELETE") this.#deleteGatewayUser(event.asset);
    this.#record(this.events, event);
  }

  #deleteGatewayUser({ realm, type, attributes }: Asset): void {
    if (type !== "GatewayV2Asset") return;
    const user = this.#users.find(realm, String(attributes.get("clientId")?.value));
    if (user) this.deleteUser(user);
  }

  #disconnectUser(user: ServiceUser, reason: string): void {
    for (const client of this.clients) if (client.user === user) this.#broker.forceDisconnect(client, reason);
  }

  #linksChanged(user: ServiceUser): void {
    if (!user.isRestricted) return;
    for (const client of this.clients) {
      const isConcerned = client.user === user && this.#attributes.hasSubscriptions(client);
      if (isConcerned) this.#broker.forceDisconnect(client, "links changed");
    }
  }

  #record<T>(list: T[], entry: T): void {
    list.push(entry);
    this.#waiting.wake();
  }
}
