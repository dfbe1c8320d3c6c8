// SPDX-License-Identifier: Apache-2.0

import { type Asset, gatewayType } from "./asset.js";
import type { AssetStore } from "./asset-store.js";
import type { Client } from "./client.js";

/** What the client ids of gateways begin with. */
const clientIdPrefix = "gateway-";

export function gatewayClientId(assetId: string): string {
  return clientIdPrefix + assetId.toLowerCase();
}

/** The gateway that a client is, which is told by nothing but its client id. */
export function gatewayOfClient(assets: AssetStore, { clientId }: Client): Asset | undefined {
  if (!clientId.startsWith(clientIdPrefix)) return undefined;
  return assets
    .all()
    .find(({ type, attributes }) => type === gatewayType && attributes.get("clientId")?.value === clientId);
}

export function isDisabled(gateway: Asset): boolean {
  return gateway.attributes.get("disabled")?.value === true;
}
