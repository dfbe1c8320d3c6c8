// SPDX-License-Identifier: Apache-2.0
// The firmware of bench/machine/loss.ts in a process with its board, so that both can be killed.

import { bundleForXs } from "../hosts/desktop/bundle.js";
import { runOnXs } from "../hosts/desktop/run-on-xs.js";
import { XsVitals } from "../hosts/desktop/vitals.js";
import { createProcessMachine, firmwareOptions } from "../hosts/node/firmware-process.js";
import { readOptions, required, runProgram, seconds, text } from "../hosts/node/options.js";
import { settingsOf } from "../hosts/node/settings.js";
import type { Count } from "./machine/count.js";

const options = {
  ...firmwareOptions,
  /** Between two data. */
  period: seconds,
  /** Number of the first datum. */
  first: text,
} as const;

runProgram(async () => {
  const values = readOptions(options, process.argv.slice(2));
  const count: Count = { period: 1_000 * required(values.period, "period"), first: Number(values.first ?? 0) };
  const vitals = new XsVitals();
  const machine = createProcessMachine(values, "XS", vitals.measure);
  const bundle = await bundleForXs("bench/machine/loss-entry.ts");
  await runOnXs(machine, vitals, bundle, { config: settingsOf(values), ...count });
});
