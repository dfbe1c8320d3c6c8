// SPDX-License-Identifier: Apache-2.0
// A device that can be claimed for a while after somebody with access to it asked for that, here by a call; a button does as well.

import { createHost, settings } from "hosts/platform/host";
import { Device } from "modules/device/device.js";

export default function main(): void {
  const host = createHost();
  const device = new Device(host, settings());
  device.rpc.handle(
    "openForClaiming",
    { secretKey: "string", seconds: { type: "integer", minimum: 1, maximum: 3_600 } },
    ({ secretKey, seconds }) => {
      device.claiming.open({ secretKey, duration: seconds * 1_000 });
      return { isOpen: device.claiming.isOpen };
    },
  );
  device.start();
}
