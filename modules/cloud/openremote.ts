// SPDX-License-Identifier: Apache-2.0

import type { Clock, Text } from "../core/ports.js";
import type { Dialect } from "./dialect.js";
import { JsonScanner } from "./json-scanner.js";
import type { OpenRemoteAddress } from "./openremote-address.js";
import { OpenRemoteAttributes } from "./openremote-attributes.js";
import { OpenRemoteRefusals } from "./openremote-refusals.js";
import { type CommandAttributes, OpenRemoteRpc } from "./openremote-rpc.js";
import { OpenRemoteTelemetry } from "./openremote-telemetry.js";

export interface OpenRemoteOptions {
  readonly clock: Clock;
  readonly text: Text;
  readonly address: OpenRemoteAddress;
  /** Undefined where the asset has no such attributes. */
  readonly commands: CommandAttributes | undefined;
  /** Attributes that are not written, because the asset does not have them. */
  readonly silenced: readonly string[];
}

/** The wire of an OpenRemote manager: what a device does with its own asset. */
export class OpenRemote implements Dialect {
  readonly name = "OpenRemote";
  readonly telemetry: OpenRemoteTelemetry;
  readonly attributes: OpenRemoteAttributes;
  readonly requests = undefined;
  readonly rpc: OpenRemoteRpc | undefined;
  readonly calls = undefined;
  readonly provisioning = undefined;
  readonly claim = undefined;
  readonly gateway = undefined;
  readonly firmware = undefined;
  readonly software = undefined;

  constructor({ clock, text, address, commands, silenced }: OpenRemoteOptions) {
    const scanner = new JsonScanner({ text });
    const refusals = new OpenRemoteRefusals(clock, silenced);
    this.telemetry = new OpenRemoteTelemetry(address, refusals);
    this.attributes = new OpenRemoteAttributes(scanner, address, refusals);
    this.rpc = commands && new OpenRemoteRpc(scanner, address, commands);
  }
}
