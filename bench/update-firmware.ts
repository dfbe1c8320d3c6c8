// SPDX-License-Identifier: Apache-2.0
// The firmware of bench/machine/update.ts in a process with its board, which watches its updates.

import { bundleForXs } from "../hosts/desktop/bundle.js";
import { runOnXs } from "../hosts/desktop/run-on-xs.js";
import { createProcessMachine, firmwareOptions } from "../hosts/node/firmware-process.js";
import { flag, readOptions, runProgram, text } from "../hosts/node/options.js";
import { settingsOf } from "../hosts/node/settings.js";
import { UpdateProbe } from "./update-probe.js";
import { builtFirmware } from "./updating-device.js";

const options = {
  ...firmwareOptions,
  /** Members of the configuration, as JSON. */
  config: text,
  /** Measures the heap after every delivery, which takes its time. */
  heap: flag,
} as const;

runProgram(async () => {
  const values = readOptions(options, process.argv.slice(2));
  const probe = new UpdateProbe(values.heap ?? false);
  const machine = probe.watch(createProcessMachine(values, "XS", probe.measure));
  const bundle = await bundleForXs("bench/machine/update-entry.ts");
  const config = JSON.parse(values.config ?? "{}");
  await runOnXs(machine, probe, bundle, { ...settingsOf(values), firmware: builtFirmware, ...config });
});
