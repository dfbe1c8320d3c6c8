import { type JsonOutput, writeJson } from "../json/json.js";
import { valueJson } from "../json/value.js";
import type { Attribute, AttributeScope, Attributes } from "../store/attributes.js";
import type { Device } from "../store/devices.js";
import type { AttributesRequest } from "./gateway-messages.js";

/**
 * Answers a gateway's attribute request.
 * @returns JSON text, or undefined where ThingsBoard stays silent (an empty key name)
 */
export function gatewayAttributeResponse(
  { id, isClient, keys }: AttributesRequest,
  device: Device,
  attributes: Attributes,
): string | undefined {
  if (keys.includes("")) return undefined;
  const found = (scope: AttributeScope): Attribute[] => {
    return attributes.all(device.id, scope).filter(({ key }) => keys.length === 0 || keys.includes(key));
  };
  const isWanted = (scope: AttributeScope): boolean => keys.length === 0 || (scope === "CLIENT_SCOPE") === isClient;
  const response = new Map<string, JsonOutput>([
    ["id", id],
    ["device", device.name],
  ]);
  for (const scope of ["CLIENT_SCOPE", "SHARED_SCOPE"] as const) {
    if (isWanted(scope)) addValues(response, found(scope), keys.length > 1);
  }
  return writeJson(response);
}

/** Faithful: by the number of keys that were asked for, and only then by the number that were found. */
function addValues(response: Map<string, JsonOutput>, found: readonly Attribute[], isMultiple: boolean): void {
  const [first] = found;
  if (!first) return;
  if (found.length === 1 && !isMultiple) {
    response.set("value", valueJson(first));
    return;
  }
  const values = response.get("values") ?? new Map();
  if (values instanceof Map) for (const attribute of found) values.set(attribute.key, valueJson(attribute));
  response.set("values", values);
}
