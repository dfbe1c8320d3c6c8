// SPDX-License-Identifier: Apache-2.0

import type { Asset, Attribute } from "./asset.js";

/** Where an asset stood when something happened to it. */
interface Place {
  readonly assetId: string;
  readonly realm: string;
  readonly parentId: string | undefined;
  /** Ids from the root to the asset itself. */
  readonly path: readonly string[];
}

export interface AttributeEvent extends Place {
  readonly kind: "attribute";
  readonly attribute: Attribute;
  readonly value: unknown;
  readonly timestamp: number;
  /** Of the value before. */
  readonly oldTimestamp: number;
  readonly isDeleted: boolean;
}

export type AssetCause = "CREATE" | "UPDATE" | "DELETE";

export interface AssetEvent extends Place {
  readonly kind: "asset";
  readonly cause: AssetCause;
  /** A copy of its own. */
  readonly asset: Asset;
  readonly timestamp: number;
  readonly updatedProperties: readonly string[] | undefined;
}

export type Event = AttributeEvent | AssetEvent;

export type EventConsumer = (event: Event) => void;
