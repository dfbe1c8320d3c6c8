// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { AssetEvent, AttributeEvent } from "./assets-dialect.js";
import type { Json } from "./json.js";

/** `{"eventType":"attribute","ref":{"id":"…","name":"…"},"value":…,"timestamp":…,"deleted":…}`; members that are null are left out. */
export function readAttributeNews(json: Json | undefined): AttributeEvent | Reason {
  if (!(json instanceof Map)) return "malformed-json";
  const ref: unknown = json.get("ref");
  if (!(ref instanceof Map)) return "malformed-json";
  const assetId: unknown = ref.get("id");
  const name: unknown = ref.get("name");
  const timestamp: unknown = json.get("timestamp") ?? 0;
  if (typeof assetId !== "string" || typeof name !== "string" || typeof timestamp !== "number") return "malformed-json";
  return { assetId, name, value: json.get("value") ?? null, timestamp, isDeleted: json.get("deleted") === true };
}

/** `{"eventType":"asset","cause":"…","asset":{…},"timestamp":…}` */
export function readAssetNews(json: Json | undefined): AssetEvent | Reason {
  if (!(json instanceof Map)) return "malformed-json";
  const cause: unknown = json.get("cause");
  const asset: unknown = json.get("asset");
  const timestamp: unknown = json.get("timestamp") ?? 0;
  if (typeof cause !== "string" || !(asset instanceof Map) || typeof timestamp !== "number") return "malformed-json";
  return { cause, asset, timestamp };
}

/** The value of each attribute of an asset that has one. */
export function valuesOf(attributes: Json | undefined): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>();
  if (!(attributes instanceof Map)) return values;
  attributes.forEach((attribute: Json, name: string) => {
    const value: Json | undefined = attribute instanceof Map ? attribute.get("value") : undefined;
    if (value !== undefined && value !== null) values.set(name, value);
  });
  return values;
}
