// SPDX-License-Identifier: Apache-2.0

import { type Asset, meta } from "./asset.js";
import type { AssetStore } from "./asset-store.js";
import type { AttributeWriter } from "./attribute-writer.js";
import type { Client } from "./client.js";
import type { ServiceUser } from "./user.js";

export interface ConnectionMonitorOptions {
  readonly assets: AssetStore;
  readonly writer: AttributeWriter;
  readonly clients: () => readonly Client[];
}

/** Keeps attributes with the meta item `userConnected` true while the user that it names is connected. */
export class ConnectionMonitor {
  readonly #options: ConnectionMonitorOptions;

  constructor(options: ConnectionMonitorOptions) {
    this.#options = options;
  }

  /** To be called when a user may have got its first connection or lost its last. */
  update(user: ServiceUser | undefined): void {
    if (!user) return;
    for (const asset of this.#options.assets.all()) {
      if (asset.realm === user.realm) this.#updateAsset(asset, user);
    }
  }

  #updateAsset(asset: Asset, user: ServiceUser): void {
    const value = this.#options.clients().some((client) => client.user === user);
    for (const { name, meta: items, value: before } of asset.attributes.values()) {
      const monitored = items[meta.userConnected];
      if (typeof monitored !== "string" || monitored.toLowerCase() !== user.username.toLowerCase()) continue;
      if (before !== value) this.#options.writer.write({ assetId: asset.id, name, value });
    }
  }
}
