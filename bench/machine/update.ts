// SPDX-License-Identifier: Apache-2.0
// Firmware that does nothing but update itself.

import { createHost, settings } from "hosts/platform/host";
import { Device } from "../../modules/device/device.js";

export default function main(): void {
  new Device(createHost(), settings()).start();
}
