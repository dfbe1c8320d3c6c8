// SPDX-License-Identifier: Apache-2.0

import Digital from "embedded:io/digital";
import config from "mc/config";
import type { Clock, Milliseconds } from "../../modules/core/ports.js";
import type { Guard } from "../xs/guard.js";

/** Contacts bounce for some milliseconds; nobody presses twice in this time. */
const rest: Milliseconds = 300;

/** The boot button of nearly every board with an ESP32. */
const defaultPin = 0;

/** The button that the configuration names: `"button": { "pin": 0 }`, to ground, pulled up inside. It is opened when it is first asked for. */
export function createButton(clock: Clock, guard: Guard): (onPressed: () => void) => void {
  return (onPressed) => {
    let pressedAt: number | undefined;
    const onReadable = (): void => {
      const elapsed = pressedAt === undefined ? rest : clock.elapsed(pressedAt);
      // Negative beyond what the clock can tell: a press in the fourth week.
      if (elapsed >= 0 && elapsed < rest) return;
      pressedAt = clock.ticks();
      guard.enter(onPressed, undefined);
    };
    new Digital({
      pin: config.button?.pin ?? defaultPin,
      mode: Digital.InputPullUp,
      edge: Digital.Falling,
      onReadable,
    });
  };
}
