// SPDX-License-Identifier: Apache-2.0
// Runs in the XS machine: a device that fails when it is told to.

import { engine } from "../../hosts/desktop/xs/engine-globals.js";
import { board, createHost, settings } from "../../hosts/desktop/xs/host.js";
import { Device } from "../../modules/device/device.js";

engine.handleCommand = (delivery) => board.handle(delivery, main);

function main(): void {
  const host = createHost();
  const device = new Device(host, settings());
  const timer = host.clock.timer(stumble);
  device.rpc.handle("crash", {}, () => timer.start(10));
  device.start();
}

function stumble(): void {
  throw new TypeError("a defect");
}
