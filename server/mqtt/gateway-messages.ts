import { Fault, GatewayFault, PayloadFault } from "../core/faults.js";
import type { MessageTimes } from "../core/gateway-metrics.js";
import { gsonBoolean, gsonInt, gsonLong, gsonText } from "../core/gson.js";
import { parsePayload, type TelemetryGroup, telemetryGroups } from "../core/payload.js";
import { type Json, type JsonObject, writeJson } from "../json/json.js";

/** The profile of devices that are named without a type. */
export const defaultType = "default";

export interface ConnectMessage {
  readonly device: string;
  readonly type: string;
}

export interface AttributesRequest {
  readonly id: number;
  readonly device: string;
  readonly isClient: boolean;
  /** Each once. None is all of both scopes. */
  readonly keys: readonly string[];
}

export interface RpcResponse {
  readonly device: string;
  readonly id: number;
  /** JSON text. */
  readonly data: string;
}

/** The name of a device, and what was said of it. */
export type DeviceEntry<T extends Json> = readonly [device: string, json: T];

/** @throws {PayloadFault | GatewayFault} no JSON; no object, or one without a name */
export function parseConnect(payload: string): ConnectMessage {
  return parse(payload, (message) => {
    const type = message.get("type") ?? null;
    return { device: nameOf(message), type: type === null ? defaultType : gsonText(type, "type") };
  });
}

/** @throws {PayloadFault | GatewayFault} as {@link parseConnect} */
export function parseDisconnect(payload: string): string {
  return parse(payload, nameOf);
}

/** @throws {PayloadFault | GatewayFault} no JSON; no object, or a member is missing */
export function parseAttributesRequest(payload: string): AttributesRequest {
  return parse(payload, (message) => ({
    id: gsonInt(required(message, "id"), "id"),
    device: gsonText(required(message, "device"), "device"),
    isClient: gsonBoolean(required(message, "client"), "client"),
    keys: [...new Set(requestedKeys(message))],
  }));
}

/** @throws {PayloadFault | GatewayFault} as {@link parseAttributesRequest} */
export function parseRpcResponse(payload: string): RpcResponse {
  return parse(payload, (message) => ({
    device: gsonText(required(message, "device"), "device"),
    id: gsonInt(required(message, "id"), "id"),
    data: writeJson(required(message, "data")),
  }));
}

/**
 * The devices of which something of the right kind is said; the others are skipped without a word.
 * @throws {PayloadFault | GatewayFault} no JSON; no object, or nothing is left
 */
export function parseDeviceEntries<T extends Json>(payload: string, isKind: (json: Json) => json is T) {
  return parse(payload, (message) => {
    const entries: DeviceEntry<T>[] = [];
    for (const [device, json] of message) if (isKind(json)) entries.push([device, json]);
    if (entries.length === 0) throw new PayloadFault("nothing is said of any device");
    return entries;
  });
}

/**
 * Takes what a gateway notes about its messages out of the telemetry of a device.
 * @throws {Fault} the notes are incomplete, or the telemetry is malformed
 */
export function gatewayTelemetry(array: readonly Json[], now: number) {
  const times: MessageTimes[] = [];
  const samples = array.map((element) => {
    if (!(element instanceof Map) || !element.has("metadata")) return element;
    times.push(messageTimes(element.get("metadata") ?? null));
    return new Map([...element].filter(([key]) => key !== "metadata"));
  });
  const groups: readonly TelemetryGroup[] = telemetryGroups(samples, now);
  return { groups, times };
}

function messageTimes(json: Json): MessageTimes {
  if (!(json instanceof Map)) throw new PayloadFault("metadata must be an object");
  return {
    connector: gsonText(required(json, "connector"), "connector"),
    receivedTs: gsonLong(required(json, "receivedTs"), "receivedTs"),
    publishedTs: gsonLong(required(json, "publishedTs"), "publishedTs"),
  };
}

function parse<T>(payload: string, read: (message: JsonObject) => T): T {
  const json = parsePayload(payload);
  try {
    if (!(json instanceof Map)) throw new PayloadFault("the payload must be a JSON object");
    return read(json);
  } catch (error) {
    throw error instanceof Fault ? new GatewayFault(error.message) : error;
  }
}

function nameOf(message: JsonObject): string {
  const name = gsonText(required(message, "device"), "device");
  if (name === "") throw new PayloadFault("device must not be empty");
  return name;
}

function requestedKeys(message: JsonObject): string[] {
  if (message.has("key")) return [gsonText(required(message, "key"), "key")];
  const keys = required(message, "keys");
  if (!Array.isArray(keys)) throw new PayloadFault("keys must be an array");
  return keys.map((key) => gsonText(key, "keys"));
}

function required(object: JsonObject, member: string): Json {
  const json = object.get(member);
  if (json === undefined) throw new PayloadFault(`${member} is missing`);
  return json;
}
