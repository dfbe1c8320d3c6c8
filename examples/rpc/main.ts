// SPDX-License-Identifier: Apache-2.0
// Calls in both directions: the server sets and asks for a set point, and has the device call the server.

import { createHost, settings } from "hosts/platform/host";
import type { Milliseconds } from "modules/core/ports";
import { Device } from "modules/device/device";

/** Shorter than what the server waits for the answer of `callServer`. */
const callTimeout: Milliseconds = 4_000;

export default function main(): void {
  const host = createHost();
  const device = new Device(host, settings());
  const { attributes, rpc } = device;
  let setpoint = 21;
  rpc.handle("rpcChangeSetpoint", { setpoint: { type: "number", minimum: 5, maximum: 30 } }, (params) => {
    setpoint = params.setpoint;
    attributes.publish({ setpoint });
  });
  rpc.handle("rpcQuerySetpoint", {}, () => ({ setpoint }));
  rpc.handle(
    "callServer",
    { method: "string", params: "json?" },
    ({ method, params }) =>
      new Promise((resolve) => {
        rpc.call(method, params ?? {}, { timeout: callTimeout }, (error, result) => {
          resolve(error === undefined ? { result } : { failed: error.reason });
        });
      }),
  );
  device.start();
}
