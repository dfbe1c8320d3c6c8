// SPDX-License-Identifier: Apache-2.0
// Takes the place of modules/device/config-gateway in a firmware that is no gateway.

import { section } from "../device/config-fields.js";
import type { CompleteGateway } from "../device/config-gateway.js";

/** Throws `TypeError` or `RangeError` naming the field, above all for a gateway. */
export function completeGateway(value: unknown): CompleteGateway {
  const { maxChildren = 0 } = section(value ?? {}, "config.gateway", [
    "maxChildren",
    "attributesCapacity",
    "connector",
  ]);
  if (maxChildren !== 0)
    throw new RangeError("config.gateway.maxChildren: this firmware was built without what a gateway needs");
  return Object.freeze({ maxChildren: 0, attributesCapacity: 0, connector: undefined });
}
