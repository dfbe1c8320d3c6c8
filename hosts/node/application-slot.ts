// SPDX-License-Identifier: Apache-2.0

import { compileFunction } from "node:vm";
import type { ApplicationSlot, FlashFactory } from "../../modules/core/ports.js";
import { type EngineName, type Image, isErased, parseImage } from "./image.js";

/** Partitions of application code. */
export const applicationPartitions = Object.freeze({ running: "xs", next: "xs_next" } as const);

/** The image in the slot, undefined where that is empty. Throws `DeviceError` "image-refused" for any other. */
export function readApplication(openFlash: FlashFactory, engine: EngineName): Image | undefined {
  const { running } = applicationPartitions;
  const flash = openFlash(running);
  const contents = new Uint8Array(flash.status.size);
  flash.read(contents, 0);
  return isErased(contents) ? undefined : parseImage(contents, "application", engine, running);
}

/** The slot where V8 runs the firmware. */
export function createApplicationSlot(read: () => Image | undefined): ApplicationSlot {
  return {
    ...applicationPartitions,
    load: () => {
      const image = read();
      return image && loadScript(image.script, applicationPartitions.running, {});
    },
  };
}

/**
 * Runs a script in the form of CommonJS and returns what it exports. `place` is what its stack traces name, with the line of the image
 * that the script was in; `names` are what it finds besides `module`.
 */
export function loadScript(script: string, place: string, names: Readonly<Record<string, unknown>>): unknown {
  const module: { exports: unknown } = { exports: {} };
  const run = compileFunction(script, ["module", ...Object.keys(names)], { filename: place, lineOffset: 1 });
  run(module, ...Object.values(names));
  return module.exports;
}
