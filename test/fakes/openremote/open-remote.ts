// SPDX-License-Identifier: Apache-2.0

import { type Asset, type Attribute, type Attributes, gatewayType, type Point } from "./asset.js";
import { newId } from "./asset-id.js";
import type { AssetEdit, AssetSpec, AttributeSpec } from "./asset-spec.js";
import { templateOf } from "./asset-template.js";
import type { AssetType } from "./asset-types.js";
import type { PendingEvent } from "./attribute-writer.js";
import type { SentMessage } from "./broker.js";
import type { Client } from "./client.js";
import type { Event } from "./event.js";
import type { LogEntry } from "./log.js";
import type { OpenRemoteOptions } from "./options.js";
import { Parts } from "./parts.js";
import type { ProvisioningConfig, ProvisioningConfigSpec } from "./provisioning-config.js";
import type { ServiceUser } from "./user.js";
import type { UserSpec } from "./users.js";
import { Waiting } from "./waiting.js";

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
  readonly #waiting = new Waiting();
  readonly #parts: Parts;
  #port = 0;
  #tlsPort = 0;

  private constructor(options: OpenRemoteOptions) {
    this.#parts = new Parts(options, {
      log: (entry) => {
        this.#record(this.log, entry);
        options.onLog?.(entry);
      },
      onEvent: (event) => this.#happened(event),
      onSent: (message) => this.#record(this.sent, message),
      onActivity: () => this.#waiting.wake(),
    });
  }

  static async start(options: OpenRemoteOptions = {}): Promise<OpenRemote> {
    const manager = new OpenRemote(options);
    options.prepare?.(manager);
    manager.#port = await manager.#parts.broker.listen(options.port ?? 0);
    if (options.tls) manager.#tlsPort = await manager.#parts.broker.listen(options.tls.port ?? 0, options.tls);
    return manager;
  }

  async close(): Promise<void> {
    this.#parts.linkChanges.close();
    await this.#parts.broker.close();
  }

  get port(): number {
    return this.#port;
  }

  /** 0: does not listen for TLS. */
  get tlsPort(): number {
    return this.#tlsPort;
  }

  /** Lets go of `events`, `sent` and `log`, for one that runs for long. */
  forget(): void {
    for (const list of [this.events, this.sent, this.log]) list.length = 0;
  }

  /** Clients that are connected. */
  get clients(): readonly Client[] {
    return this.#parts.broker.clients;
  }

  /** What was refused, or denied. */
  get denied(): readonly LogEntry[] {
    return this.log.filter(({ kind }) => kind === "refused" || kind === "denied");
  }

  /** Events that wait for the acknowledgement of a gateway. */
  get pending(): readonly PendingEvent[] {
    return this.#parts.writer.pending;
  }

  /** While true, operations are taken and not answered. */
  set isMute(isMute: boolean) {
    this.#parts.operations.isMute = isMute;
  }

  /** Waits until something is so. @throws {Error} it is not within ten seconds */
  until(isSo: () => boolean, what = isSo.toString()): Promise<void> {
    return this.#waiting.until(isSo, what);
  }

  /** There is "master" from the start. */
  addRealm(name: string): void {
    this.#parts.users.addRealm(name);
  }

  /** @throws {RangeError} no such realm, or the user exists */
  addUser(spec: UserSpec): ServiceUser {
    return this.#parts.users.add(spec);
  }

  /** @param realm of the service user, which devices that were provisioned have too, as `ps-{uniqueId}` */
  user(realm: string, username: string): ServiceUser | undefined {
    return this.#parts.users.find(realm, username);
  }

  /** Changes a user. If it is by more than its roles, all of its connections are closed. */
  editUser(user: ServiceUser, edit: Partial<Pick<ServiceUser, "username" | "secret" | "isEnabled" | "roles">>): void {
    const { username, secret, isEnabled } = user;
    Object.assign(user, edit);
    const isSame = username === user.username && secret === user.secret && isEnabled === user.isEnabled;
    if (!isSame) this.#disconnectUser(user, "user changed");
  }

  deleteUser(user: ServiceUser): void {
    this.#parts.users.remove(user);
    this.#disconnectUser(user, "user deleted");
  }

  link(user: ServiceUser, assetId: string): void {
    user.links.add(assetId);
    this.#parts.linkChanges.changed(user);
  }

  unlink(user: ServiceUser, assetId: string): void {
    user.links.delete(assetId);
    this.#parts.linkChanges.changed(user);
  }

  /** Makes attributes mandatory for a type, and gives them types. */
  defineType(name: string, type: AssetType): void {
    this.#parts.types.define(name, type);
  }

  /** @returns its id. @throws {RangeError} no such parent, or an attribute that its type does not take */
  addAsset({ realm, id = newId(), type = "ThingAsset", name = type, parentId, attributes = {} }: AssetSpec): string {
    const now = this.#parts.now();
    const given = { accessPublicRead: false, version: 0, createdOn: now };
    this.#parts.create({
      ...given,
      id,
      realm,
      type,
      name,
      parentId,
      attributes: this.#attributesOf(type, attributes, now),
    });
    return id;
  }

  editAsset(assetId: string, { name, parentId, attributes }: AssetEdit): void {
    const asset = this.asset(assetId);
    this.#parts.assets.update(asset, {
      name: name ?? asset.name,
      parentId: parentId === undefined ? asset.parentId : (parentId ?? undefined),
      attributes: attributes ? this.#attributesOf(asset.type, attributes, this.#parts.now()) : asset.attributes,
    });
  }

  /** Deletes it and all below it. */
  deleteAsset(assetId: string): void {
    this.#parts.assets.delete(this.asset(assetId));
  }

  hasAsset(assetId: string): boolean {
    return this.#parts.assets.get(assetId) !== undefined;
  }

  /** @throws {RangeError} no such asset */
  asset(assetId: string): Asset {
    const asset = this.#parts.assets.get(assetId);
    if (!asset) throw new RangeError(`no asset ${assetId}`);
    return asset;
  }

  /** @returns all assets of a realm */
  assets(realm: string): Asset[] {
    return this.#parts.assets.all().filter((asset) => asset.realm === realm);
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
    return this.#parts.writer.historyOf(assetId, name);
  }

  /**
   * Writes a value as a user of the manager's pages does. Below a gateway it waits for the gateway.
   * @param timestamp milliseconds since 1970, default now
   */
  write(assetId: string, name: string, value: unknown, timestamp = 0): void {
    this.#parts.writer.write({ assetId, name, value, timestamp });
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
    this.#parts.provisioning.configs.push(config);
    return config;
  }

  /** Disconnects all devices that came in through it. */
  disableProvisioning(config: ProvisioningConfig, isDisabled = true): void {
    config.isDisabled = isDisabled;
    this.#parts.provisioning.disconnectAll(config);
  }

  removeProvisioning(config: ProvisioningConfig): void {
    this.#parts.provisioning.configs.splice(this.#parts.provisioning.configs.indexOf(config), 1);
    this.#parts.provisioning.disconnectAll(config);
  }

  /** Closes a connection as a broken link would. Its will fires, and its session is kept if it is one that is. */
  drop(clientId: string): void {
    this.clients.find((client) => client.clientId === clientId)?.close("dropped");
  }

  #attributesOf(type: string, attributes: Readonly<Record<string, AttributeSpec>>, now: number): Attributes {
    const template = templateOf({ type, name: type, attributes }, this.#parts.types, now);
    const defects = template?.defects ?? ["attributes: malformed"];
    if (!template || defects.length > 0) throw new RangeError(defects.join(", "));
    return template.attributes;
  }

  #happened(event: Event): void {
    if (event.kind === "asset" && event.cause === "DELETE") this.#deleteGatewayUser(event.asset);
    this.#record(this.events, event);
  }

  #deleteGatewayUser({ realm, type, attributes }: Asset): void {
    if (type !== gatewayType) return;
    const user = this.#parts.users.find(realm, String(attributes.get("clientId")?.value));
    if (user) this.deleteUser(user);
  }

  #disconnectUser(user: ServiceUser, reason: string): void {
    for (const client of this.clients) if (client.user === user) this.#parts.broker.forceDisconnect(client, reason);
  }

  #record<T>(list: T[], entry: T): void {
    list.push(entry);
    this.#waiting.wake();
  }
}
