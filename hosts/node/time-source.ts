// SPDX-License-Identifier: Apache-2.0

import type { TimeSource } from "../../modules/core/ports.js";
import type { Guard } from "./guard.js";

/** The system's clock, which the operating system keeps right. */
export function createTimeSource(guard: Guard): TimeSource {
  return {
    request: (onTime) => {
      setImmediate(() => guard.enter(() => onTime(Date.now())));
    },
  };
}
