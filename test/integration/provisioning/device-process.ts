// SPDX-License-Identifier: Apache-2.0
// A board in a process of its own, to be killed: `device-process.ts FOLDER CONFIG`, the configuration in JSON. Its log goes to stdout.

import { createMachine } from "../../../hosts/node/machine.js";
import { Device } from "../../../modules/device/device.js";

const [folder = "", config = "{}"] = process.argv.slice(2);

const machine = createMachine({
  folder,
  format: (entry) => JSON.stringify(entry),
  writeLine: (line) => console.log(line),
  onEnd: (code) => process.exit(code),
  engine: "V8",
  measureEngine: () => {},
});

new Device(machine, JSON.parse(config)).start();
