// SPDX-License-Identifier: Apache-2.0

/** One attribute of a new asset. */
export interface AttributeSpec {
  /** Default what the type of the asset says, or else by the value. */
  readonly type?: string;
  readonly value?: unknown;
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970, default now. */
  readonly timestamp?: number;
}

export interface AssetSpec {
  readonly realm: string;
  /** Default made up. */
  readonly id?: string;
  /** Default "ThingAsset", which may have any attributes. "GatewayV2Asset" makes a gateway with a service user. */
  readonly type?: string;
  /** Default the type. */
  readonly name?: string;
  readonly parentId?: string;
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

export interface AssetEdit {
  readonly name?: string;
  /** Null: to the root. */
  readonly parentId?: string | null;
  /** All that it is to have; values that are kept have to be given again. */
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}
