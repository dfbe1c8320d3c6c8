// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../core/ports.js";
import type { Dialect } from "./dialect.js";
import { JsonScanner } from "./json-scanner.js";
import { ThingsBoardAttributes } from "./thingsboard-attributes.js";
import { ThingsBoardClaim } from "./thingsboard-claim.js";
import { ThingsBoardGateway } from "./thingsboard-gateway.js";
import { ThingsBoardOta } from "./thingsboard-ota.js";
import { ThingsBoardProvisioning } from "./thingsboard-provisioning.js";
import { ThingsBoardRpc } from "./thingsboard-rpc.js";
import { ThingsBoardTelemetry } from "./thingsboard-telemetry.js";

/** The wire of ThingsBoard and its rebrands, JSON payloads. */
export class ThingsBoard implements Dialect {
  readonly name = "ThingsBoard";
  readonly telemetry: ThingsBoardTelemetry;
  readonly attributes: ThingsBoardAttributes;
  readonly requests: ThingsBoardAttributes;
  readonly rpc: ThingsBoardRpc;
  readonly calls: ThingsBoardRpc;
  readonly provisioning: ThingsBoardProvisioning;
  readonly claim: ThingsBoardClaim;
  readonly gateway: ThingsBoardGateway;
  readonly firmware: ThingsBoardOta;
  readonly software: ThingsBoardOta;

  constructor(text: Text) {
    const scanner = new JsonScanner({ text });
    this.telemetry = new ThingsBoardTelemetry();
    this.attributes = new ThingsBoardAttributes(scanner);
    this.requests = this.attributes;
    this.rpc = new ThingsBoardRpc(scanner);
    this.calls = this.rpc;
    this.provisioning = new ThingsBoardProvisioning(scanner);
    this.claim = new ThingsBoardClaim();
    this.gateway = new ThingsBoardGateway(scanner);
    this.firmware = new ThingsBoardOta(text, "fw");
    this.software = new ThingsBoardOta(text, "sw");
  }
}
