// SPDX-License-Identifier: Apache-2.0

import { hasFlag, meta } from "./asset.js";
import type { AssetStore } from "./asset-store.js";
import type { EventFilter } from "./event-filter.js";
import type { Denial } from "./handler.js";
import { hasRole, type ServiceUser } from "./user.js";

/** What users may do to assets and attributes, whatever the API. */
export class Authorisation {
  readonly #assets: AssetStore;

  constructor(assets: AssetStore) {
    this.#assets = assets;
  }

  /** @returns the filter as far as the user may see, or why it may not */
  narrow(user: ServiceUser, filter: EventFilter): EventFilter | string {
    if (user.isSuperUser) return filter;
    if (!hasRole(user, "read:assets")) return "no role read:assets";
    const linkedAssets = user.isRestricted ? new Set(user.links) : undefined;
    for (const id of filter.assetIds ?? []) {
      if (this.#assets.get(id)?.realm !== filter.realm) return "no such asset";
      if (linkedAssets && !linkedAssets.has(id)) return "asset is not linked";
    }
    return linkedAssets ? { ...filter, linkedAssets } : filter;
  }

  writeAttribute(user: ServiceUser, realm: string, assetId: string, name: string): Denial {
    if (!hasRole(user, "write:attributes")) return "no role write:attributes";
    const asset = this.#assets.get(assetId);
    const attribute = asset?.attributes.get(name);
    if (asset?.realm !== realm) return "no such asset";
    if (!attribute) return "no such attribute";
    if (!user.isRestricted) return undefined;
    if (!user.links.has(assetId)) return "asset is not linked";
    return hasFlag(attribute, meta.restrictedWrite) ? undefined : "attribute is not open to restricted users";
  }

  writeAssets(user: ServiceUser): Denial {
    if (user.isRestricted) return "restricted user";
    return hasRole(user, "write:assets") ? undefined : "no role write:assets";
  }

  readAssets(user: ServiceUser): Denial {
    return hasRole(user, "read:assets") ? undefined : "no role read:assets";
  }
}
