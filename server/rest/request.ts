import type { Context } from "hono";
import type { Json, JsonObject } from "../json/json.js";
import { parseLenientJson } from "../json/lenient-parser.js";
import type { Device } from "../store/devices.js";
import type { Store } from "../store/store.js";
import { badRequest, notFound } from "./errors.js";

/** @throws {RestError} 400, the body is not a JSON object */
export async function objectBody(c: Context): Promise<JsonObject> {
  const text = await c.req.text();
  let json: Json;
  try {
    json = parseLenientJson(text);
  } catch {
    throw badRequest("Invalid request body");
  }
  if (!(json instanceof Map)) throw badRequest("Request body must be a JSON object");
  return json;
}

/** @throws {RestError} 400, the member is there and is no string */
export function optionalString(object: JsonObject, member: string): string | undefined {
  const json = object.get(member) ?? undefined;
  if (json !== undefined && typeof json !== "string") throw badRequest(`'${member}' must be a string`);
  return json;
}

/** @throws {RestError} 400 no id, 404 no such device */
export function deviceById(store: Store, deviceId: string): Device {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(deviceId))
    throw badRequest(`Invalid UUID string: ${deviceId}`);
  const device = store.devices.get(deviceId);
  if (!device) throw notFound(`Device with id [${deviceId}] is not found`);
  return device;
}

/** @throws {RestError} 400, the parameter is missing or no integer */
export function integerQuery(c: Context, name: string, fallback?: number): number {
  const text = c.req.query(name);
  if (text === undefined && fallback !== undefined) return fallback;
  if (text === undefined) throw badRequest(`Required request parameter '${name}' is not present`);
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`Request parameter '${name}' must be an integer`);
  return Number(text);
}

/** The keys of `?keys=a,b`, or undefined without it. */
export function keysQuery(c: Context): string[] | undefined {
  const keys = c.req.query("keys");
  return keys === undefined || keys === "" ? undefined : keys.split(",");
}
