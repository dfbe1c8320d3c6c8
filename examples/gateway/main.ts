// SPDX-License-Identifier: Apache-2.0
// A gateway of a field bus: each sensor on it is a device of the platform, for as long as it answers. The line is simulated.

import { createHost, settings } from "hosts/platform/host";
import type { Child } from "modules/device/child";
import { Device } from "modules/device/device";
import { FieldBus } from "./field-bus.js";
import { SimulatedLine } from "./simulated-line.js";

/** As many as there are addresses. */
const maxChildren = 10;

export default function main(): void {
  const host = createHost();
  const device = new Device(host, { ...(settings() as object), gateway: { maxChildren, connector: "Field bus" } });
  const children = new Map<number, Child>();
  /** Degrees that the platform wants added, by address. */
  const offsets = new Map<number, number>();
  new FieldBus(host.clock, new SimulatedLine(host.clock, host.random), {
    onFound: (address) => {
      const child = device.gateway.child(`Bus sensor ${address}`, { type: "bus-sensor" });
      children.set(address, child);
      child.attributes.publish({ address });
      child.attributes.declareShared("offset", { type: "number", minimum: -5, maximum: 5, default: 0 }, (offset) => {
        offsets.set(address, offset);
      });
      child.rpc.handle("getAddress", {}, () => ({ address }));
      // What does not change is told once a minute.
      child.telemetry.setRule("temperature", { mode: "on-change", maxSilence: 60_000 });
    },
    onMeasured: (address, temperature) => {
      const offset = offsets.get(address) ?? 0;
      children.get(address)?.telemetry.record("temperature", Math.round((temperature + offset) * 10) / 10);
    },
    onGone: (address) => {
      children.get(address)?.disconnect();
      children.delete(address);
    },
  });
  device.start();
}
