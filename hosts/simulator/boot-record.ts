// SPDX-License-Identifier: Apache-2.0

import type { Folder } from "./files.js";

export type ResetReason = "power-on" | "software" | "panic";

/** One letter for each way in which a run can end; "running" stays where it came to no clean end. */
const letters = Object.freeze({ software: 115, panic: 112, running: 114 } as const);

/** How the last run ended, kept beside the flash: a machine that knows why it started. */
export class BootRecord {
  readonly #folder: Folder;
  /** Closing the simulator's window is what switching off is to a board: a run without an end was "power-on". */
  readonly resetReason: ResetReason;

  constructor(folder: Folder) {
    this.#folder = folder;
    const last = folder.read("boot")?.[0];
    this.resetReason = last === letters.software ? "software" : last === letters.panic ? "panic" : "power-on";
    this.#write(letters.running);
  }

  /** Says why the next run will start. */
  end(next: "software" | "panic"): void {
    this.#write(letters[next]);
  }

  #write(letter: number): void {
    this.#folder.write("boot", Uint8Array.of(letter));
  }
}
