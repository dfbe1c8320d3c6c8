import { Decimal } from "../json/decimal.js";
import { type Json, JsonNumber } from "../json/json.js";
import { PayloadFault, TransportFault } from "./faults.js";

/** What ThingsBoard's JSON library makes of a member that is not of the kind that is asked for. */

/** @throws {PayloadFault | TransportFault} a longer array, or null or an object */
export function gsonText(json: Json, member: string): string {
  if (typeof json === "string") return json;
  if (typeof json === "boolean") return String(json);
  if (json instanceof JsonNumber) return json.text;
  if (Array.isArray(json)) return gsonText(onlyElement(json, member), member);
  throw new TransportFault(`${member} must be a string`);
}

/** @throws {PayloadFault | TransportFault} a longer array, or anything that is no number */
export function gsonLong(json: Json, member: string): number {
  if (Array.isArray(json)) return gsonLong(onlyElement(json, member), member);
  if (json instanceof JsonNumber) return Number(BigInt.asIntN(64, new Decimal(json.text).truncated()));
  if (typeof json === "string" && /^[-+]?\d+$/.test(json)) return Number(json);
  throw new TransportFault(`${member} must be a number`);
}

/** @throws {PayloadFault | TransportFault} a longer array, or anything that is no number */
export function gsonInt(json: Json, member: string): number {
  const long = gsonLong(json, member);
  const int = Number(BigInt.asIntN(32, BigInt(long)));
  if (typeof json === "string" && int !== long) throw new TransportFault(`${member} must be a number`);
  return int;
}

/** @throws {PayloadFault | TransportFault} a longer array, or null or an object */
export function gsonBoolean(json: Json, member: string): boolean {
  return gsonText(json, member).toLowerCase() === "true";
}

function onlyElement(array: readonly Json[], member: string): Json {
  const [only] = array;
  if (only === undefined || array.length > 1) throw new PayloadFault(`${member} must not be an array`);
  return only;
}
