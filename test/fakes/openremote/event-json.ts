// SPDX-License-Identifier: Apache-2.0

import type { Asset, Attribute } from "./asset.js";
import type { AssetCause, AssetEvent, AttributeEvent } from "./event.js";

/** What stands in an event about an attribute, also where nothing has been stored. */
export interface AttributeNews {
  readonly assetId: string;
  readonly name: string;
  readonly value: unknown;
  readonly timestamp: number;
  readonly isDeleted?: boolean;
  readonly realm?: string;
}

/** Members that are null are left out. */
export function attributeNewsJson({ assetId, name, value, timestamp, isDeleted, realm }: AttributeNews): object {
  return {
    eventType: "attribute",
    ref: { id: assetId, name },
    ...(value === null || value === undefined ? {} : { value }),
    timestamp,
    deleted: isDeleted ?? false,
    ...(realm === undefined ? {} : { realm }),
  };
}

export function attributeEventJson(event: AttributeEvent): object {
  return attributeNewsJson({ ...event, name: event.attribute.name });
}

export function assetEventJson({ cause, asset, path, timestamp, updatedProperties }: AssetEvent): object {
  return {
    eventType: "asset",
    cause,
    asset: assetJson(asset, path),
    ...(updatedProperties ? { updatedProperties } : {}),
    timestamp,
  };
}

/** The answer to an operation: an event without a time. */
export function assetResponseJson(cause: AssetCause, asset: Asset, path?: readonly string[]): object {
  return { eventType: "asset", cause, asset: assetJson(asset, path), timestamp: 0 };
}

/** @param path without it the asset is shown as before it was stored */
export function assetJson(asset: Asset, path?: readonly string[]): object {
  const { id, version, createdOn, name, accessPublicRead, parentId, realm, type, attributes } = asset;
  return {
    id,
    version,
    ...(path ? { createdOn } : {}),
    name,
    accessPublicRead,
    ...(parentId === undefined ? {} : { parentId }),
    realm,
    type,
    ...(path ? { path } : {}),
    attributes: Object.fromEntries([...attributes].map(([key, attribute]) => [key, attributeJson(attribute)])),
  };
}

export function attributeJson({ name, type, meta, value, timestamp }: Attribute): object {
  return { name, type, meta, value, timestamp };
}
