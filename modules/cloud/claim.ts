// SPDX-License-Identifier: Apache-2.0

import { integer } from "../core/integer.js";
import type { Milliseconds } from "../core/ports.js";

export interface ClaimRequest {
  /** What the user has to know, 1 to 64 characters; none lets everybody who knows the device's name claim it. */
  readonly secretKey?: string;
  /** How long the device can be claimed, 1 s to 24 days. Default 24 h, as ThingsBoard's own. */
  readonly duration?: Milliseconds;
}

export interface CheckedClaim {
  readonly secretKey: string | undefined;
  readonly duration: Milliseconds;
}

export const longestSecret = 64;

const defaultDuration: Milliseconds = 86_400_000;
const longestDuration: Milliseconds = 24 * 86_400_000;

/** Throws `TypeError` or `RangeError` naming the field. */
export function checkClaim(request: ClaimRequest): CheckedClaim {
  if (typeof request !== "object" || request === null) throw new TypeError("request: not an object");
  const { secretKey, duration = defaultDuration } = request;
  if (secretKey !== undefined && typeof secretKey !== "string") throw new TypeError("secretKey: not a string");
  if (secretKey !== undefined && (secretKey === "" || secretKey.length > longestSecret))
    throw new RangeError(`secretKey: not 1 to ${longestSecret} characters`);
  return { secretKey, duration: integer(duration, "duration", 1_000, longestDuration) };
}
