// SPDX-License-Identifier: Apache-2.0

import { type Asset, gatewayType } from "./asset.js";
import { newId } from "./asset-id.js";
import type { AssetStore } from "./asset-store.js";
import { type AssetTemplate, parseTemplate } from "./asset-template.js";
import type { AssetTypes } from "./asset-types.js";
import { assetJson, assetResponseJson } from "./event-json.js";
import { OperationError } from "./operation-error.js";

/** What stands in a template for an id to be made up. */
const uniqueId = /%UNIQUE_ID%/g;

export interface AssetOperationsOptions {
  readonly assets: AssetStore;
  readonly types: AssetTypes;
  readonly now: () => number;
  /** Stores a new asset. */
  readonly onCreate: (asset: Asset) => void;
}

/** Operations on whole assets. All throw an `OperationError` for what is to be answered by one. */
export class AssetOperations {
  readonly #options: AssetOperationsOptions;

  constructor(options: AssetOperationsOptions) {
    this.#options = options;
  }

  /** @param gateway that asks, if it is one */
  create(realm: string, text: string, gateway: Asset | undefined): object {
    const template = this.#parse(text.replace(uniqueId, newId()));
    if (template.id && this.#options.assets.get(template.id)?.realm === realm) {
      throw new OperationError("CONFLICT", "Asset ID already exists");
    }
    this.#checkParent(template.parentId, gateway, "created");
    checkValid(template);
    const asset: Asset = {
      id: template.id ?? newId(),
      // Faithful: who brings an id has to bring the realm too.
      realm: template.id ? (template.realm ?? "") : realm,
      type: template.type,
      createdOn: this.#options.now(),
      accessPublicRead: template.accessPublicRead,
      version: 0,
      name: template.name ?? "",
      parentId: template.parentId ?? gateway?.id,
      attributes: template.attributes,
    };
    process(() => this.#store(asset), "Failed to process asset");
    return assetResponseJson("CREATE", asset);
  }

  get(assetId: string): object {
    const asset = this.#find(assetId);
    return assetJson(asset, this.#options.assets.pathOf(asset));
  }

  /** Replaces name, parent and attributes by what the template has, also where it has none. */
  update(assetId: string, text: string, gateway: Asset | undefined): object {
    const template = this.#parse(text);
    const asset = this.#options.assets.get(assetId);
    if (!asset) throw new Error("asset is gone");
    const { parentId, attributes } = template;
    if (parentId !== asset.parentId) this.#checkParent(parentId, gateway, "updated");
    checkValid(template);
    const change = { name: template.name ?? "", parentId, attributes };
    process(() => this.#options.assets.update(asset, change), "Failed to process asset");
    return assetResponseJson("UPDATE", asset, this.#options.assets.pathOf(asset));
  }

  delete(assetId: string): object {
    const asset = this.#find(assetId);
    const path = this.#options.assets.pathOf(asset);
    process(() => this.#options.assets.delete(asset), "Failed to delete asset");
    return assetResponseJson("DELETE", asset, path);
  }

  #store(asset: Asset): void {
    if (asset.realm === "" || this.#options.assets.get(asset.id)) throw new RangeError("no realm, or id is in use");
    this.#options.onCreate(asset);
  }

  #parse(text: string): AssetTemplate {
    const template = parseTemplate(text, this.#options.types, this.#options.now());
    if (!template) throw new OperationError("BAD_REQUEST", "Invalid asset template");
    return template;
  }

  #find(assetId: string): Asset {
    const asset = this.#options.assets.get(assetId);
    if (!asset) throw new OperationError("NOT_FOUND", "Asset not found");
    return asset;
  }

  /** Faithful: an asset without a parent is not looked at, wherever it was before. */
  #checkParent(parentId: string | undefined, gateway: Asset | undefined, done: string): void {
    if (parentId === undefined) return;
    const { assets } = this.#options;
    const isGateways = assets.get(parentId)?.type === gatewayType || assets.gatewayOf(parentId) !== undefined;
    const isOwn = gateway && (parentId === gateway.id || assets.isDescendant(parentId, gateway.id));
    if (gateway ? isOwn : !isGateways) return;
    throw new OperationError("BAD_REQUEST", `Bad request, the asset cannot be ${done} with the provided parent ID`);
  }
}

function checkValid({ defects }: AssetTemplate): void {
  if (defects.length > 0) throw new OperationError("BAD_REQUEST", `Asset validation failed: ${defects.join(", ")}`);
}

function process(act: () => void, message: string): void {
  try {
    act();
  } catch {
    throw new OperationError("INTERNAL_SERVER_ERROR", message);
  }
}
