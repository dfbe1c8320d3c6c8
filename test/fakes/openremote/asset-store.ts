// SPDX-License-Identifier: Apache-2.0

import { type Asset, type Attribute, type Attributes, gatewayType } from "./asset.js";
import type { AssetEvent } from "./event.js";
import type { EventBus } from "./event-bus.js";

export interface AssetChange {
  readonly name: string;
  readonly parentId: string | undefined;
  readonly attributes: Attributes;
}

/** All assets of all realms. Every change of one is an event. */
export class AssetStore {
  readonly #assets = new Map<string, Asset>();
  readonly #bus: EventBus;
  readonly #now: () => number;

  constructor(bus: EventBus, now: () => number) {
    this.#bus = bus;
    this.#now = now;
  }

  get(id: string | undefined): Asset | undefined {
    return id === undefined ? undefined : this.#assets.get(id);
  }

  all(): Asset[] {
    return [...this.#assets.values()];
  }

  /** Ids from the root to the asset itself. */
  pathOf(asset: Asset): string[] {
    const parent = this.get(asset.parentId);
    return parent ? [...this.pathOf(parent), asset.id] : [asset.id];
  }

  isDescendant(id: string | undefined, ancestorId: string): boolean {
    const asset = this.get(id);
    return asset !== undefined && asset.id !== ancestorId && this.pathOf(asset).includes(ancestorId);
  }

  /** The gateway that an asset is below of. */
  gatewayOf(id: string | undefined): Asset | undefined {
    const asset = this.get(id);
    const ancestors = asset ? this.pathOf(asset).slice(0, -1) : [];
    return ancestors.map((ancestor) => this.get(ancestor)).findLast((ancestor) => ancestor?.type === gatewayType);
  }

  /** @throws {RangeError} there is no such parent in the realm */
  create(asset: Asset): void {
    this.#checkParent(asset.realm, asset.parentId);
    this.#assets.set(asset.id, asset);
    this.#publishAsset("CREATE", asset);
    for (const attribute of asset.attributes.values()) this.#publishAttribute(asset, attribute, attribute.timestamp);
  }

  /** @throws {RangeError} there is no such parent in the realm, or it is the asset itself or below it */
  update(asset: Asset, { name, parentId, attributes }: AssetChange): void {
    this.#checkParent(asset.realm, parentId);
    if (parentId === asset.id || this.isDescendant(parentId, asset.id)) throw new RangeError("parent is a descendant");
    const isMoved = name !== asset.name || parentId !== asset.parentId;
    const before = asset.attributes;
    const changed = changedAttributes(before, attributes);
    const removed = [...before.values()].filter((attribute) => !attributes.has(attribute.name));
    const properties = [
      ...(name === asset.name ? [] : ["name"]),
      ...(parentId === asset.parentId ? [] : ["parentId"]),
      ...(changed.length + removed.length === 0 ? [] : ["attributes"]),
    ];
    if (properties.length === 0) return;
    Object.assign(asset, { name, parentId, attributes, version: asset.version + 1 });
    this.#publishAsset("UPDATE", asset, properties);
    for (const attribute of removed) this.#publishRemoval(asset, attribute);
    // What an asset is called and where it stands concerns all of its attributes.
    for (const attribute of isMoved ? attributes.values() : changed) {
      this.#publishAttribute(asset, attribute, before.get(attribute.name)?.timestamp ?? 0);
    }
  }

  /** Deletes an asset and all below it, those first. */
  delete(asset: Asset): void {
    const path = this.pathOf(asset);
    for (const child of this.all()) if (child.parentId === asset.id) this.delete(child);
    this.#assets.delete(asset.id);
    this.#publishAsset("DELETE", asset, undefined, path);
  }

  #checkParent(realm: string, parentId: string | undefined): void {
    if (parentId !== undefined && this.get(parentId)?.realm !== realm) throw new RangeError(`no parent ${parentId}`);
  }

  #publishAsset(
    cause: AssetEvent["cause"],
    asset: Asset,
    updatedProperties?: readonly string[],
    path: readonly string[] = this.pathOf(asset),
  ): void {
    const { id, realm, parentId } = asset;
    const timestamp = this.#now();
    const snapshot = { ...asset, attributes: copyOf(asset.attributes) };
    this.#bus.publish({
      kind: "asset",
      cause,
      assetId: id,
      realm,
      parentId,
      path,
      asset: snapshot,
      timestamp,
      updatedProperties,
    });
  }

  #publishAttribute(asset: Asset, attribute: Attribute, oldTimestamp: number): void {
    const { id: assetId, realm, parentId } = asset;
    const { value, timestamp } = attribute;
    const path = this.pathOf(asset);
    const place = { assetId, realm, parentId, path };
    this.#bus.publish({ kind: "attribute", ...place, attribute, value, timestamp, oldTimestamp, isDeleted: false });
  }

  #publishRemoval(asset: Asset, attribute: Attribute): void {
    const { id: assetId, realm, parentId } = asset;
    const place = { assetId, realm, parentId, path: this.pathOf(asset) };
    const timestamp = this.#now();
    this.#bus.publish({
      kind: "attribute",
      ...place,
      attribute,
      value: null,
      timestamp,
      oldTimestamp: 0,
      isDeleted: true,
    });
  }
}

export function copyOf(attributes: Attributes): Attributes {
  return new Map([...attributes].map(([name, attribute]) => [name, { ...attribute }]));
}

function changedAttributes(before: Attributes, after: Attributes): Attribute[] {
  return [...after.values()].filter((attribute) => {
    const old = before.get(attribute.name);
    return !old || JSON.stringify(old) !== JSON.stringify(attribute);
  });
}
