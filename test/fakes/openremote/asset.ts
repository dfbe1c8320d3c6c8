// SPDX-License-Identifier: Apache-2.0

/** One value in an attribute's history. */
export interface Point {
  readonly timestamp: number;
  readonly value: unknown;
}

export interface Attribute {
  readonly name: string;
  /** "number", "integer", "boolean", "text", or another, which takes any JSON. */
  readonly type: string;
  readonly meta: Readonly<Record<string, unknown>>;
  value: unknown;
  /** Of the value, milliseconds since 1970. */
  timestamp: number;
}

export type Attributes = ReadonlyMap<string, Attribute>;

export interface Asset {
  readonly id: string;
  readonly realm: string;
  readonly type: string;
  readonly createdOn: number;
  readonly accessPublicRead: boolean;
  version: number;
  name: string;
  /** Undefined at the root of the realm. */
  parentId: string | undefined;
  attributes: Attributes;
}

export const gatewayType = "GatewayV2Asset";

/** Names of meta items that the manager looks at. */
export const meta = {
  storeDataPoints: "storeDataPoints",
  restrictedRead: "accessRestrictedRead",
  restrictedWrite: "accessRestrictedWrite",
  userConnected: "userConnected",
  constraints: "constraints",
} as const;

export function hasFlag(attribute: Attribute, name: string): boolean {
  return attribute.meta[name] === true;
}
