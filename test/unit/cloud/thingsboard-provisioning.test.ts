// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Credentials } from "../../../modules/cloud/credentials.js";
import type { ProvisionRequest } from "../../../modules/cloud/dialect.js";
import { JsonScanner } from "../../../modules/cloud/json-scanner.js";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { ThingsBoardProvisioning } from "../../../modules/cloud/thingsboard-provisioning.js";
import { text } from "../../fakes/text.js";

const dialect = new ThingsBoardProvisioning(new JsonScanner({ text }));
const certificate = "-----BEGIN CERTIFICATE-----\nTUlJ\r\nQ2Vy\n-----END CERTIFICATE-----\n";
const chain = `${certificate}-----BEGIN CERTIFICATE-----\nQ2hhaW4\n-----END CERTIFICATE-----\n`;
const own: Credentials = { type: "X509_CERTIFICATE", certificate: chain, privateKey: "key" };

function requestOf(changes: Partial<ProvisionRequest> = {}): ProvisionRequest {
  const basis = { deviceKey: "k", deviceSecret: "s", deviceName: "name", isGateway: false, credentials: undefined };
  return { ...basis, ...changes };
}

function written(request: ProvisionRequest): string {
  const writer = new JsonWriter(text, 1_024);
  dialect.writeRequest(writer, request);
  return text.decode(writer.bytes, 0, writer.byteLength);
}

function read(reply: string, request = requestOf()): unknown {
  const bytes = new TextEncoder().encode(reply);
  return dialect.readReply(bytes, bytes.length, request);
}

describe("the request", () => {
  const keys = '"provisionDeviceKey":"k","provisionDeviceSecret":"s"';

  test.each([
    ["for a token of the server's", {}, `{"deviceName":"name",${keys}}`],
    ["without a name has no null for it", { deviceName: undefined }, `{${keys}}`],
    ["of a gateway", { isGateway: true }, `{"deviceName":"name",${keys},"gateway":true}`],
    [
      "with a token",
      { credentials: { type: "ACCESS_TOKEN", token: "t" } },
      `{"deviceName":"name",${keys},"credentialsType":"ACCESS_TOKEN","token":"t"}`,
    ],
    [
      "with basic credentials, of which the user name has another name than in the reply",
      { credentials: { type: "MQTT_BASIC", clientId: "c", userName: "u", password: "p" } },
      `{"deviceName":"name",${keys},"credentialsType":"MQTT_BASIC","clientId":"c","username":"u","password":"p"}`,
    ],
    [
      "with a part of them has no null for the rest",
      { credentials: { type: "MQTT_BASIC", userName: "u" } },
      `{"deviceName":"name",${keys},"credentialsType":"MQTT_BASIC","username":"u"}`,
    ],
    [
      "with a certificate has that alone, neither its key nor those that follow it",
      { credentials: own },
      `{"deviceName":"name",${keys},"credentialsType":"X509_CERTIFICATE","hash":"TUlJQ2Vy"}`,
    ],
  ] as const)("%s", (_, changes, json) => {
    expect(written(requestOf(changes as Partial<ProvisionRequest>))).toBe(json);
  });
});

describe("the reply", () => {
  test.each([
    ["a token", '{"credentialsValue":"t","credentialsType":"ACCESS_TOKEN","status":"SUCCESS"}', { token: "t" }],
    [
      "basic credentials, in which the empty is absent",
      '{"credentialsValue":{"clientId":"c","userName":"u","password":""},"credentialsType":"MQTT_BASIC","status":"SUCCESS"}',
      { clientId: "c", userName: "u", password: undefined },
    ],
    [
      "basic credentials with nulls",
      '{"credentialsValue":{"clientId":"c","userName":null},"credentialsType":"MQTT_BASIC","status":"SUCCESS"}',
      { clientId: "c", userName: undefined },
    ],
  ])("has %s", (_, reply, credentials) => {
    expect(read(reply)).toMatchObject({ credentials, refusal: undefined });
  });

  test("has the device's own certificate: its first, in Base64 without line breaks", () => {
    const reply = '{"credentialsValue":"TUlJQ2Vy","credentialsType":"X509_CERTIFICATE","status":"SUCCESS"}';
    expect(read(reply, requestOf({ credentials: own }))).toEqual({ credentials: own, refusal: undefined });
  });

  test.each([
    ['{"status":"NOT_FOUND","errorMsg":"Provision data was not found!"}', "NOT_FOUND: Provision data was not found!"],
    ['{"status":"FAILURE"}', "FAILURE: no reason given"],
    ['{"status":"FAILURE","errorMsg":7}', "FAILURE: no reason given"],
    ['{"status":"SUCCESS"}', "SUCCESS, but of no use to the device: no type"],
    [
      '{"status":"SUCCESS","credentialsType":"X509_CERTIFICATE","credentialsValue":"Rm9yZWlnbg"}',
      "SUCCESS, but of no use to the device: X509_CERTIFICATE",
    ],
  ])("%s is a refusal in the server's words", (reply, refusal) => {
    expect(read(reply, requestOf({ credentials: own }))).toEqual({ credentials: undefined, refusal });
  });

  test.each(["", "null", "[]", '"SUCCESS"', "{}", '{"status":null}', '{"status":"SUCCESS"'])("%s is none", (reply) => {
    expect(read(reply)).toBe("malformed-json");
  });
});
