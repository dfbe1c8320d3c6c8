// SPDX-License-Identifier: Apache-2.0
// Firmware that counts: every sample has its number, so that the server can tell which one is missing.

import { createHost, settings } from "hosts/platform/host";
import { Device } from "../../modules/device/device.js";

/** A log line with the number of the last sample, each second or so. */
export const countEvent = "bench.count";

export default function main(): void {
  const host = createHost();
  const { config, period } = settings() as { readonly config: object; readonly period: number };
  const device = new Device(host, config);
  let number = 0;
  const timer = host.clock.timer(() => {
    timer.start(period);
    device.telemetry.record("number", number);
    number += 1;
    if (number % 10 === 0) host.log.write("debug", countEvent, String(number));
  });
  timer.start(0);
  device.start();
}
