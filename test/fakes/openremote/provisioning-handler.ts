// SPDX-License-Identifier: Apache-2.0

import type { X509Certificate } from "node:crypto";
import type { Asset } from "./asset.js";
import { idOf } from "./asset-id.js";
import type { AssetStore } from "./asset-store.js";
import { parseTemplate } from "./asset-template.js";
import type { AssetTypes } from "./asset-types.js";
import type { Client } from "./client.js";
import { commonNameOf, firstCertificate, isSignedFor } from "./device-certificate.js";
import { assetJson } from "./event-json.js";
import type { Denial, Handler } from "./handler.js";
import type { LogSink } from "./log.js";
import type { ProvisioningConfig } from "./provisioning-config.js";
import type { Publisher } from "./publisher.js";
import type { Topic } from "./topic.js";
import type { ServiceUser } from "./user.js";
import type { Users } from "./users.js";
import { isRecord, parseJson } from "./values.js";

type ProvisioningErrorCode =
  | "MESSAGE_INVALID"
  | "CERTIFICATE_INVALID"
  | "UNAUTHORIZED"
  | "CONFIG_DISABLED"
  | "UNIQUE_ID_MISMATCH"
  | "SERVER_ERROR"
  | "USER_DISABLED"
  | "ASSET_ERROR";

class ProvisioningError extends Error {
  readonly code: ProvisioningErrorCode;

  constructor(code: ProvisioningErrorCode) {
    super(code);
    this.code = code;
  }
}

/** What service users of devices that were provisioned are called before their unique id. */
const userPrefix = "ps-";

/** Messages that are not requests, which get no answer. */
const answerTypes = ["success", "error"];

export interface ProvisioningHandlerOptions {
  readonly assets: AssetStore;
  readonly users: Users;
  readonly types: AssetTypes;
  readonly now: () => number;
  readonly publish: Publisher;
  readonly log: LogSink;
  /** Stores a new asset. */
  readonly onCreate: (asset: Asset) => void;
  /** Called when a live connection became a user's. */
  readonly onAuthenticated: (client: Client) => void;
  /** Called when an asset was linked to a user. */
  readonly onLinked: (user: ServiceUser) => void;
  readonly forceDisconnect: (client: Client, reason: string) => void;
}

/** `provisioning/{uniqueId}/request` and `response`: a certificate makes an anonymous connection a user's. */
export class ProvisioningHandler implements Handler {
  readonly configs: ProvisioningConfig[] = [];
  readonly #options: ProvisioningHandlerOptions;
  readonly #subscribers = new Map<string, Client>();
  readonly #authenticated = new Map<Client, ProvisioningConfig>();

  constructor(options: ProvisioningHandlerOptions) {
    this.#options = options;
  }

  owns([first, , last, ...rest]: Topic): boolean {
    return first === "provisioning" && (last === "request" || last === "response") && rest.length === 0;
  }

  canSubscribe(_client: Client, topic: Topic): Denial {
    if (topic[2] !== "response" || isWildcard(topic[1])) return "malformed topic";
    return this.#subscribers.get(topic.join("/"))?.isOpen ? "somebody else subscribed" : undefined;
  }

  subscribed(client: Client, topic: Topic): void {
    this.#subscribers.set(topic.join("/"), client);
  }

  unsubscribed(client: Client, topic: Topic): void {
    const name = topic.join("/");
    if (this.#subscribers.get(name) === client) this.#subscribers.delete(name);
  }

  closed(client: Client): void {
    this.#authenticated.delete(client);
  }

  canPublish(_client: Client, topic: Topic): Denial {
    return topic[2] === "request" && !isWildcard(topic[1]) ? undefined : "malformed topic";
  }

  publish(client: Client, [, uniqueId = ""]: Topic, payload: Buffer): void {
    if (!client.isOpen) return;
    const topic = `provisioning/${uniqueId}/response`;
    try {
      const message = parseJson(payload.toString());
      const type = isRecord(message) ? message.type : undefined;
      if (typeof type === "string" && answerTypes.includes(type)) return;
      if (!isRecord(message) || type !== "x509") throw new ProvisioningError("MESSAGE_INVALID");
      this.#options.publish(topic, JSON.stringify(this.#provision(client, uniqueId, message.cert)));
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      const { clientId } = client;
      this.#options.log({ kind: "dropped", clientId, topic: `provisioning/${uniqueId}/request`, reason: error.code });
      this.#options.publish(topic, JSON.stringify({ type: "error", error: error.code }));
    }
  }

  /** Disconnects all that were authenticated through a configuration. */
  disconnectAll(config: ProvisioningConfig): void {
    for (const [client, its] of [...this.#authenticated]) {
      if (its === config) this.#options.forceDisconnect(client, "provisioning configuration changed");
    }
  }

  #provision(client: Client, uniqueId: string, cert: unknown): object {
    const certificate = typeof cert === "string" ? firstCertificate(cert) : undefined;
    if (!certificate) throw new ProvisioningError("CERTIFICATE_INVALID");
    const config = this.#configFor(certificate, uniqueId);
    const { realm } = config;
    const user = this.#userOf(config, uniqueId);
    const asset = this.#assetOf(config, user, uniqueId);
    if (asset && asset.realm !== realm) throw new ProvisioningError("ASSET_ERROR");
    client.user = user;
    // Its session would be asked for rights that the next connection does not have at once.
    client.keepsSession = false;
    this.#authenticated.set(client, config);
    this.#options.onAuthenticated(client);
    const path = asset ? this.#options.assets.pathOf(asset) : [];
    return { type: "success", realm, ...(asset ? { asset: assetJson(asset, path) } : {}) };
  }

  #configFor(certificate: X509Certificate, uniqueId: string): ProvisioningConfig {
    const config = this.configs.find((one) => isSignedFor(one, certificate, this.#options.now()));
    if (!config) throw new ProvisioningError("UNAUTHORIZED");
    if (config.isDisabled) throw new ProvisioningError("CONFIG_DISABLED");
    if (commonNameOf(certificate) !== uniqueId) throw new ProvisioningError("UNIQUE_ID_MISMATCH");
    return config;
  }

  #userOf({ realm, roles, isRestricted }: ProvisioningConfig, uniqueId: string): ServiceUser {
    const { users } = this.#options;
    const username = userPrefix + uniqueId;
    const user = users.find(realm, username) ?? this.#newUser(realm, username, roles, isRestricted);
    if (!user.isEnabled) throw new ProvisioningError("USER_DISABLED");
    return user;
  }

  #newUser(realm: string, username: string, roles: ProvisioningConfig["roles"], isRestricted: boolean): ServiceUser {
    try {
      const secret = idOf(`${realm}${username}${this.#options.now()}`);
      return this.#options.users.add({ realm, username, secret, roles, isRestricted });
    } catch {
      throw new ProvisioningError("SERVER_ERROR");
    }
  }

  #assetOf({ realm, assetTemplate, isRestricted }: ProvisioningConfig, user: ServiceUser, uniqueId: string) {
    const { assets, types, now, onCreate, onLinked } = this.#options;
    const id = idOf(realm + uniqueId);
    const existing = assets.get(id);
    if (existing || !assetTemplate) return existing;
    const template = parseTemplate(assetTemplate.replaceAll("%UNIQUE_ID%", uniqueId), types, now());
    if (!template || template.defects.length > 0) throw new ProvisioningError("SERVER_ERROR");
    const { type, parentId, accessPublicRead, attributes, name = "" } = template;
    const createdOn = now();
    const asset = { id, realm, type, createdOn, accessPublicRead, version: 0, name, parentId, attributes };
    try {
      onCreate(asset);
    } catch {
      throw new ProvisioningError("SERVER_ERROR");
    }
    if (isRestricted) {
      user.links.add(id);
      onLinked(user);
    }
    return asset;
  }
}

function isWildcard(token: string | undefined): boolean {
  return token === "+" || token === "#";
}
