// SPDX-License-Identifier: Apache-2.0
// Firmware that counts: every sample has its number, so that the server can tell which one is missing.

import { createHost, settings } from "hosts/platform/host";
import { Device } from "../../modules/device/device.js";
import { type Count, countEvent } from "./count.js";

export default function main(): void {
  const host = createHost();
  const { config, period, first } = settings() as { readonly config: object } & Count;
  const device = new Device(host, config);
  let number = first;
  const timer = host.clock.timer(() => {
    timer.start(period);
    device.telemetry.record("number", number);
    number += 1;
    host.log.write("debug", countEvent, String(number));
  });
  timer.start(0);
  device.start();
}
