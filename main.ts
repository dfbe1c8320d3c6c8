// SPDX-License-Identifier: Apache-2.0

// The only line that names the platform; the manifest, the bundler or the loader resolves it.
import { createHost, settings } from "hosts/platform/host";
import application from "./application/application.js";
import type { DeviceConfig } from "./modules/device/config.js";
import { Device } from "./modules/device/device.js";

/** Updates over the air are for devices of this title. OpenRemote has none. */
const firmware = Object.freeze({ title: "xsthing", version: "0.1.0" } as const);
const software = Object.freeze({ title: "xsthing-application", version: "0.1.0" } as const);

/** Called by the host once it is set up. */
export default function main(): void {
  const host = createHost();
  let device: Device;
  try {
    const config = settings() as Partial<DeviceConfig>;
    const packages = config.server?.platform === "openremote" ? {} : { firmware, software };
    device = new Device(host, { ...packages, ...config });
  } catch (error) {
    host.log.write("error", "device.misconfigured", String(error), "config-invalid");
    // An image on trial that cannot become a device gives way to the one before.
    if (host.bootLoader?.isOnTrial) host.system.restart("misconfigured");
    return;
  }
  device.start(application);
}
