// SPDX-License-Identifier: Apache-2.0
// Connects, and sends a value every second.

import { createHost, settings } from "hosts/platform/host";
import { Device } from "modules/device/device";

const period = 1_000;

export default function main(): void {
  const host = createHost();
  const device = new Device(host, settings());
  const timer = host.clock.timer(() => {
    timer.start(period);
    device.telemetry.record("temperature", 20 + (host.random() % 100) / 10);
  });
  timer.start(0);
  device.start();
}
