// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";

const reasonByCode: ReadonlyMap<string, Reason> = new Map([
  ["ENOTFOUND", "dns-failed"],
  ["EAI_AGAIN", "dns-failed"],
  ["ECONNREFUSED", "connect-refused"],
  ["EHOSTUNREACH", "host-unreachable"],
  ["ENETUNREACH", "host-unreachable"],
  ["ETIMEDOUT", "connect-timeout"],
  ["ECONNRESET", "connection-reset"],
  ["EPIPE", "connection-reset"],
] as const);

/** What an error of the operating system means to the firmware. */
export function socketReason(code: string | undefined, isConnected: boolean): Reason {
  return reasonByCode.get(code ?? "") ?? (isConnected ? "connection-reset" : "host-unreachable");
}
