// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { completeConfig } from "../../../modules/device/config.js";
import { text } from "../../fakes/text.js";

const server = { host: "thingsboard.example" };
const secure = { ...server, tls: { ca: "CA" } };
const wifi = [{ SSID: "home" }];
const keys = { key: "k", secret: "s" };

function complete(config: object): ReturnType<typeof completeConfig> {
  return completeConfig({ server, wifi, ...config }, text);
}

describe("the server", () => {
  test("has TLS on port 8883 and proves the name of its host, unless told otherwise", () => {
    expect(complete({ server: secure, credentials: { token: "t" } }).server).toEqual({
      ...{ platform: "thingsboard", host: "thingsboard.example", port: 8_883 },
      tls: { ca: "CA", serverName: "thingsboard.example" },
    });
    const other = { ...server, port: 1, tls: { ca: "CA", serverName: "n" } };
    expect(complete({ server: other, credentials: { token: "t" } }).server).toMatchObject({
      port: 1,
      tls: { serverName: "n" },
    });
  });

  test.each([
    ["no authority", { tls: {} }, TypeError, "config.server.tls.ca: missing"],
    ["an authority that is no text", { tls: { ca: 5 } }, TypeError, "config.server.tls.ca: not a string"],
    ["TLS that is only wished for", { tls: true }, TypeError, "config.server.tls: not an object"],
    ["an empty name", { tls: { ca: "CA", serverName: "" } }, RangeError, "config.server.tls.serverName"],
    ["a field too many", { tls: { ca: "CA", key: "k" } }, RangeError, "config.server.tls.key: no such field"],
  ])("is refused with %s", (_, changes, kind, message) => {
    const config = { server: { ...server, ...changes }, credentials: { token: "t" } };
    expect(() => complete(config)).toThrow(kind);
    expect(() => complete(config)).toThrow(message);
  });
});

describe("credentials", () => {
  test.each([
    ["a token", { token: "t" }, { type: "ACCESS_TOKEN", token: "t" }],
    ["a client identifier", { clientId: "c" }, { type: "MQTT_BASIC", clientId: "c" }],
    ["user name and password", { userName: "u", password: "p" }, { type: "MQTT_BASIC", userName: "u", password: "p" }],
    [
      "all three",
      { clientId: "c", userName: "u", password: "p" },
      { type: "MQTT_BASIC", clientId: "c", userName: "u", password: "p" },
    ],
    [
      "a certificate",
      { certificate: "C", privateKey: "K" },
      { type: "X509_CERTIFICATE", certificate: "C", privateKey: "K" },
    ],
  ])("are %s, frozen", (_, credentials, expected) => {
    const completed = complete({ server: secure, credentials }).credentials;
    expect(completed).toMatchObject(expected);
    expect(Object.isFrozen(completed)).toBe(true);
  });

  test.each([
    ["of none", {}, TypeError, "token: missing"],
    ["of two kinds", { token: "t", userName: "u" }, RangeError, ": of more than one kind"],
    ["a password alone", { password: "p" }, TypeError, "password: needs a userName"],
    ["a password without a user name", { clientId: "c", password: "p" }, TypeError, "password: needs a userName"],
    ["a certificate without a key", { certificate: "C" }, TypeError, "privateKey: missing"],
    ["a key without a certificate", { privateKey: "K" }, TypeError, "certificate: missing"],
    ["a token of 257 characters", { token: "t".repeat(257) }, RangeError, "token: 257 characters"],
    ["an empty client identifier", { clientId: "" }, RangeError, "clientId: 0 characters"],
    ["a numeric password", { userName: "u", password: 1 }, TypeError, "password: not a string"],
    ["a field too many", { token: "t", user: "u" }, RangeError, "user: no such field"],
  ])("%s are refused, in both places where they may stand", (_, credentials, kind, message) => {
    for (const config of [{ credentials }, { provisioning: { ...keys, credentials } }]) {
      expect(() => complete({ server: secure, ...config })).toThrow(kind);
      expect(() => complete({ server: secure, ...config })).toThrow(message);
    }
  });

  test("a certificate needs TLS", () => {
    expect(() => complete({ credentials: { certificate: "C", privateKey: "K" } })).toThrow(
      "config.credentials.certificate: needs config.server.tls",
    );
  });
});

describe("provisioning", () => {
  test("has a token of the device's own, under the device's identity, and no policy but patience", () => {
    expect(complete({ provisioning: keys }).provisioning).toEqual({
      ...keys,
      ...{ deviceName: undefined, gateway: false, credentials: "device", whenRefused: "retry" },
    });
  });

  test("takes what is given", () => {
    const given = {
      ...keys,
      ...{ deviceName: "n", gateway: true, credentials: "server", whenRefused: "reprovision" },
    };
    expect(complete({ provisioning: given }).provisioning).toEqual(given);
    expect(complete({ provisioning: { ...keys, deviceName: "" } }).provisioning?.deviceName).toBe("");
  });

  test.each([
    ["no key", { key: undefined }, TypeError, "config.provisioning.key: missing"],
    ["an empty secret", { secret: "" }, RangeError, "config.provisioning.secret: 0 characters"],
    ["a blank name", { deviceName: "  " }, RangeError, "config.provisioning.deviceName: blank"],
    ["a name of 256 characters", { deviceName: "n".repeat(256) }, RangeError, "config.provisioning.deviceName"],
    ["a numeric name", { deviceName: 5 }, TypeError, "config.provisioning.deviceName: not a string"],
    ["a gateway by text", { gateway: "yes" }, TypeError, "config.provisioning.gateway: not a boolean"],
    ["unknown makers", { credentials: "operator" }, RangeError, "config.provisioning.credentials: not one of"],
    ["null as credentials", { credentials: null }, TypeError, "config.provisioning.credentials: not an object"],
    ["an unknown policy", { whenRefused: "panic" }, RangeError, "config.provisioning.whenRefused: not one of"],
    ["a field too many", { token: "t" }, RangeError, "config.provisioning.token: no such field"],
  ])("is refused with %s", (_, changes, kind, message) => {
    expect(() => complete({ provisioning: { ...keys, ...changes } })).toThrow(kind);
    expect(() => complete({ provisioning: { ...keys, ...changes } })).toThrow(message);
  });

  test("and credentials are not given together, nor neither of them", () => {
    expect(() => complete({ provisioning: keys, credentials: { token: "t" } })).toThrow("not together");
    expect(() => complete({})).toThrow("config.credentials: missing, and so is config.provisioning");
  });
});
