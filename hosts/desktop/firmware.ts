// SPDX-License-Identifier: Apache-2.0
// A firmware process on XS: the engine runs the firmware, this process plays its board.

import { programOf } from "../node/example.js";
import { bootProcess, createProcessMachine, firmwareValues } from "../node/firmware-process.js";
import { runProgram } from "../node/options.js";
import { settingsOf } from "../node/settings.js";
import { bundleForXs, firmwareEntry } from "./bundle.js";
import { bundleOfImage } from "./image-bundle.js";
import { runOnXs } from "./run-on-xs.js";
import { XsVitals } from "./vitals.js";

runProgram(async () => {
  const values = firmwareValues();
  const settings = settingsOf(values);
  const { slot, image } = bootProcess(values, "xs");
  const vitals = new XsVitals();
  const machine = createProcessMachine(values, "XS", vitals.measure);
  const bundle = image
    ? bundleOfImage(image.script, slot)
    : await bundleForXs(firmwareEntry, programOf(values.example));
  await runOnXs(machine, vitals, bundle, settings);
});
