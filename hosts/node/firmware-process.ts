// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { LogSink } from "../../modules/core/ports.js";
import { type Boot, boot } from "./boot-loader.js";
import { noteBoot } from "./boot-record.js";
import { example } from "./example.js";
import { exitCodes } from "./exit-codes.js";
import type { EngineName } from "./image.js";
import { createLog, formatOf } from "./log.js";
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

const defaultState = ".xsthing";

/** Reads the command line of this process. */
export function firmwareValues(): FirmwareValues {
  return readOptions(firmwareOptions, process.argv.slice(2));
}

/** Plays the boot loader of this process, and tells of it where it had something to do. A board that nothing can boot stays off. */
export function bootProcess(values: FirmwareValues, engine: EngineName): Boot {
  const log = processLog(values);
  noteBoot(folderOf(values));
  try {
    const started = boot(folderOf(values), engine);
    for (const refusal of started.refusals) log.write("warning", "host.image", refusal, "image-refused");
    const { slot, image, isOnTrial } = started;
    const what = image === undefined ? "the firmware that is built in" : `${image.length} bytes`;
    if (image !== undefined || started.refusals.length > 0)
      log.write("info", "host.image", `${slot}, ${what}${isOnTrial ? ", on trial" : ""}`);
    return started;
  } catch (error) {
    if (!(error instanceof DeviceError) || error.reason !== "image-refused") throw error;
    log.write("error", "host.image", error.message, error.reason);
    process.exit(exitCodes.usage);
  }
}

/** For what happens while there is no machine. */
export function processLog(values: FirmwareValues): LogSink {
  return createLog(formatOf(values.json ?? false), (line) => console.log(line));
}

/** The machine whose life is the life of this process: it ends with the firmware, with its supervisor or on a signal. */
export function createProcessMachine(values: FirmwareValues, engine: "V8" | "XS", measureEngine: Measure): Machine {
  const machine = createMachine({
    folder: folderOf(values),
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

/** Folder that stands for the board's flash. */
export function folderOf({ state = defaultState }: { readonly state: string | undefined }): string {
  return state;
}
