// SPDX-License-Identifier: Apache-2.0

import type { Host } from "../core/ports.js";
import type { Device } from "./device.js";

/** What a program does with its device: declares attributes, answers calls, reports. Called once, before the device connects. */
export type Application = (device: Device, host: Host) => void;

/** What a package of application code ("sw_") exports. */
export interface ApplicationModule {
  readonly default: Application;
  /** `frameworkVersion` of the firmware that it was built for, written out: it runs on no other. */
  readonly framework: string;
}

/** Changes when application code that was built for the firmware before no longer fits: with the names of modules, and the API. */
export const frameworkVersion = "0.1";
