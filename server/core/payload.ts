import type { Json, JsonObject } from "../json/json.js";
import { parseLenientJson } from "../json/lenient-parser.js";
import { type Entry, typedEntries } from "../json/value.js";
import { PayloadFault } from "./faults.js";
import { gsonLong } from "./gson.js";

/** Samples of one instant. */
export interface TelemetryGroup {
  readonly ts: number;
  readonly entries: readonly Entry[];
}

/** @throws {PayloadFault} not even lenient JSON */
export function parsePayload(text: string): Json {
  try {
    return parseLenientJson(text);
  } catch (error) {
    throw new PayloadFault(error instanceof Error ? error.message : String(error));
  }
}

/** @throws {PayloadFault} not a JSON object */
export function parseObjectPayload(text: string): JsonObject {
  const json = parsePayload(text);
  if (!(json instanceof Map)) throw new PayloadFault("the payload must be a JSON object");
  return json;
}

/** @throws {PayloadFault} a number that cannot be stored */
export function valueEntries(object: JsonObject): Entry[] {
  try {
    return typedEntries(object);
  } catch (error) {
    throw new PayloadFault(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Telemetry in all its grammars: an object or an array of objects, each with `ts` and `values` or bare.
 * @param now the time of samples that bring none
 */
export function telemetryGroups(json: Json, now: number): TelemetryGroup[] {
  if (!Array.isArray(json) && !(json instanceof Map)) throw new PayloadFault("telemetry must be an object or an array");
  const elements = Array.isArray(json) ? json : [json];
  return elements.map((element) => {
    if (!(element instanceof Map)) throw new PayloadFault("an element of the telemetry array must be an object");
    return telemetryGroup(element, now);
  });
}

function telemetryGroup(object: JsonObject, now: number): TelemetryGroup {
  const ts = object.get("ts");
  const values = object.get("values");
  if (ts === undefined || values === undefined) return { ts: now, entries: valueEntries(object) };
  const time = gsonLong(ts, "ts");
  if (!(values instanceof Map)) throw new PayloadFault("values must be an object");
  return { ts: time, entries: valueEntries(values) };
}
