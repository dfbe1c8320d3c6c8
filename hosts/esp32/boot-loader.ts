// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../../modules/core/errors.js";
import type { BootLoader } from "../../modules/core/ports.js";
import type { Chip } from "./chip.js";

/** What the functions of native/boot-loader.c return. */
const imageRefused = 1;
const storageFailed = 2;

/** Undefined where the partition table has no place for a second image. */
export function openBootLoader(chip: Chip): BootLoader | undefined {
  const next = chip.xsthing_next_partition();
  return next === "" ? undefined : new ChipBootLoader(chip, next);
}

/** ESP-IDF's boot loader. It is asked each time: its memory is in flash and changes under `select` and `confirm` only. */
class ChipBootLoader implements BootLoader {
  readonly running: string;
  readonly next: string;
  readonly #chip: Chip;

  constructor(chip: Chip, next: string) {
    this.#chip = chip;
    this.running = chip.xsthing_running_partition();
    this.next = next;
  }

  get isOnTrial(): boolean {
    return this.#chip.xsthing_image_is_on_trial() !== 0;
  }

  get isNextRejected(): boolean {
    return this.#chip.xsthing_next_image_was_rejected() !== 0;
  }

  select(): void {
    check(this.#chip.xsthing_select_image());
  }

  confirm(): void {
    check(this.#chip.xsthing_confirm_image());
  }
}

function check(outcome: number): void {
  if (outcome === imageRefused) throw new DeviceError("image-refused");
  if (outcome === storageFailed) throw new DeviceError("storage-failed", "storage-failed: the boot loader's memory");
}
