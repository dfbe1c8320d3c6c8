// SPDX-License-Identifier: Apache-2.0
// A thermostat: its set point outlives a restart on the server, its source of time and its mode are set there.

import { createHost, settings } from "hosts/platform/host";
import { Device } from "modules/device/device";

const defaultSetpoint = 21;

export default function main(): void {
  const host = createHost();
  const device = new Device(host, settings());
  device.attributes.publish({ model: "thermostat", board: host.system.description });
  followServer(device);
  keepSetpoint(device);
  device.start();
}

/** Shared attributes: set by the server, checked here, remembered over a restart. */
function followServer({ attributes }: Device): void {
  attributes.declareShared("sntp_server", { type: "string", default: "pool.ntp.org" }, (host) => {
    attributes.publish({ sntpServerInUse: host });
  });
  attributes.declareShared("mode", { type: "string", oneOf: ["off", "heat", "cool"], default: "off" }, (mode) => {
    attributes.publish({ modeInUse: mode });
  });
}

/** A client attribute that the server keeps for the device. */
function keepSetpoint({ attributes, rpc }: Device): void {
  attributes.request({ client: ["setpoint"], shared: ["sntp_server"] }, { timeout: 30_000 }, (reason, values) => {
    const known = values?.client.get("setpoint");
    const setpoint = typeof known === "number" ? known : defaultSetpoint;
    attributes.publish({ setpoint, setpointFrom: typeof known === "number" ? "server" : (reason ?? "default") });
    attributes.publish({ hasServerName: values?.shared.has("sntp_server") === true });
  });
  rpc.handle("setSetpoint", { setpoint: { type: "number", minimum: 5, maximum: 30 } }, ({ setpoint }) => {
    attributes.publish({ setpoint });
    return { setpoint };
  });
}
