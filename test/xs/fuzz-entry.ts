// SPDX-License-Identifier: Apache-2.0
// Runs in the XS machine: the fuzz run, told how many packets to send, and 0 for the end.

import { engine } from "../../hosts/desktop/xs/engine-globals.js";
import { FuzzRun } from "../faults/fuzz/run.js";

const encoder = new TextEncoder();
const run = new FuzzRun();

engine.handleCommand = (command) => {
  const count = new DataView(command).getUint32(0);
  run.send(count);
  const aftermath = count === 0 ? run.aftermath() : undefined;
  return encoder.encode(JSON.stringify({ ...run.report, aftermath })).buffer as ArrayBuffer;
};
