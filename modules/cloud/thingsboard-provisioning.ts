// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import { type Credentials, certificateBody, isUsable } from "./credentials.js";
import type { ProvisioningDialect, ProvisionReply, ProvisionRequest } from "./dialect.js";
import type { Json } from "./json.js";
import type { JsonScanner } from "./json-scanner.js";
import type { JsonWriter } from "./json-writer.js";

/** Characters of a refusal that are kept: it goes into the log and into an attribute. */
const maxRefusalLength = 120;

/** ThingsBoard's provisioning: one request and its reply in a session of a user name of its own. */
export class ThingsBoardProvisioning implements ProvisioningDialect {
  readonly user = "provision";
  readonly requestTopic = "/provision/request";
  readonly responseTopic = "/provision/response";
  readonly #scanner: JsonScanner;

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  /** Leaves out what is undefined: the server closes the session for a null. */
  writeRequest(writer: JsonWriter, request: ProvisionRequest): void {
    const { credentials } = request;
    writer.beginObject();
    member(writer, "deviceName", request.deviceName);
    member(writer, "provisionDeviceKey", request.deviceKey);
    member(writer, "provisionDeviceSecret", request.deviceSecret);
    if (request.isGateway) {
      writer.name("gateway");
      writer.value(true);
    }
    if (credentials !== undefined) {
      member(writer, "credentialsType", credentials.type);
      if (credentials.type === "ACCESS_TOKEN") member(writer, "token", credentials.token);
      // Not a hash of it, whatever the member is called, and none of the certificates that may follow it.
      else if (credentials.type === "X509_CERTIFICATE")
        member(writer, "hash", certificateBody(credentials.certificate));
      else {
        member(writer, "clientId", credentials.clientId);
        member(writer, "username", credentials.userName);
        member(writer, "password", credentials.password);
      }
    }
    writer.endObject();
  }

  /** `{"status":"SUCCESS","credentialsType":"…","credentialsValue":…}`, or `{"status":"…","errorMsg":"…"}`. */
  readReply(payload: Uint8Array, byteLength: number, request: ProvisionRequest): ProvisionReply | Reason {
    const root = this.#scanner.scan(payload, 0, byteLength);
    if (!(root instanceof Map)) return "malformed-json";
    const reply: ReadonlyMap<string, Json> = root;
    const status = text(reply.get("status"));
    if (status === undefined) return "malformed-json";
    if (status !== "SUCCESS") return refusal(`${status}: ${text(reply.get("errorMsg")) ?? "no reason given"}`);
    const type = text(reply.get("credentialsType")) ?? "no type";
    const credentials = readCredentials(type, reply.get("credentialsValue"), request);
    if (credentials !== undefined && isUsable(credentials)) return { credentials, refusal: undefined };
    return refusal(`SUCCESS, but of no use to the device: ${type}`);
  }
}

function refusal(text: string): ProvisionReply {
  return { credentials: undefined, refusal: text.slice(0, maxRefusalLength) };
}

function member(writer: JsonWriter, name: string, value: string | undefined): void {
  if (value === undefined) return;
  writer.name(name);
  writer.value(value);
}

function readCredentials(type: string, value: Json | undefined, request: ProvisionRequest): Credentials | undefined {
  if (type === "ACCESS_TOKEN") {
    const token = text(value);
    return token === undefined ? undefined : { type, token };
  }
  if (type === "MQTT_BASIC" && value instanceof Map) {
    const basic: ReadonlyMap<string, Json> = value;
    return {
      type,
      clientId: text(basic.get("clientId")),
      userName: text(basic.get("userName")),
      password: text(basic.get("password")),
    };
  }
  // Only the device has the private key, so that only its own certificate is of use to it.
  const own = request.credentials;
  if (type !== "X509_CERTIFICATE" || own?.type !== type) return undefined;
  return certificateBody(own.certificate) === certificateBody(text(value) ?? "") ? own : undefined;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
