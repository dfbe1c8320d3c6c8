// SPDX-License-Identifier: Apache-2.0

import type { GrantedRole } from "./user.js";

/** Which certificates make a device known, and as what. */
export interface ProvisioningConfig {
  readonly realm: string;
  /** Of the authority that signs the devices' certificates itself; PEM. */
  readonly authority: string;
  isDisabled: boolean;
  readonly ignoresExpiry: boolean;
  /** JSON of the asset to be made, `%UNIQUE_ID%` standing for the common name; undefined: none is. */
  readonly assetTemplate: string | undefined;
  readonly roles: readonly GrantedRole[];
  readonly isRestricted: boolean;
}

export type ProvisioningConfigSpec = Pick<ProvisioningConfig, "realm" | "authority"> &
  Partial<Omit<ProvisioningConfig, "realm" | "authority">>;
