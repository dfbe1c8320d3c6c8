import { type Context, Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import type { NewCredentials } from "../core/registry.js";
import type { JsonObject } from "../json/json.js";
import { parseLenientJson } from "../json/lenient-parser.js";
import type { Credentials, Device } from "../store/devices.js";
import { badRequest, notFound } from "./errors.js";
import { deviceById, integerQuery, objectBody, optionalString } from "./request.js";

const tenantId = "2f6c4f90-0000-11ee-8000-000000000001";
const defaultProfileId = "2f6c4f90-0000-11ee-8000-000000000002";

/** ThingsBoard's id for "no customer". */
const nullCustomerId = "13814000-1dd2-11b2-8080-808080808080";

export function deviceRoutes(context: ServerContext): Hono {
  const { store, registry, state } = context;
  return new Hono()
    .post("/device", async (c) => c.json(deviceJson(await saveDevice(c, context))))
    .post("/device/credentials", async (c) => {
      const body = await objectBody(c);
      const device = deviceById(store, entityId(body, "deviceId") ?? "");
      return c.json(credentialsJson(registry.setCredentials(device.id, newCredentials(body))));
    })
    .get("/device/:id", (c) => c.json(deviceJson(deviceById(store, c.req.param("id")))))
    .delete("/device/:id", (c) => {
      registry.delete(deviceById(store, c.req.param("id")).id);
      return c.body(null, 200);
    })
    .get("/device/:id/credentials", (c) => {
      const credentials = store.devices.credentialsOf(deviceById(store, c.req.param("id")).id);
      if (!credentials) throw notFound();
      return c.json(credentialsJson(credentials));
    })
    .get("/tenant/devices", (c) => {
      const name = c.req.query("deviceName");
      if (name === undefined) return c.json(page(c, store.devices.all(), deviceJson));
      const device = store.devices.byName(name);
      if (!device) throw notFound();
      return c.json(deviceJson(device));
    })
    .get("/tenant/deviceInfos", (c) => {
      const infoJson = (device: Device) => ({
        ...deviceJson(device),
        ...profileInfo,
        active: state.isActive(device.id),
      });
      return c.json(page(c, store.devices.all(), infoJson));
    });
}

const profileInfo = { customerTitle: null, customerIsPublic: false, deviceProfileName: "default" };

async function saveDevice(c: Context, { store, registry }: ServerContext): Promise<Device> {
  const body = await objectBody(c);
  const name = optionalString(body, "name") ?? "";
  const type = optionalString(body, "type") ?? "default";
  const label = optionalString(body, "label") ?? null;
  const id = entityId(body, "id");
  if (id !== undefined) return registry.update(deviceById(store, id), name, type, label);
  return registry.create(name, type, label, c.req.query("accessToken"));
}

/** The uuid in a member like `{"entityType": "DEVICE", "id": "…"}`. */
function entityId(body: JsonObject, member: string): string | undefined {
  const entity = body.get(member);
  return entity instanceof Map ? optionalString(entity, "id") : undefined;
}

function newCredentials(body: JsonObject): NewCredentials {
  const credentialsType = optionalString(body, "credentialsType") ?? "ACCESS_TOKEN";
  if (credentialsType === "ACCESS_TOKEN") {
    return { credentialsType, token: optionalString(body, "credentialsId") ?? "" };
  }
  if (credentialsType !== "MQTT_BASIC") throw badRequest(`Credentials type ${credentialsType} is not supported`);
  const value = basicCredentialsValue(optionalString(body, "credentialsValue") ?? "");
  const basic: Record<string, string> = {};
  for (const member of ["clientId", "userName", "password"]) {
    const text = optionalString(value, member);
    if (text) basic[member] = text;
  }
  return { credentialsType, basic };
}

function basicCredentialsValue(text: string): JsonObject {
  try {
    const json = parseLenientJson(text);
    if (json instanceof Map) return json;
  } catch {
    // Refused below, like JSON that is no object.
  }
  throw badRequest("Invalid credentials body for simple mqtt credentials!");
}

function page(c: Context, devices: readonly Device[], json: (device: Device) => object): object {
  const pageSize = integerQuery(c, "pageSize");
  const index = integerQuery(c, "page");
  if (pageSize < 1) throw badRequest("Incorrect page link page size '0'. Page size must be greater than zero.");
  if (index < 0) throw badRequest(`Incorrect page link page '${index}'. Page must be positive integer.`);
  const search = c.req.query("textSearch")?.toLowerCase() ?? "";
  const found = devices.filter(({ name }) => name.toLowerCase().includes(search));
  const totalPages = Math.ceil(found.length / pageSize);
  const data = found.slice(index * pageSize, (index + 1) * pageSize).map(json);
  return { data, totalPages, totalElements: found.length, hasNext: index + 1 < totalPages };
}

function deviceJson({ id, createdTime, name, type, label }: Device): object {
  return {
    id: { entityType: "DEVICE", id },
    createdTime,
    tenantId: { entityType: "TENANT", id: tenantId },
    customerId: { entityType: "CUSTOMER", id: nullCustomerId },
    name,
    type,
    label,
    deviceProfileId: { entityType: "DEVICE_PROFILE", id: defaultProfileId },
    firmwareId: null,
    softwareId: null,
    externalId: null,
    additionalInfo: null,
    deviceData: { configuration: { type: "DEFAULT" }, transportConfiguration: { type: "DEFAULT" } },
  };
}

function credentialsJson({ id, createdTime, deviceId, ...credentials }: Credentials): object {
  return { id: { id }, createdTime, deviceId: { entityType: "DEVICE", id: deviceId }, ...credentials };
}
