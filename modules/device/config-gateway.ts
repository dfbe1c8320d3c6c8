// SPDX-License-Identifier: Apache-2.0
// The fields of the configuration of a device that speaks for others.

import { integer } from "../core/integer.js";
import { section, text } from "./config-fields.js";

export interface GatewayConfig {
  /**
   * Devices behind this one from one start of the firmware to the next, 0 to 250; `docs/footprint.md` says what each takes. Default 0:
   * the device is no gateway. The platform has to hold it for one, too.
   */
  readonly maxChildren?: number;
  /** Bytes of XS heap that attributes of these devices take until the server has them, 1,024 to 1,048,576. Default 32,768. */
  readonly attributesCapacity?: number;
  /**
   * What these devices are connected by, 1 to 64 characters: under this name the platform tells in the gateway's telemetry
   * `gatewayMetrics` how long new data took through the gateway and to the server. Default: it does not.
   */
  readonly connector?: string;
}

export interface CompleteGateway {
  readonly maxChildren: number;
  readonly attributesCapacity: number;
  readonly connector: string | undefined;
}

/** Throws `TypeError` or `RangeError` naming the field. */
export function completeGateway(value: unknown): CompleteGateway {
  const gateway = section(value ?? {}, "config.gateway", ["maxChildren", "attributesCapacity", "connector"]);
  return Object.freeze({
    maxChildren: integer(gateway.maxChildren ?? 0, "config.gateway.maxChildren", 0, 250),
    attributesCapacity: integer(
      gateway.attributesCapacity ?? 32_768,
      "config.gateway.attributesCapacity",
      1_024,
      1_048_576,
    ),
    connector: gateway.connector === undefined ? undefined : text(gateway.connector, "config.gateway.connector", 1, 64),
  });
}
