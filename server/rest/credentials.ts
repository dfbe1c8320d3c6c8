import { Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import type { NewCredentials } from "../core/credentials.js";
import type { JsonObject } from "../json/json.js";
import { parseLenientJson } from "../json/lenient-parser.js";
import type { Credentials } from "../store/devices.js";
import { entityId } from "./entity.js";
import { badRequest, notFound } from "./errors.js";
import { deviceById, objectBody, oneOf, optionalString } from "./request.js";

const credentialsTypes = ["ACCESS_TOKEN", "MQTT_BASIC", "X509_CERTIFICATE", "LWM2M_CREDENTIALS"] as const;

export function credentialsRoutes({ store, registry }: ServerContext): Hono {
  return new Hono()
    .get("/device/:id/credentials", (c) => {
      const credentials = store.devices.credentialsOf(deviceById(store, c.req.param("id")).id);
      if (!credentials) throw notFound();
      return c.json(credentialsJson(credentials));
    })
    .post("/device/credentials", async (c) => {
      const body = await objectBody(c);
      const device = deviceById(store, entityId(body, "deviceId") ?? "");
      const wanted = newCredentials(body);
      const id = entityId(body, "id");
      if (id === undefined) throw badRequest("Credentials for this device are already specified!");
      if (id !== store.devices.credentialsOf(device.id)?.id) {
        throw badRequest("Unable to update non-existent device credentials!");
      }
      return c.json(credentialsJson(registry.setCredentials(device.id, wanted)));
    });
}

/** @throws {RestError} 400 */
export function newCredentials(body: JsonObject): NewCredentials {
  const credentialsType = oneOf(body, "credentialsType", credentialsTypes);
  switch (credentialsType) {
    case undefined:
      throw badRequest("Device credentials type should be specified");
    case "ACCESS_TOKEN":
      return { credentialsType, token: optionalString(body, "credentialsId") ?? "" };
    case "X509_CERTIFICATE": {
      const certificate = optionalString(body, "credentialsValue");
      if (certificate === undefined) throw badRequest("Device credentials value should be specified!");
      return { credentialsType, certificate };
    }
    case "MQTT_BASIC": {
      const value = basicValue(optionalString(body, "credentialsValue") ?? "");
      const text = (member: string): string | null => optionalString(value, member) ?? null;
      const basic = { clientId: text("clientId"), userName: text("userName"), password: text("password") };
      return { credentialsType, basic };
    }
    default:
      throw badRequest(`Credentials type ${credentialsType} is not supported by the local server`);
  }
}

function basicValue(text: string): JsonObject {
  try {
    const json = parseLenientJson(text);
    if (json instanceof Map) return json;
  } catch {
    // Refused below, like JSON that is no object.
  }
  throw badRequest("Invalid credentials body for simple mqtt credentials!");
}

function credentialsJson({ id, createdTime, deviceId, ...credentials }: Credentials): object {
  return { id: { id }, createdTime, deviceId: { entityType: "DEVICE", id: deviceId }, ...credentials };
}
