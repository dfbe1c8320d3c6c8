// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { readOptions, UsageError } from "../../../hosts/node/options.js";
import { settingsOf, settingsOptions } from "../../../hosts/node/settings.js";

const plain = "--server=mqtt://broker";
const provisioned = ["--provision-key=K", "--provision-secret=S"];

function settings(...args: string[]) {
  return settingsOf(readOptions(settingsOptions, args));
}

describe("the settings of a command line", () => {
  test("are what the configuration asks for", () => {
    const server = { host: "broker", port: 1883 };
    expect(settings(plain, "--token=T")).toMatchObject({ server, credentials: { token: "T" } });
    expect(settings(plain, ...provisioned, "--device-name=D", "--token=T")).toMatchObject({
      provisioning: { key: "K", secret: "S", deviceName: "D", credentials: { token: "T" } },
    });
  });

  test("are those of OpenRemote where that is the platform", () => {
    const user = ["--realm=master", "--asset-id=A", "--user-name=U", "--password=P", "--client-id=C"];
    const more = ["--gateway-api", "--reports=uptime,log", "--command-attribute=c", "--result-attribute=r"];
    expect(settings(plain, "--platform=openremote", ...user, ...more)).toEqual({
      server: { platform: "openremote", host: "broker", port: 1883 },
      openremote: {
        ...{ realm: "master", assetId: "A", gatewayApi: true, reports: ["uptime", "log"] },
        rpc: { command: "c", result: "r" },
      },
      credentials: { userName: "U", password: "P", clientId: "C" },
      // The whole asset comes as one message.
      ...{ session: { receiveBuffer: 16_384 }, wifi: [{ SSID: "simulated" }] },
    });
    const provisioned = settings(plain, "--platform=openremote", "--unique-id=D", "--certificate=package.json");
    expect(provisioned).toMatchObject({
      openremote: { provisioning: { uniqueId: "D" }, rpc: { command: "command", result: "commandResult" } },
    });
    expect(provisioned).not.toHaveProperty("credentials");
  });

  test.each([
    [[plain, "--platform=openremote", "--token=T"], "--token: is ThingsBoard's"],
    [[plain, "--platform=openremote", "--provision-key=K"], "--provision-key: is ThingsBoard's"],
    [[plain, "--platform=openremote"], "--realm: missing"],
    [[plain, "--platform=openremote", "--realm=r", "--asset-id=A"], "--user-name: missing"],
    [[plain, "--platform=openremote", "--realm=r", "--unique-id=D"], "--realm: not together"],
    [[plain, "--platform=openremote", "--unique-id=D"], "--certificate: missing"],
    [[plain, "--platform=openremote", "--certificate=package.json"], "--certificate: needs --unique-id"],
    [[plain, "--token=T", "--realm=r"], "--realm: needs --platform=openremote"],
    [[plain, "--platform=x"], "--platform: "],
    [[plain, "--token=T", "--ca=package.json"], "--ca: needs"],
    [[plain, "--token=T", "--server-name=broker"], "--server-name: needs"],
    [[plain, "--token=T", "--device-name=D"], "--device-name: needs"],
    [[plain, "--token=T", "--when-refused=retry"], "--when-refused: needs"],
    [[plain, "--token=T", "--provision-credentials=server"], "--provision-credentials: needs"],
    [[plain, ...provisioned, "--token=T", "--provision-credentials=server"], "--provision-credentials: not together"],
    [[plain, "--provision-key=K"], "--provision-secret: missing"],
    [[plain], "--token: missing"],
    [["--server=mqtts://broker", "--token=T"], "--ca: missing"],
  ])("%j are refused: %s", (args, message) => {
    expect(() => settings(...args)).toThrow(UsageError);
    expect(() => settings(...args)).toThrow(message);
  });
});
