import type { Context } from "hono";
import { type Json, JsonNumber, type JsonObject } from "../json/json.js";
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

/** @throws {RestError} 400, the member is there and is no integer */
export function optionalInteger(object: JsonObject, member: string): number | undefined {
  const json = object.get(member) ?? undefined;
  if (json === undefined) return undefined;
  const value = json instanceof JsonNumber ? Number(json.text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw badRequest(`'${member}' must be an integer`);
  return value;
}

/** @throws {RestError} 400, the member is there and is no object */
export function optionalObject(object: JsonObject, member: string): JsonObject | undefined {
  const json = object.get(member) ?? undefined;
  if (json !== undefined && !(json instanceof Map)) throw badRequest(`'${member}' must be an object`);
  return json;
}

/** @throws {RestError} 400, the member is there and is none of the values */
export function oneOf<T extends string>(object: JsonObject, member: string, values: readonly T[]): T | undefined {
  const text = optionalString(object, member);
  const value = values.find((candidate) => candidate === text);
  if (text !== undefined && value === undefined) throw badRequest(`'${member}' must be one of ${values.join(", ")}`);
  return value;
}

/** @throws {RestError} 400 */
export function uuidOf(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) throw badRequest(`Invalid UUID string: ${text}`);
  return text;
}

/** @throws {RestError} 400 no id, 404 no such device */
export function deviceById(store: Store, deviceId: string): Device {
  const device = store.devices.get(uuidOf(deviceId));
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
