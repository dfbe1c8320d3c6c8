// SPDX-License-Identifier: Apache-2.0

import type { Chip } from "./chip.js";

/** `ESP_RST_SW` of ESP-IDF: both a restart that was asked for and the end of an XS machine after an exception. */
const software = 3;

/** `esp_reset_reason_t` of ESP-IDF in the words of the port. */
const names = Object.freeze([
  "unknown",
  "power-on",
  "power-on", // EXT: the reset pin
  "panic", // SW that nobody asked for
  "panic",
  "watchdog", // INT_WDT
  "watchdog", // TASK_WDT
  "watchdog", // WDT
  "deep-sleep",
  "brown-out",
  "unknown", // SDIO
  "power-on", // USB: the development machine
  "power-on", // JTAG: likewise
  "unknown", // EFUSE
  "brown-out", // PWR_GLITCH
  "panic", // CPU_LOCKUP
]);

export function readResetReason(chip: Chip): string {
  const code = chip.esp_reset_reason();
  const wasIntended = chip.xsthing_restart_was_intended() !== 0;
  if (code === software && wasIntended) return "software";
  return names[code] ?? "unknown";
}
