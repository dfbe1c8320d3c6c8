import { TransportFault } from "../core/faults.js";
import { gsonBoolean, gsonText } from "../core/gson.js";
import { parseObjectPayload } from "../core/payload.js";
import type { ProvisionOutcome, ProvisionRequest } from "../core/provisioning.js";
import { JsonNumber, writeJson } from "../json/json.js";
import type { Credentials } from "../store/devices.js";

/** In the order of their numbers in protobuf. */
const credentialsTypes = ["ACCESS_TOKEN", "X509_CERTIFICATE", "MQTT_BASIC", "LWM2M_CREDENTIALS"] as const;
const statusNumbers = { SUCCESS: 1, NOT_FOUND: 2, FAILURE: 3 } as const;
const refusals = { NOT_FOUND: "Provision data was not found!", FAILURE: "Failed to provision device!" } as const;

/** An empty payload, which is no JSON, is to ThingsBoard a protobuf message without members. */
export const emptyRequest: ProvisionRequest = {
  provisionDeviceKey: "",
  provisionDeviceSecret: "",
  deviceName: "",
  credentialsType: "ACCESS_TOKEN",
  token: "",
  clientId: "",
  username: "",
  password: "",
  hash: "",
  gateway: false,
};

/** @throws {PayloadFault | TransportFault} no object, no key, no secret, or a member of the wrong kind */
export function parseProvisionRequest(payload: string): ProvisionRequest {
  const request = parseObjectPayload(payload);
  const text = (member: string): string => {
    const json = request.get(member);
    return json === undefined ? "" : gsonText(json, member);
  };
  for (const member of ["provisionDeviceKey", "provisionDeviceSecret"]) {
    if (!request.has(member)) throw new TransportFault(`Failed to find the field ${member} in JSON body`);
  }
  const gateway = request.get("gateway");
  return {
    provisionDeviceKey: text("provisionDeviceKey"),
    provisionDeviceSecret: text("provisionDeviceSecret"),
    deviceName: text("deviceName"),
    credentialsType: request.has("credentialsType") ? credentialsType(text("credentialsType")) : "ACCESS_TOKEN",
    token: text("token"),
    clientId: text("clientId"),
    username: text("username"),
    password: text("password"),
    hash: text("hash"),
    gateway: gateway !== undefined && gsonBoolean(gateway, "gateway"),
  };
}

export function provisionJson(outcome: ProvisionOutcome): string {
  if (outcome.status !== "SUCCESS") return writeJson({ errorMsg: refusals[outcome.status], status: outcome.status });
  const { credentialsType, credentialsValue } = outcome.credentials;
  const value =
    credentialsType === "MQTT_BASIC" ? new JsonNumber(credentialsValue ?? "{}") : credentialsText(outcome.credentials);
  return writeJson({ credentialsValue: value, credentialsType, status: outcome.status });
}

/** ThingsBoard's ProvisionDeviceResponseMsg: status, type and value are its members 1, 2 and 3. */
export function provisionProtobuf(outcome: ProvisionOutcome): Buffer {
  const status = Buffer.of(0x08, statusNumbers[outcome.status]);
  if (outcome.status !== "SUCCESS") return status;
  const type = credentialsTypes.indexOf(outcome.credentials.credentialsType);
  const value = Buffer.from(credentialsText(outcome.credentials));
  const typeBytes = type === 0 ? [] : [0x10, type];
  return Buffer.concat([status, Buffer.from([...typeBytes, 0x1a, ...varint(value.length)]), value]);
}

function credentialsType(name: string): ProvisionRequest["credentialsType"] {
  const type = credentialsTypes.find((candidate) => candidate === name);
  if (!type) throw new TransportFault(`no credentials type ${name}`);
  return type;
}

function credentialsText({ credentialsType, credentialsId, credentialsValue }: Credentials): string {
  return credentialsType === "ACCESS_TOKEN" ? credentialsId : (credentialsValue ?? "");
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
}
