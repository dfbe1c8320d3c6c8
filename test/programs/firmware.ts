// SPDX-License-Identifier: Apache-2.0
// What the firmware of this folder has in common. Each is an image that the tests hand to devices.

import { createHost, settings } from "hosts/platform/host";
import type { Application } from "../../modules/device/application.js";
import { Device } from "../../modules/device/device.js";
import { tellName } from "./tell-name.js";

/** Runs a device with `application`, or one that only tells its name. `config` goes before the command line. */
export function runFirmware(name: string, config: object = {}, application: Application = () => {}): void {
  const host = createHost();
  const device = new Device(host, {
    firmware: { title: "xsthing", version: "0.1.0" },
    software: { title: "xsthing-application", version: "0.1.0" },
    ...(settings() as object),
    ...config,
  });
  device.start((...given) => {
    application(...given);
    tellName(device, host, name);
  });
}
