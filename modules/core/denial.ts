// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "./errors.js";

const denials: readonly Reason[] = Object.freeze(["connection-closed", "connection-reset", "closed-after-connack"]);

/** Whether a session may have ended so because the server denies what it was sent, for which MQTT 3.1.1 has no word. */
export function mayBeDenial(reason: Reason): boolean {
  return denials.includes(reason);
}
