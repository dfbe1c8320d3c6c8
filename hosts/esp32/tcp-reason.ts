// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";

/** What ended a connection: `err_t` of lwIP. */
export const LwipError = Object.freeze({ aborted: -13, reset: -14, closed: -15 } as const);

/** lwIP aborts a connection itself after too many repetitions, and when the interface has another address. */
export function reasonOfEnd(error: number, isConnected: boolean): Reason {
  if (isConnected) return error === LwipError.closed ? "connection-closed" : "connection-reset";
  if (error === LwipError.reset || error === LwipError.closed) return "connect-refused";
  return error === LwipError.aborted ? "connect-timeout" : "host-unreachable";
}
