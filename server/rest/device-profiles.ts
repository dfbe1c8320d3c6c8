import { type Context, Hono } from "hono";
import type { ServerContext } from "../core/context.js";
import type { ProfileDraft } from "../core/profiles.js";
import type { JsonObject } from "../json/json.js";
import {
  type DeviceProfile,
  type ProvisionConfiguration,
  provisionTypes,
  type TransportType,
  transportTypes,
} from "../store/device-profiles.js";
import { entityId, tenantEntity } from "./entity.js";
import { badRequest, notFound } from "./errors.js";
import { packageEntity } from "./ota-packages.js";
import { pageData } from "./page-data.js";
import { objectBody, oneOf, optionalObject, optionalString, uuidOf } from "./request.js";

/** What of an MQTT profile a real server would act on and this one does not; its defaults. */
const mqttDefaults = {
  deviceTelemetryTopic: "v1/devices/me/telemetry",
  deviceAttributesTopic: "v1/devices/me/attributes",
  deviceAttributesSubscribeTopic: "v1/devices/me/attributes",
  sparkplug: false,
  sendAckOnValidationException: false,
} as const;

export function deviceProfileRoutes({ store, profiles }: ServerContext): Hono {
  const profileById = (id: string): DeviceProfile => {
    const profile = store.profiles.get(uuidOf(id));
    if (!profile) throw notFound(`Device profile with id [${id}] is not found`);
    return profile;
  };
  const nameOf = ({ name }: DeviceProfile): string => name;
  return new Hono()
    .post("/deviceProfile", async (c) => {
      const body = await objectBody(c);
      const id = entityId(body, "id");
      const before = id === undefined ? undefined : profileById(id);
      const draft = draftOf(body);
      return c.json(profileJson(before ? profiles.update(before, draft) : profiles.create(draft)));
    })
    .get("/deviceProfile/:id", (c) => c.json(profileJson(profileById(c.req.param("id")))))
    .post("/deviceProfile/:id/default", (c) => {
      return c.json(profileJson(profiles.makeDefault(profileById(c.req.param("id")))));
    })
    .delete("/deviceProfile/:id", (c: Context) => {
      profiles.delete(profileById(c.req.param("id") ?? ""));
      return c.body(null, 200);
    })
    .get("/deviceProfiles", (c) => c.json(pageData(c, store.profiles.all(), nameOf, profileJson)))
    .get("/deviceProfileInfos", (c) => c.json(pageData(c, store.profiles.all(), nameOf, infoJson)))
    .get("/deviceProfileInfo/default", (c) => c.json(infoJson(profiles.default)))
    .get("/deviceProfileInfo/:id", (c) => c.json(infoJson(profileById(c.req.param("id")))));
}

function draftOf(body: JsonObject): ProfileDraft {
  if (body.get("type") !== "DEFAULT") throw badRequest("Device profile type should be specified!");
  const transportType = oneOf(body, "transportType", transportTypes);
  if (!transportType) throw badRequest("Device profile transport type should be specified!");
  const data = optionalObject(body, "profileData");
  if (!data) throw badRequest("Device profile data should be specified!");
  checkTransport(optionalObject(data, "transportConfiguration"), transportType);
  const provision = optionalObject(data, "provisionConfiguration");
  return {
    name: optionalString(body, "name") ?? "",
    description: optionalString(body, "description") ?? null,
    isDefault: body.get("default") === true,
    transportType,
    provisionType: oneOf(body, "provisionType", provisionTypes) ?? "DISABLED",
    provisionDeviceKey: optionalString(body, "provisionDeviceKey") ?? null,
    provisionConfiguration: provision ? provisionConfigurationOf(provision) : null,
    firmwareId: entityId(body, "firmwareId") ?? null,
    softwareId: entityId(body, "softwareId") ?? null,
  };
}

/** What the local server does not imitate is refused, since a device would meet something else than on a real one. */
function checkTransport(configuration: JsonObject | undefined, transportType: TransportType): void {
  if (!configuration) throw badRequest("Device profile transport configuration should be specified!");
  if (configuration.get("type") !== transportType) throw badRequest("Transport configuration is of another type!");
  if (transportType !== "MQTT") return;
  for (const [member, value] of Object.entries(mqttDefaults)) {
    if ((configuration.get(member) ?? value) !== value) {
      throw badRequest(`Another ${member} than ${value} is not supported by the local server`);
    }
  }
  const payload = optionalObject(configuration, "transportPayloadTypeConfiguration");
  if (payload && payload.get("transportPayloadType") !== "JSON") {
    throw badRequest("Other payloads than JSON are not supported by the local server");
  }
}

function provisionConfigurationOf(json: JsonObject): ProvisionConfiguration {
  const type = oneOf(json, "type", provisionTypes);
  if (!type) throw badRequest("missing type id property 'type'");
  const provisionDeviceSecret = optionalString(json, "provisionDeviceSecret") ?? null;
  if (type !== "X509_CERTIFICATE_CHAIN") return { type, provisionDeviceSecret };
  return {
    type,
    provisionDeviceSecret,
    certificateRegExPattern: optionalString(json, "certificateRegExPattern") ?? null,
    allowCreateNewDevicesByX509Certificate: json.get("allowCreateNewDevicesByX509Certificate") === true,
  };
}

function profileJson(profile: DeviceProfile): object {
  const { id, isDefault, transportType, provisionConfiguration, ...members } = profile;
  const transport = transportType === "MQTT" ? { ...mqttDefaults, transportPayloadTypeConfiguration } : {};
  return {
    ...members,
    id: { entityType: "DEVICE_PROFILE", id },
    tenantId: tenantEntity,
    default: isDefault,
    type: "DEFAULT",
    transportType,
    image: null,
    defaultRuleChainId: null,
    defaultDashboardId: null,
    defaultQueueName: null,
    defaultEdgeRuleChainId: null,
    firmwareId: packageEntity(profile.firmwareId),
    softwareId: packageEntity(profile.softwareId),
    externalId: null,
    profileData: {
      configuration: { type: "DEFAULT" },
      transportConfiguration: { type: transportType, ...transport },
      provisionConfiguration,
      alarms: null,
    },
  };
}

const transportPayloadTypeConfiguration = { transportPayloadType: "JSON" } as const;

function infoJson({ id, name, transportType }: DeviceProfile): object {
  return {
    id: { entityType: "DEVICE_PROFILE", id },
    tenantId: tenantEntity,
    name,
    image: null,
    defaultDashboardId: null,
    type: "DEFAULT",
    transportType,
  };
}
