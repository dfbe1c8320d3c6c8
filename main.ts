// SPDX-License-Identifier: Apache-2.0

// The only line that names the platform; the manifest, the bundler or the loader resolves it.
import { createHost, settings } from "hosts/platform/host";
import type { Host, Milliseconds } from "./modules/core/ports.js";
import { Device } from "./modules/device/device.js";

const version = "0.1.0";

/** The shared attribute `period` in milliseconds: ten samples a second to one a day. */
const periodType = Object.freeze({ type: "integer", minimum: 100, maximum: 86_400_000, default: 5_000 } as const);

/** `identify` blinks this often, half a second each way. */
const blinks = 6;
const blinkPeriod: Milliseconds = 500;

/** Called by the host once it is set up. */
export default function main(): void {
  const host = createHost();
  let device: Device;
  try {
    device = new Device(host, settings());
  } catch (error) {
    host.log.write("error", "device.misconfigured", String(error), "config-invalid");
    return;
  }
  reportVitals(device);
  answerCalls(host, device);
  const { description, identity, resetReason } = host.system;
  device.attributes.publish({ model: description, identity, firmware: version, resetReason });
  device.start();
}

/** Telemetry: every vital sign this platform really has, each `period` milliseconds (shared attribute). */
function reportVitals({ attributes, health }: Device): void {
  attributes.declareShared("period", periodType, (period) => {
    health.report(period);
    attributes.publish({ period });
  });
}

function answerCalls(host: Host, device: Device): void {
  device.rpc.handle("getVitals", {}, () => device.health.snapshot());

  let remaining = 0;
  const blink = host.clock.timer(() => {
    host.system.indicate(remaining % 2 === 0);
    remaining -= 1;
    if (remaining > 0) blink.start(blinkPeriod);
  });
  device.rpc.handle("identify", {}, () => {
    remaining = 2 * blinks;
    blink.start(0);
    return { identity: host.system.identity, model: host.system.description, firmware: version };
  });

  device.rpc.handle("reboot", {}, () => {
    device.restart("rpc");
    return { accepted: true };
  });
}
