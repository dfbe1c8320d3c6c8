// SPDX-License-Identifier: Apache-2.0

import { runFirmware } from "./firmware.js";

const poll = 500;
const delay = 2_000;

/** Passes its trial, and then crashes two seconds after every start. */
export default function main(): void {
  runFirmware("faltering", {}, (_device, { bootLoader, clock }) => {
    const timer = clock.timer(() => {
      if (bootLoader?.isOnTrial) timer.start(poll);
      else fall.start(delay);
    });
    const fall = clock.timer(() => {
      throw new RangeError("a defect that shows late");
    });
    timer.start(0);
  });
}
