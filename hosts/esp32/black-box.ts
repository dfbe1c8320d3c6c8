// SPDX-License-Identifier: Apache-2.0

import type { BlackBox } from "../../modules/core/ports.js";
import type { Chip } from "./chip.js";

/** Characters of an error with its stack; what it is stands at the beginning. In UTF-8 they fit into what native/chip.c keeps. */
const maxErrorLength = 160;

/** RTC memory: reset, panic and watchdog leave it as it is, and writing does not wear it as it would the flash. */
export function openBlackBox(chip: Chip): BlackBox {
  const error = chip.xsthing_kept_error();
  chip.xsthing_keep_error("");
  return {
    error,
    trail: chip.xsthing_kept_trail(),
    write: (trail) => chip.xsthing_keep_trail(trail),
  };
}

/** Keeps what ends this run for the next one. */
export function keepError(chip: Chip, error: string): void {
  chip.xsthing_keep_error(error.slice(0, maxErrorLength));
}
