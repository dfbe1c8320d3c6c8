// SPDX-License-Identifier: Apache-2.0
// What a platform of assets decides about the wire: operations on them, and events about them. Types only.

import type { Reason } from "../core/errors.js";
import type { Json } from "./json.js";

/** Which assets. "below": the asset and everything below it. */
export interface AssetScope {
  readonly of: "realm" | "root" | "asset" | "below" | "children";
  /** Not with "realm" and "root". */
  readonly assetId?: string;
}

export interface AttributeSelection extends AssetScope {
  /** Default: every attribute. */
  readonly attribute?: string;
}

export interface AssetEvent {
  readonly cause: string;
  /** As the server has it, by its names. */
  readonly asset: ReadonlyMap<string, Json>;
  /** Milliseconds since 1970; 0 in the answer to an operation. */
  readonly timestamp: number;
}

export interface AttributeEvent {
  readonly assetId: string;
  readonly name: string;
  /** Null for none. */
  readonly value: Json;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly isDeleted: boolean;
}

/** What somebody wrote to an asset below the gateway, and what the server stores when the gateway has acknowledged it. */
export interface PendingEvent extends AttributeEvent {
  readonly ackId: string;
}

/** "asset", "attribute": whole events. "value": bare values. */
export type EventKind = "asset" | "attribute" | "value";

/** Operations; each has a topic, and another one for its response. */
export type Operation =
  | { readonly kind: "create"; readonly identifier: string }
  | { readonly kind: "get" | "update" | "delete" | "updateAttributes"; readonly assetId: string }
  | { readonly kind: "updateAttribute" | "getAttribute" | "getValue"; readonly assetId: string; readonly name: string };

export interface OperationFailure {
  readonly reason: Reason;
  /** The server's, for the log. */
  readonly message: string;
}

export interface OperationsDialect {
  /** Together they match the responses to all operations, each by one. */
  readonly responseFilters: readonly string[];
  /** What tells an operation from others that are under way: its topic, without where the device is at home. */
  keyOf(operation: Operation): string;
  topicOf(key: string): string;
  /** The key of the operation that a response belongs to. */
  keyIn(responseTopic: string): string;
  /** Whether `updateAttribute` takes text without quotes. */
  readonly takesBareText: boolean;
  readResponse(
    operation: Operation,
    payload: Uint8Array,
    byteLength: number,
  ): { readonly result: Json } | OperationFailure;
  readonly pendingFilter: string;
  acknowledgeTopic(): string;
  readPending(payload: Uint8Array, byteLength: number): PendingEvent | Reason;
}

export interface EventsDialect {
  /** Undefined where there is no such filter. */
  filterOf(kind: EventKind, scope: AttributeSelection): string | undefined;
  /** Of which attribute of which asset a bare value is; undefined for a topic without both. */
  addressOf(topic: string): { readonly assetId: string; readonly name: string } | undefined;
}

export interface AssetsDialect {
  assetIdProblem(id: string): string | undefined;
  nameProblem(name: string): string | undefined;
  readonly events: EventsDialect;
  /** Undefined where the server has no operations. */
  readonly operations: OperationsDialect | undefined;
  /** Events by the way of the operations; undefined where the server has none. */
  readonly gatewayEvents: EventsDialect | undefined;
  readAssetEvent(payload: Uint8Array, byteLength: number): AssetEvent | Reason;
  readAttributeEvent(payload: Uint8Array, byteLength: number): AttributeEvent | Reason;
  /** Undefined for what is no JSON. */
  readValue(payload: Uint8Array, byteLength: number): Json | undefined;
}
