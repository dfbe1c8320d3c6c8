// SPDX-License-Identifier: Apache-2.0

import { type Asset, hasFlag, meta } from "./asset.js";
import type { AssetEvent, AttributeEvent, Event } from "./event.js";

/** Which events a subscription gets. A member that is undefined, or an empty list, lets all through. */
export interface EventFilter {
  readonly kind: Event["kind"];
  readonly realm: string;
  readonly assetIds?: readonly string[];
  /** Undefined among them: assets at the root. */
  readonly parentIds?: readonly (string | undefined)[];
  /** Assets below any of these, and these themselves. */
  readonly paths?: readonly string[];
  readonly attributeNames?: readonly string[];
  /** Attribute events only of values with a time other than before. */
  readonly isChangesOnly?: boolean;
  /** Of a restricted user: the assets linked to it when it subscribed. */
  readonly linkedAssets?: ReadonlySet<string>;
}

/** @returns the event as the subscriber may see it; undefined: it may not */
export function passed(filter: EventFilter, event: Event): Event | undefined {
  if (event.kind !== filter.kind || event.realm !== filter.realm) return undefined;
  if (filter.assetIds && !filter.assetIds.includes(event.assetId)) return undefined;
  if (filter.parentIds && !filter.parentIds.includes(event.parentId)) return undefined;
  if (filter.paths && !filter.paths.some((id) => event.path.includes(id))) return undefined;
  if (filter.linkedAssets && !filter.linkedAssets.has(event.assetId)) return undefined;
  return event.kind === "attribute" ? passedAttribute(filter, event) : passedAsset(filter, event);
}

function passedAttribute(filter: EventFilter, event: AttributeEvent): AttributeEvent | undefined {
  if (filter.attributeNames && !filter.attributeNames.includes(event.attribute.name)) return undefined;
  if (filter.isChangesOnly && event.timestamp === event.oldTimestamp) return undefined;
  if (filter.linkedAssets && !hasFlag(event.attribute, meta.restrictedRead)) return undefined;
  return event;
}

function passedAsset({ linkedAssets }: EventFilter, event: AssetEvent): AssetEvent {
  return linkedAssets ? { ...event, asset: withoutUnreadable(event.asset) } : event;
}

function withoutUnreadable(asset: Asset): Asset {
  const attributes = [...asset.attributes].filter(([, attribute]) => hasFlag(attribute, meta.restrictedRead));
  return { ...asset, attributes: new Map(attributes) };
}
