// SPDX-License-Identifier: Apache-2.0
// Runs in the XS machine: firmware with a defect, on flash that may have one, too.

import { engine } from "../../hosts/desktop/xs/engine-globals.js";
import { board, createHost } from "../../hosts/desktop/xs/host.js";
import { DeviceError } from "../../modules/core/errors.js";

engine.handleCommand = (delivery) => board.handle(delivery, main);

function main(): void {
  const host = createHost();
  try {
    host.storage.write("key", new Uint8Array(1));
    host.log.write("info", "stored", "");
  } catch (error) {
    host.log.write("error", "not.stored", "", error instanceof DeviceError ? error.reason : undefined);
  }
  host.clock.timer(stumble).start(10);
}

function stumble(): void {
  throw new TypeError("a defect");
}
