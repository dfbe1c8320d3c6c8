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

  test.each([
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
