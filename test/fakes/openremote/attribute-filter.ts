// SPDX-License-Identifier: Apache-2.0

import { isAssetId } from "./asset-id.js";
import type { EventFilter } from "./event-filter.js";
import type { Topic } from "./topic.js";

/** Faithful: only what a topic is of is taken in any case; the rest of it is not. */
export function kindOf(topic: Topic): string {
  return topic[2]?.toLowerCase() ?? "";
}

/** @returns undefined: not a filter that the API knows */
export function attributeFilterOf(topic: Topic): EventFilter | undefined {
  const [realm = ""] = topic;
  if (kindOf(topic) === "asset") return assetFilter(realm, topic.slice(3));
  const [, , , name = "", ...place] = topic;
  if (name === "#" || place.length === 0) return undefined;
  const filter = placeFilter("attribute", realm, place);
  return filter && name !== "+" ? { ...filter, attributeNames: [name] } : filter;
}

function assetFilter(realm: string, place: Topic): EventFilter | undefined {
  return placeFilter("asset", realm, place);
}

/** @param place the end of a filter: `#`, `+`, `{id}`, `{id}/#` or `{id}/+` */
function placeFilter(kind: EventFilter["kind"], realm: string, place: Topic): EventFilter | undefined {
  const all: EventFilter = { kind, realm, isChangesOnly: true };
  const [id, depth] = place;
  if (place.length === 1 && id === "#") return all;
  if (place.length === 1 && id === "+") return { ...all, parentIds: [undefined] };
  if (place.length > 2 || !isAssetId(id)) return undefined;
  if (depth === undefined) return { ...all, assetIds: [id] };
  if (depth === "#") return { ...all, paths: [id] };
  return depth === "+" ? { ...all, parentIds: [id] } : undefined;
}
