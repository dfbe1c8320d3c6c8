// SPDX-License-Identifier: Apache-2.0
// A machine that is updated over the air, but never while it works: it downloads at any time, and restarts between two runs.

import { createHost, settings } from "hosts/platform/host";
import type { Host, Milliseconds } from "modules/core/ports";
import { Device } from "modules/device/device";

const firmware = Object.freeze({ title: "xsthing-update", version: "1.0.0" } as const);

/** A run of the machine, and its rest until the next one. */
const runTime: Milliseconds = 20_000;
const restTime: Milliseconds = 15_000;

export default function main(): void {
  const host = createHost();
  const device = new Device(host, { ...(settings() as object), firmware });
  device.start(work);
}

function work(device: Device, { clock }: Host): void {
  let isWorking = false;
  const timer = clock.timer(() => {
    isWorking = !isWorking;
    device.telemetry.record({ working: isWorking });
    timer.start(isWorking ? runTime : restTime);
  });
  timer.start(0);
  device.ota.onReady((step) => step === "download" || !isWorking);
  device.attributes.publish({ firmware: device.ota.current("firmware")?.version ?? null });
}
