// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { text } from "../../../hosts/node/text.js";
import { manifestSettings } from "../../../hosts/xs/manifest-settings.js";
import { completeConfig } from "../../../modules/device/config.js";

const simulator = JSON.parse(
  readFileSync(new URL("../../../hosts/simulator/manifest.json", import.meta.url), "utf8"),
).config;

/** As the tool merges manifests. */
function settings(own: object) {
  return manifestSettings({ ...simulator, ...own });
}

describe("the settings of manifests", () => {
  test("are those of the simulator where nothing else is said", () => {
    expect(completeConfig(settings({}), text)).toMatchObject({
      server: { host: "127.0.0.1", port: 1883 },
      credentials: { type: "ACCESS_TOKEN", token: "xsthing-demo" },
    });
  });

  test("are what stands in a manifest of one's own, and nothing besides", () => {
    const wifi = [{ SSID: "my network", password: "my passphrase" }];
    const provisioning = { key: "K", secret: "S" };
    const { credentials, ...more } = settings({ wifi, server: { host: "broker" }, provisioning });
    expect(credentials).toBeUndefined();
    expect(more).toEqual({ wifi, server: { host: "broker" }, provisioning });
  });

  test("make a device of OpenRemote", () => {
    const own = {
      server: { platform: "openremote", host: "manager" },
      openremote: { realm: "master", assetId: "4Y1FoulaL6ocSwl5ukKl4R", rpc: { command: "c", result: "r" } },
      credentials: { userName: "user", password: "secret", clientId: "thing-1" },
    };
    expect(completeConfig(settings(own), text)).toMatchObject({
      server: { platform: "openremote", host: "manager" },
      openremote: { clientId: "thing-1", realm: "master", rpc: { command: "c", result: "r" } },
      credentials: { userName: "master:user" },
    });
  });

  test("make one that comes by its certificate", () => {
    const provisioning = { uniqueId: "thing-2", certificate: "-----BEGIN CERTIFICATE-----" };
    const own = { server: { platform: "openremote", host: "manager" }, openremote: { provisioning } };
    expect(completeConfig(settings(own), text)).toMatchObject({ openremote: { provisioning } });
  });

  test("are replaced by the command line of the build", () => {
    expect(settings({ host: "broker", port: "1884", token: "T", ssid: "S", password: "12345678" })).toMatchObject({
      server: { host: "broker", port: 1884 },
      ...{ credentials: { token: "T" }, wifi: [{ SSID: "S", password: "12345678" }] },
    });
  });
});
