// SPDX-License-Identifier: Apache-2.0

/** An attribute that every asset of a type has. */
export interface AttributeDescriptor {
  readonly type: string;
  /** Assets may do without it. */
  readonly isOptional?: boolean;
}

export type AssetType = Readonly<Record<string, AttributeDescriptor>>;

const notes = { type: "text" };
const location = { type: "GEO_JSONPoint" };

/** Types the manager knows. An asset of any other type may have any attributes. */
export class AssetTypes {
  readonly #types = new Map<string, AssetType>([
    ["PresenceSensorAsset", { notes, location, presence: { type: "boolean" } }],
    [
      "GatewayV2Asset",
      {
        // The manager gives what is missing.
        clientId: { type: "text", isOptional: true },
        clientSecret: { type: "text", isOptional: true },
        gatewayStatus: { type: "text", isOptional: true },
        disabled: { type: "boolean", isOptional: true },
      },
    ],
  ]);

  define(name: string, type: AssetType): void {
    this.#types.set(name, type);
  }

  descriptorsOf(name: string): AssetType {
    return this.#types.get(name) ?? {};
  }
}
