// SPDX-License-Identifier: Apache-2.0
// A table of what can be measured, polled at a period of its own each; two of them report only what is worth it.

import { createHost, settings } from "hosts/platform/host";
import type { Host, Milliseconds } from "modules/core/ports";
import { Device } from "modules/device/device";

interface Sensor {
  readonly key: string;
  readonly period: Milliseconds;
  read(): number | boolean | string;
}

export default function main(): void {
  const host = createHost();
  const device = new Device(host, settings());
  device.telemetry.setRule("temperature", { deadband: 0.2, maxSilence: 60_000, maximum: 80 });
  device.telemetry.setRule("door", { mode: "on-change" });
  for (const sensor of sensorsOf(host)) poll(host, device, sensor);
  device.start();
}

function sensorsOf({ random, system }: Host): readonly Sensor[] {
  let temperature = 20;
  return [
    {
      key: "temperature",
      period: 500,
      read: () => {
        temperature += ((random() % 21) - 10) / 10;
        return temperature;
      },
    },
    { key: "door", period: 250, read: () => random() % 40 === 0 },
    { key: "board", period: 60_000, read: () => system.description },
  ];
}

function poll({ clock }: Host, { telemetry }: Device, { key, period, read }: Sensor): void {
  const timer = clock.timer(() => {
    timer.start(period);
    telemetry.record(key, read());
  });
  timer.start(0);
}
