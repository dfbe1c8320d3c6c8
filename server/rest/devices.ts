import { type Context, Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import type { DeviceDraft } from "../core/registry.js";
import { type JsonObject, writeJson } from "../json/json.js";
import type { Device } from "../store/devices.js";
import { newCredentials } from "./credentials.js";
import { customerEntity, entityId, tenantEntity } from "./entity.js";
import { badRequest, notFound } from "./errors.js";
import { packageEntity } from "./ota-packages.js";
import { pageData } from "./page-data.js";
import { deviceById, objectBody, optionalObject, optionalString } from "./request.js";
import { demoCustomer } from "./users.js";

export function deviceRoutes(context: ServerContext): Hono {
  const { store, registry, state } = context;
  const json = (device: Device): object => deviceJson(device, context);
  const infoJson = (device: Device): object => ({
    ...deviceJson(device, context),
    customerTitle: device.customerId === demoCustomer.id ? demoCustomer.title : null,
    customerIsPublic: false,
    deviceProfileName: context.profiles.of(device).name,
    active: state.isActive(device.id),
  });
  const nameOf = ({ name }: Device): string => name;
  return new Hono()
    .post("/device", async (c) => c.json(json(await saveDevice(c, context))))
    .post("/device-with-credentials", async (c) => c.json(json(await saveWithCredentials(c, context))))
    .get("/device/:id", (c) => c.json(json(deviceById(store, c.req.param("id")))))
    .delete("/device/:id", (c) => {
      registry.delete(deviceById(store, c.req.param("id")).id);
      return c.body(null, 200);
    })
    .get("/tenant/devices", (c) => {
      const name = c.req.query("deviceName");
      if (name === undefined) return c.json(pageData(c, store.devices.all(), nameOf, json));
      const device = store.devices.byName(name);
      if (!device) throw notFound();
      return c.json(json(device));
    })
    .get("/tenant/deviceInfos", (c) => c.json(pageData(c, store.devices.all(), nameOf, infoJson)));
}

async function saveDevice(c: Context, { store, registry }: ServerContext): Promise<Device> {
  const body = await objectBody(c);
  const draft = draftOf(body);
  const id = entityId(body, "id");
  if (id !== undefined) return registry.update(deviceById(store, id), draft);
  const token = c.req.query("accessToken");
  return registry.create(draft, token ? { credentialsType: "ACCESS_TOKEN", token } : undefined);
}

async function saveWithCredentials(c: Context, { store, registry }: ServerContext): Promise<Device> {
  const body = await objectBody(c);
  const device = optionalObject(body, "device");
  const credentials = optionalObject(body, "credentials");
  if (!device) throw badRequest("Validation error: device must not be null");
  if (!credentials) throw badRequest("Validation error: credentials must not be null");
  const draft = draftOf(device);
  const wanted = newCredentials(credentials);
  const id = entityId(device, "id");
  if (id === undefined) return registry.create(draft, wanted);
  const saved = registry.update(deviceById(store, id), draft);
  registry.setCredentials(saved.id, wanted);
  return saved;
}

function draftOf(body: JsonObject): DeviceDraft {
  const info = body.get("additionalInfo") ?? null;
  return {
    name: optionalString(body, "name") ?? "",
    type: optionalString(body, "type"),
    label: optionalString(body, "label") ?? null,
    deviceProfileId: entityId(body, "deviceProfileId"),
    firmwareId: entityId(body, "firmwareId") ?? null,
    softwareId: entityId(body, "softwareId") ?? null,
    additionalInfo: info === null ? null : writeJson(info),
  };
}

export function deviceJson(device: Device, { profiles }: ServerContext) {
  const { id, createdTime, name, label, additionalInfo } = device;
  const profile = profiles.of(device);
  const { transportType } = profile;
  return {
    id: { entityType: "DEVICE", id },
    createdTime,
    tenantId: tenantEntity,
    customerId: customerEntity(device.customerId),
    name,
    type: profile.name,
    label,
    deviceProfileId: { entityType: "DEVICE_PROFILE", id: profile.id },
    firmwareId: packageEntity(device.firmwareId),
    softwareId: packageEntity(device.softwareId),
    externalId: null,
    additionalInfo: additionalInfo === null ? null : (JSON.parse(additionalInfo) as unknown),
    deviceData: { configuration: { type: "DEFAULT" }, transportConfiguration: { type: transportType } },
  };
}
