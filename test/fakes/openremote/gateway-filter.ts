// SPDX-License-Identifier: Apache-2.0

import { isAssetId } from "./asset-id.js";
import type { EventFilter } from "./event-filter.js";
import type { Topic } from "./topic.js";

export function isValueTopic(topic: Topic): boolean {
  return topic[5] === "attributes-value";
}

export function isAttributeTopic(topic: Topic): boolean {
  return topic[5] === "attributes" || isValueTopic(topic);
}

/**
 * What a filter below `events/` selects.
 * @param gatewayId of the subscriber, if it is one
 * @returns undefined: not a filter that the API knows
 */
export function gatewayFilterOf(topic: Topic, gatewayId: string | undefined): EventFilter | undefined {
  if (topic[3] !== "assets") return undefined;
  const filter = isAttributeTopic(topic) ? attributeFilter(topic) : assetFilter(topic);
  if (!filter || gatewayId === undefined) return filter;
  // Faithful: any of the paths will do, so that a filter by path gets all that is below the gateway.
  return { ...filter, paths: [...(filter.paths ?? []), gatewayId] };
}

function assetFilter([realm = "", , , , id, depth, ...rest]: Topic): EventFilter | undefined {
  const all: EventFilter = { kind: "asset", realm };
  if (rest.length > 0) return undefined;
  if (id === "#") return all;
  if (id === "+") return depth === undefined ? { ...all, parentIds: [undefined] } : undefined;
  return isAssetId(id) ? below(all, id, depth) : undefined;
}

function attributeFilter([realm = "", , , , id, , name, depth, ...rest]: Topic): EventFilter | undefined {
  const all: EventFilter = { kind: "attribute", realm };
  if (rest.length > 0) return undefined;
  if (id === "+") return realmFilter(all, name, depth);
  if (!isAssetId(id)) return undefined;
  if (name === undefined) return { ...all, assetIds: [id] };
  return isName(name) ? below({ ...all, attributeNames: [name] }, id, depth) : undefined;
}

function realmFilter(all: EventFilter, name: string | undefined, depth: string | undefined): EventFilter | undefined {
  if (name === "#") return all;
  if (name === "+") return depth === undefined ? { ...all, parentIds: [undefined] } : undefined;
  if (!isName(name)) return undefined;
  if (depth === "#") return { ...all, attributeNames: [name] };
  return depth === "+" ? { ...all, attributeNames: [name], parentIds: [undefined] } : undefined;
}

function below(all: EventFilter, id: string, depth: string | undefined): EventFilter | undefined {
  if (depth === undefined) return { ...all, assetIds: [id] };
  if (depth === "#") return { ...all, paths: [id] };
  return depth === "+" ? { ...all, parentIds: [id] } : undefined;
}

function isName(token: string | undefined): token is string {
  return token !== undefined && token !== "" && token !== "+" && token !== "#";
}
