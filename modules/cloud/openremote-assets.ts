// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { Text } from "../core/ports.js";
import type { AssetEvent, AssetsDialect, AttributeEvent } from "./assets-dialect.js";
import type { Json } from "./json.js";
import { JsonScanner } from "./json-scanner.js";
import type { OpenRemoteAddress } from "./openremote-address.js";
import { OpenRemoteEvents, OpenRemoteGatewayEvents } from "./openremote-events.js";
import { attributeNameProblem, isAssetId } from "./openremote-names.js";
import { readAssetNews, readAttributeNews } from "./openremote-news.js";
import { OpenRemoteOperations } from "./openremote-operations.js";

/** An asset with a hundred attributes has some 600 members. */
export const maxAssetMembers = 2_048;

/** OpenRemote's assets, those of others, too. */
export class OpenRemoteAssets implements AssetsDialect {
  readonly events: OpenRemoteEvents;
  readonly operations: OpenRemoteOperations | undefined;
  readonly gatewayEvents: OpenRemoteGatewayEvents | undefined;
  readonly #scanner: JsonScanner;

  /** `hasGatewayApi`: whether the manager has the MQTT Gateway API, which is not in every release. */
  constructor(text: Text, address: OpenRemoteAddress, hasGatewayApi: boolean) {
    this.#scanner = new JsonScanner({ text, maxMembers: maxAssetMembers });
    this.events = new OpenRemoteEvents(address);
    if (!hasGatewayApi) return;
    this.operations = new OpenRemoteOperations(this.#scanner, address);
    this.gatewayEvents = new OpenRemoteGatewayEvents(address);
  }

  assetIdProblem(id: string): string | undefined {
    return isAssetId(id) ? undefined : "is not 22 letters and digits";
  }

  nameProblem(name: string): string | undefined {
    return attributeNameProblem(name);
  }

  readAssetEvent(payload: Uint8Array, byteLength: number): AssetEvent | Reason {
    return readAssetNews(this.#scanner.scan(payload, 0, byteLength));
  }

  readAttributeEvent(payload: Uint8Array, byteLength: number): AttributeEvent | Reason {
    return readAttributeNews(this.#scanner.scan(payload, 0, byteLength));
  }

  readValue(payload: Uint8Array, byteLength: number): Json | undefined {
    return this.#scanner.scan(payload, 0, byteLength);
  }
}
