// SPDX-License-Identifier: Apache-2.0
// A device that can be claimed for a while by whoever knows its key, once somebody has pressed its button, or asked for it by a call.

import { createHost, settings } from "hosts/platform/host";
import { Device } from "modules/device/device";

/** Long enough to walk back to the desk. */
const pressDuration = 300_000;

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
  // Who can reach the button has the device at hand: no key.
  host.watchButton?.(() => device.claiming.open({ duration: pressDuration }));
  device.start();
}
