// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { completeConfig } from "../../../modules/device/config.js";
import { text } from "../../fakes/text.js";

const assetId = "4Y1FoulaL6ocSwl5ukKl4R";
const home = { realm: "master", assetId };
const credentials = { userName: "u", password: "p", clientId: "thing" };
const server = { host: "or.example", platform: "openremote" };
const provisioning = { uniqueId: "device1", certificate: "PEM" };

function complete(config: object = {}): ReturnType<typeof completeConfig> {
  return completeConfig({ server, openremote: home, credentials, wifi: [{ SSID: "home" }], ...config }, text);
}

describe("a device of OpenRemote", () => {
  test("is a service user of a realm, with an asset", () => {
    const { openremote, credentials: completed, session } = complete();
    expect(openremote).toEqual({
      ...{ ...home, clientId: "thing", provisioning: undefined, rpc: undefined, will: undefined, reports: [] },
      gatewayApi: false,
    });
    expect(completed).toEqual({ type: "MQTT_BASIC", clientId: "thing", userName: "master:u", password: "p" });
    expect(session.keepAlive).toBe(30_000);
  });

  test("has its certificate instead, and then the manager tells the rest", () => {
    const config = { openremote: { provisioning: { ...provisioning, clientId: "c" } }, credentials: undefined };
    const { openremote, credentials: completed } = complete(config);
    expect(openremote).toMatchObject({ realm: "", assetId: "", clientId: "c", provisioning });
    expect(completed).toEqual({ type: "MQTT_BASIC", clientId: "c" });
  });

  test.each<[string, object, string]>([
    ["no home", { openremote: undefined }, "config.openremote: missing"],
    ["no realm", { openremote: { assetId } }, "config.openremote.realm: missing"],
    ["a realm with a colon", { openremote: { ...home, realm: "a:b" } }, "config.openremote.realm: has one of"],
    ["a long realm", { openremote: { ...home, realm: "r".repeat(41) } }, "config.openremote.realm: is not 1 to 40"],
    [
      "devices behind it",
      { gateway: {} },
      "config.gateway: is ThingsBoard's; devices behind this one are assets to OpenRemote, see device.assets",
    ],
    ["an asset's name", { openremote: { ...home, assetId: "lamp" } }, "config.openremote.assetId: not 22 letters"],
    ["a field too many", { openremote: { ...home, user: "u" } }, "config.openremote.user: no such field"],
    ["no credentials", { credentials: undefined }, "config.credentials: missing"],
    ["a token", { credentials: { token: "t" } }, "config.credentials.token: no such field"],
    ["no password", { credentials: { userName: "u" } }, "config.credentials.password: missing"],
    [
      "a client id with a dot",
      { credentials: { ...credentials, clientId: "a.b" } },
      "config.credentials.clientId: has one",
    ],
    [
      "a long client id",
      { credentials: { ...credentials, clientId: "c".repeat(43) } },
      "config.credentials.clientId: 43",
    ],
    ["a long keep-alive", { session: { keepAlive: 60_001 } }, "config.session.keepAlive"],
    [
      "ThingsBoard's provisioning",
      { provisioning: { key: "k", secret: "s" } },
      "config.provisioning: is ThingsBoard's",
    ],
    [
      "firmware to replace",
      { firmware: { title: "t", version: "1" } },
      "config.firmware: OpenRemote offers no packages",
    ],
    [
      "software to replace",
      { software: { title: "t", version: "1" } },
      "config.software: OpenRemote offers no packages",
    ],
    ["settings for updates", { ota: { window: 1 } }, "config.ota: OpenRemote offers no packages"],
    ["a log without a place", { health: { logLevel: "info" } }, 'config.health.logLevel: needs "log"'],
    ["vital signs without a place", { health: { period: 1_000 } }, "config.health.period: needs vital signs"],
    ["a report that is no name", { openremote: { ...home, reports: ["a b"] } }, "config.openremote.reports[0]: is not"],
    [
      "a report of what the server sets",
      { openremote: { ...home, reports: ["logLevel"] } },
      "logLevel is what the server",
    ],
    [
      "one attribute for calls",
      { openremote: { ...home, rpc: { command: "c", result: "c" } } },
      "rpc.result: the same",
    ],
    ["a will of undefined", { openremote: { ...home, will: { attribute: "a" } } }, "config.openremote.will.value"],
    ["a will of NaN", { openremote: { ...home, will: { attribute: "a", value: Number.NaN } } }, "will.value"],
    ["a realm and a certificate", { openremote: { ...home, provisioning } }, "config.openremote.realm: not together"],
    ["both identities", { openremote: { provisioning } }, "config.credentials: not together"],
    [
      "a unique id with a dollar",
      { openremote: { provisioning: { ...provisioning, uniqueId: "a$" } }, credentials: undefined },
      "config.openremote.provisioning.uniqueId: has one",
    ],
    [
      "a home without the platform",
      { server: { host: "h" } },
      'config.openremote: needs config.server.platform "openremote"',
    ],
    ["an unknown platform", { server: { host: "h", platform: "x" } }, "config.server.platform: not one of"],
  ])("is refused with %s", (_, config, message) => {
    expect(() => complete(config)).toThrow(message);
  });
});
