// SPDX-License-Identifier: Apache-2.0

import { example } from "./example.js";
import { formatOf } from "./log.js";
import { createMachine, type Machine } from "./machine.js";
import { choice, flag, readOptions, seconds, text, type Values } from "./options.js";
import { settingsOptions } from "./settings.js";
import type { Measure } from "./system.js";

export const firmwareOptions = {
  ...settingsOptions,
  example,
  engine: choice("xs", "node"),
  state: text,
  for: seconds,
  json: flag,
} as const;

export type FirmwareValues = Values<typeof firmwareOptions>;

export const defaultState = ".xsthing";

/** Reads the command line of this process. */
export function firmwareValues(): FirmwareValues {
  return readOptions(firmwareOptions, process.argv.slice(2));
}

/** The machine whose life is the life of this process: it ends with the firmware, with its supervisor or on a signal. */
export function createProcessMachine(values: FirmwareValues, engine: string, measureEngine: Measure): Machine {
  const machine = createMachine({
    folder: values.state ?? defaultState,
    format: formatOf(values.json ?? false),
    writeLine: (line) => console.log(line),
    onEnd: (code) => process.exit(code),
    engine,
    measureEngine,
  });
  process.on("SIGINT", () => machine.stop());
  process.on("SIGTERM", () => machine.stop());
  process.on("disconnect", () => machine.stop());
  process.on("uncaughtException", (error) => machine.guard.panic(error));
  return machine;
}
