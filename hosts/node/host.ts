// SPDX-License-Identifier: Apache-2.0
// The platform of main.ts where V8 runs the firmware.

import type { Host } from "../../modules/core/ports.js";
import { createProcessMachine, firmwareValues } from "./firmware-process.js";
import { settingsOf } from "./settings.js";
import { measureV8 } from "./system.js";

export function createHost(): Host {
  return createProcessMachine(firmwareValues(), "V8", measureV8);
}

/** The configuration, yet to be validated by `Device`. */
export function settings(): unknown {
  return settingsOf(firmwareValues());
}
