// SPDX-License-Identifier: Apache-2.0
// A firmware process on V8.

import { createRequire } from "node:module";
import { loadScript } from "./application-slot.js";
import type { Boot } from "./boot-loader.js";
import { BootRecord } from "./boot-record.js";
import { programOf } from "./example.js";
import { exitCodes } from "./exit-codes.js";
import { bootProcess, type FirmwareValues, firmwareValues, folderOf, processLog } from "./firmware-process.js";
import { describeError } from "./guard.js";
import { runProgram } from "./options.js";
import { settingsOf } from "./settings.js";

interface Program {
  default(): void;
}

runProgram(async () => {
  const values = firmwareValues();
  settingsOf(values);
  const started = bootProcess(values, "node");
  try {
    const { default: main } = await loadProgram(started, values);
    main();
  } catch (error) {
    panic(values, describeError(error));
  }
});

async function loadProgram({ slot, image }: Boot, { example }: FirmwareValues): Promise<Program> {
  if (image === undefined) return (await import(`../../${programOf(example)}`)) as Program;
  // The machine's code is in the image, too; it looks for its files from here.
  return loadScript(image.script, slot, {
    require: createRequire(import.meta.url),
    imageUrl: import.meta.url,
  }) as Program;
}

/** Ends a program that did not come as far as to have a machine. */
function panic(values: FirmwareValues, description: string): void {
  processLog(values).write("error", "host.panic", description);
  new BootRecord(folderOf(values)).end("panic", description);
  process.exit(exitCodes.panic);
}
