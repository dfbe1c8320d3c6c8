import { PayloadFault } from "../core/faults.js";
import { parseObjectPayload } from "../core/payload.js";
import { type Json, JsonNumber, type JsonObject, writeJson } from "../json/json.js";
import { valueJson } from "../json/value.js";
import type { Attribute, AttributeScope, Attributes } from "../store/attributes.js";

/**
 * Answers an attribute request.
 * @returns JSON text, or undefined where ThingsBoard stays silent (an empty key name)
 * @throws {PayloadFault} the request is malformed
 */
export function attributeResponse(payload: string, deviceId: string, attributes: Attributes): string | undefined {
  const request = parseObjectPayload(payload);
  const clientKeys = requestedKeys(request, "clientKeys");
  const sharedKeys = requestedKeys(request, "sharedKeys");
  if (clientKeys?.includes("") || sharedKeys?.includes("")) return undefined;
  const isEverything = !clientKeys && !sharedKeys;
  const scopeJson = (scope: AttributeScope, keys: readonly string[] | undefined): JsonObject | undefined => {
    const found = attributes.all(deviceId, scope).filter(({ key }) => isEverything || keys?.includes(key));
    return found.length > 0 ? objectOf(found) : undefined;
  };
  return writeJson({ client: scopeJson("CLIENT_SCOPE", clientKeys), shared: scopeJson("SHARED_SCOPE", sharedKeys) });
}

function objectOf(attributes: readonly Attribute[]): JsonObject {
  return new Map(attributes.map((attribute) => [attribute.key, valueJson(attribute)]));
}

/** The keys of a comma-separated string; nothing is trimmed, and a string of only commas counts as absent. */
function requestedKeys(request: JsonObject, member: string): string[] | undefined {
  const json = request.get(member);
  if (json === undefined) return undefined;
  const text = scalarText(json, member);
  if (text === "") return [""];
  const keys = text.replace(/,+$/, "");
  return keys === "" ? undefined : keys.split(",");
}

function scalarText(json: Json, member: string): string {
  if (typeof json === "string") return json;
  if (typeof json === "boolean") return String(json);
  if (json instanceof JsonNumber) return json.text;
  if (Array.isArray(json) && json.length === 1) return scalarText(json[0] ?? null, member);
  throw new PayloadFault(`${member} must be a comma-separated string`);
}
