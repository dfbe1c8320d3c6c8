// SPDX-License-Identifier: Apache-2.0

import { randomUUID } from "node:crypto";
import { type Asset, type Attribute, gatewayType } from "./asset.js";
import type { AssetStore } from "./asset-store.js";
import { gatewayClientId } from "./gateway.js";
import type { Users } from "./users.js";

/** Stores new assets, whoever made them up. A gateway gets a service user of its own. */
export class AssetFactory {
  readonly #assets: AssetStore;
  readonly #users: Users;

  constructor(assets: AssetStore, users: Users) {
    this.#assets = assets;
    this.#users = users;
  }

  /** @throws {RangeError} there is no such parent in the realm */
  create(asset: Asset): void {
    if (asset.type === gatewayType) this.#makeGateway(asset);
    this.#assets.create(asset);
  }

  #makeGateway(asset: Asset): void {
    const { realm, createdOn: timestamp } = asset;
    const username = gatewayClientId(asset.id);
    const secret = randomUUID();
    const attribute = (name: string, type: string, value: unknown): Attribute => {
      return { name, type, meta: {}, value, timestamp };
    };
    asset.attributes = new Map([
      ["gatewayStatus", attribute("gatewayStatus", "text", "DISCONNECTED")],
      ["disabled", attribute("disabled", "boolean", false)],
      ...asset.attributes,
      ["clientId", attribute("clientId", "text", username)],
      ["clientSecret", attribute("clientSecret", "text", secret)],
    ]);
    this.#users.add({ realm, username, secret, roles: ["write"] });
  }
}
