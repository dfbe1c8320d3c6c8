// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { RateLimit, RateLimits, SessionLimits } from "./dialect.js";
import type { Json } from "./json.js";

/** A tenant profile has one or two pairs per limit. */
const maxPairs = 8;

/**
 * With less than this a device could not even ask whether the limit still holds, and would be silent for ever, and give up all that it
 * has stored as too large.
 */
const leastPayload = 512;

/** 31 days: one publish in that time is no limit, but somebody's mistake. */
const longestPeriodSeconds = 2_678_400;

/**
 * Reads the answer to `getSessionLimits`:
 * `{"maxPayloadSize":65536,"maxInflightMessages":100,"rateLimits":{"messages":"20:1,600:60","telemetryMessages":null,…}}`, for a gateway
 * with `gatewayRateLimits` of the same shape, which are those of its sub-devices.
 * What is absent or null does not limit; what is there and cannot be understood, or cannot be meant, makes the whole answer malformed.
 */
export function readThingsBoardLimits(result: Json): SessionLimits | Reason {
  if (!(result instanceof Map)) return "malformed-json";
  const maxPayload = readCount(result.get("maxPayloadSize"), leastPayload);
  const maxInflight = readCount(result.get("maxInflightMessages"));
  const ofGateway = result.get("gatewayRateLimits") ?? undefined;
  const rates = readRateLimits(result.get("rateLimits"));
  const subDevices = readRateLimits(ofGateway);
  if (maxPayload === "malformed-json" || maxInflight === "malformed-json") return "malformed-json";
  if (!rates || !subDevices) return "malformed-json";
  const limits = { ...rates, maxPayload, maxInflight };
  return ofGateway === undefined ? limits : { ...limits, subDevices };
}

const noRates: ReadonlyMap<string, Json> = new Map();

function readRateLimits(value: Json | undefined): RateLimits | undefined {
  const rates: unknown = value ?? noRates;
  if (!(rates instanceof Map)) return undefined;
  const messages = readRates(rates.get("messages"));
  const telemetryMessages = readRates(rates.get("telemetryMessages"));
  const telemetryDataPoints = readRates(rates.get("telemetryDataPoints"));
  if (!messages || !telemetryMessages || !telemetryDataPoints) return undefined;
  return { messages, telemetryMessages, telemetryDataPoints };
}

function readCount(value: Json | undefined, least = 1): number | undefined | "malformed-json" {
  if (value === undefined || value === null) return undefined;
  return isCount(value) && value >= least ? value : "malformed-json";
}

/** "count:seconds" pairs, joined by commas; undefined when it is something else. */
function readRates(value: Json | undefined): readonly RateLimit[] | undefined {
  if (value === undefined || value === null || value === "") return [];
  if (typeof value !== "string") return undefined;
  const pairs = value.split(",");
  if (pairs.length > maxPairs) return undefined;
  const rates: RateLimit[] = [];
  for (const pair of pairs) {
    const colon = pair.indexOf(":");
    const count = Number(pair.slice(0, Math.max(0, colon)));
    const seconds = Number(pair.slice(colon + 1));
    if (colon < 1 || !isCount(count) || !isCount(seconds) || seconds > longestPeriodSeconds) return undefined;
    rates.push({ count, period: seconds * 1000 });
  }
  return rates;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}
