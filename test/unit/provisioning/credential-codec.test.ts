// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Credentials } from "../../../modules/cloud/credentials.js";
import { DeviceError } from "../../../modules/core/errors.js";
import { decodeCredentials, encodeCredentials } from "../../../modules/provisioning/credential-codec.js";
import { text } from "../../fakes/text.js";

const every: readonly Credentials[] = [
  { type: "ACCESS_TOKEN", token: "A1-_b2" },
  { type: "ACCESS_TOKEN", token: '"\\\u0001€😀'.repeat(20) },
  { type: "MQTT_BASIC", clientId: "c" },
  { type: "MQTT_BASIC", userName: "u", password: "p" },
  { type: "MQTT_BASIC", clientId: "c".repeat(256), userName: "u".repeat(256), password: "p".repeat(256) },
  { type: "X509_CERTIFICATE", certificate: pem("CERTIFICATE", 900), privateKey: pem("PRIVATE KEY", 184) },
];

const long: Credentials = {
  type: "X509_CERTIFICATE",
  certificate: pem("CERTIFICATE", 1_200),
  privateKey: pem("PRIVATE KEY", 1_624),
};

function pem(label: string, length: number): string {
  const lines: string[] = [];
  for (let at = 0; at < length; at += 64) lines.push("A".repeat(Math.min(64, length - at)));
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

describe("stored credentials", () => {
  test.each(every.map((credentials) => [credentials.type, credentials] as const))("%s come back", (_, credentials) => {
    const bytes = encodeCredentials(text, credentials, undefined);
    expect(bytes.length).toBeLessThanOrEqual(1_984);
    expect(decodeCredentials(text, bytes, undefined)).toMatchObject(credentials);
  });

  test("that are cut off anywhere, or have a byte too many, are none", () => {
    const bytes = encodeCredentials(text, { type: "ACCESS_TOKEN", token: "A1B2" }, undefined);
    for (let length = 0; length < bytes.length; length += 1)
      expect(decodeCredentials(text, bytes.slice(0, length), undefined)).toBeUndefined();
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(decodeCredentials(text, longer, undefined)).toBeUndefined();
  });

  test("too long for the store are refused by name", () => {
    let reason: unknown;
    try {
      encodeCredentials(text, long, every[0]);
    } catch (error) {
      reason = error instanceof DeviceError ? error.reason : error;
    }
    expect(reason).toBe("storage-failed");
  });

  test("by reference are not those that another configuration has", () => {
    const other = { ...long, certificate: long.certificate.replace("AAAA", "BBBB") };
    expect(decodeCredentials(text, encodeCredentials(text, long, long), other)).toBeUndefined();
  });

  test("too long, but of the configuration, are stored by reference to that", () => {
    const bytes = encodeCredentials(text, long, long);
    expect(bytes.length).toBeLessThan(100);
    expect(decodeCredentials(text, bytes, long)).toEqual(long);
    expect(decodeCredentials(text, bytes, undefined)).toBeUndefined();
  });
});
