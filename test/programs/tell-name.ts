// SPDX-License-Identifier: Apache-2.0

import type { Host } from "../../modules/core/ports.js";
import type { Device } from "../../modules/device/device.js";

const beat = 500;

/** Tells by telemetry which program runs, again and again: what one says that never knew the time may get a later one than its own. */
export function tellName({ telemetry }: Device, { clock }: Host, name: string): void {
  let beats = 0;
  const timer = clock.timer(() => {
    beats += 1;
    telemetry.record({ program: name, beats });
    timer.start(beat);
  });
  timer.start(0);
}
