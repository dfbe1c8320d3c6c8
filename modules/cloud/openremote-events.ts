// SPDX-License-Identifier: Apache-2.0

import type { AttributeSelection, EventKind, EventsDialect } from "./assets-dialect.js";
import type { OpenRemoteAddress } from "./openremote-address.js";

/** What follows the level that names the assets. */
const ends = Object.freeze({ realm: "#", root: "+", asset: "", below: "/#", children: "/+" } as const);

function placeOf({ of, assetId = "" }: AttributeSelection): string {
  return of === "realm" || of === "root" ? ends[of] : assetId + ends[of];
}

/** Events by the released API: `asset/…`, `attribute/{name}/…`, `attributevalue/{name}/…`. */
export class OpenRemoteEvents implements EventsDialect {
  readonly #address: OpenRemoteAddress;

  constructor(address: OpenRemoteAddress) {
    this.#address = address;
  }

  filterOf(kind: EventKind, scope: AttributeSelection): string {
    const place = placeOf(scope);
    if (kind === "asset") return `asset/${place}`;
    return `${kind === "attribute" ? "attribute" : "attributevalue"}/${scope.attribute ?? "+"}/${place}`;
  }

  /** `attributevalue/{name}/{assetId}`, with the asset of the filter before the last level where that has a wildcard at the end. */
  addressOf(topic: string): { assetId: string; name: string } | undefined {
    const levels = this.#address.tailOf(topic)?.split("/") ?? [];
    const [level, name, ...places] = levels;
    const assetId = places.at(-1);
    if (level !== "attributevalue" || name === undefined || assetId === undefined) return undefined;
    return { assetId, name };
  }
}

/** Events by the MQTT Gateway API: `events/assets/…`. */
export class OpenRemoteGatewayEvents implements EventsDialect {
  readonly #address: OpenRemoteAddress;

  constructor(address: OpenRemoteAddress) {
    this.#address = address;
  }

  /** There are no filters of every attribute of the assets below one. */
  filterOf(kind: EventKind, scope: AttributeSelection): string | undefined {
    if (kind === "asset") return `events/assets/${placeOf(scope)}`;
    const level = kind === "attribute" ? "attributes" : "attributes-value";
    const { of, assetId = "", attribute } = scope;
    const name = attribute === undefined ? "" : `/${attribute}`;
    if (of === "realm" || of === "root") return `events/assets/+/${level}${name}/${ends[of]}`;
    if (of !== "asset" && attribute === undefined) return undefined;
    return `events/assets/${assetId}/${level}${name}${ends[of]}`;
  }

  /** `events/assets/{assetId}/attributes-value/{name}`, with the asset behind that where the filter has a wildcard at the end. */
  addressOf(topic: string): { assetId: string; name: string } | undefined {
    const levels = this.#address.tailOf(topic)?.split("/") ?? [];
    const [events, assets, first, level, name, last] = levels;
    if (events !== "events" || assets !== "assets" || level !== "attributes-value") return undefined;
    const assetId = last ?? first;
    return name === undefined || assetId === undefined ? undefined : { assetId, name };
  }
}
