// SPDX-License-Identifier: Apache-2.0
// What the default firmware does, apart from being a device. It is built in, and can be replaced on its own ("sw_" packages).

import type { Host, Milliseconds } from "../modules/core/ports.js";
import type { Application } from "../modules/device/application.js";
import type { Device } from "../modules/device/device.js";

/** The framework that this is written for, written out: it stays what it is when the firmware beneath changes. */
export const framework = "0.1";

/** The shared attribute `period` in milliseconds: ten samples a second to one a day. */
const periodType = Object.freeze({ type: "integer", minimum: 100, maximum: 86_400_000, default: 5_000 } as const);

/** `identify` blinks this often, half a second each way. */
const blinks = 6;
const blinkPeriod: Milliseconds = 500;

const application: Application = (device, host) => {
  const { description: model, identity, resetReason } = host.system;
  const firmware = device.ota.current("firmware")?.version ?? null;
  device.attributes.publish({ model, identity, firmware, resetReason });
  reportVitals(device);
  // Some platforms have calls only where the configuration says how.
  if (device.rpc.isCallable) answerCalls(device, host, { identity, model, firmware });
};

function answerCalls(device: Device, { clock, system }: Host, self: Readonly<Record<string, string | null>>): void {
  let remaining = 0;
  const blink = clock.timer(() => {
    system.indicate(remaining % 2 === 0);
    remaining -= 1;
    if (remaining > 0) blink.start(blinkPeriod);
  });
  device.rpc.handle("identify", {}, () => {
    remaining = 2 * blinks;
    blink.start(0);
    return self;
  });
  device.rpc.handle("getVitals", {}, () => device.health.snapshot());
  device.rpc.handle("reboot", {}, () => {
    device.restart("rpc");
    return { accepted: true };
  });
}

/**
 * Telemetry: every vital sign this platform really has, each `period` milliseconds (shared attribute). What is in use has a name of its
 * own: to OpenRemote there is one attribute of a name, and a device that starts must not write over what somebody has set.
 */
function reportVitals({ attributes, health }: Device): void {
  attributes.declareShared("period", periodType, (period) => {
    health.report(period);
    attributes.publish({ periodInUse: period });
  });
}

export default application;
