// SPDX-License-Identifier: Apache-2.0

import type { Clock, System } from "../../modules/core/ports.js";
import { XsHeap } from "../xs/heap.js";
import { log } from "../xs/log.js";
import type { Chip } from "./chip.js";
import { createIndicator } from "./indicator.js";
import { readResetReason } from "./reset-reason.js";

/** A reply that is on its way when the firmware asks for a restart gets this long. */
const restartPause = 250;

/** `MALLOC_CAP_8BIT` of ESP-IDF: memory that bytes can be kept in. */
const bytewise = 4;

const slotSize = 16;

export function createSystem(chip: Chip, clock: Clock): System {
  const heap = new XsHeap(slotSize);
  const restart = clock.timer(() => chip.xsthing_restart());
  return {
    identity: readIdentity(chip),
    resetReason: readResetReason(chip),
    description: `${chip.xsthing_target()} XS`,
    measure: (report) => {
      report("freeHeap", chip.heap_caps_get_free_size(bytewise));
      report("lowestFreeHeap", chip.heap_caps_get_minimum_free_size(bytewise));
      report("largestFreeBlock", chip.heap_caps_get_largest_free_block(bytewise));
      heap.measure(report);
    },
    indicate: createIndicator(),
    restart: (reason) => {
      log.write("info", "host.restart", reason);
      restart.start(restartPause);
    },
  };
}

/** The base MAC, burnt in by the maker. */
function readIdentity(chip: Chip): string {
  const MAC = new Uint8Array(6);
  chip.esp_efuse_mac_get_default(MAC.buffer);
  let identity = "";
  for (const byte of MAC) identity += byte.toString(16).padStart(2, "0");
  return identity;
}
