// SPDX-License-Identifier: Apache-2.0
// Takes the place of modules/device/config-openremote in a firmware that does without OpenRemote.

import type { BasicCredentials } from "../cloud/credentials.js";
import type { Milliseconds } from "../core/ports.js";
import type { CompleteOpenRemote } from "../device/config-openremote.js";

/** Nothing comes that far. */
export const longestKeepAlive: Milliseconds = 0;
export const defaultKeepAlive: Milliseconds = 0;

/** Throws `RangeError`. */
export function completeOpenRemote(_value: unknown): CompleteOpenRemote {
  return refuse();
}

/** Throws `RangeError`. */
export function completeServiceUser(_value: unknown, _realm: string): BasicCredentials {
  return refuse();
}

function refuse(): never {
  throw new RangeError("config.server.platform: this firmware was built without OpenRemote");
}
