// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ifPresent, replaceFile } from "./storage.js";

export type ResetReason = "power-on" | "software" | "panic" | "watchdog";

const cleanEnds: readonly string[] = ["power-on", "software", "watchdog"] satisfies ResetReason[];

/** How the last run ended, kept beside the flash: a machine that knows why it started. */
export class BootRecord {
  readonly #path: string;
  /** Why this run started. "panic" also when the last one did not come to a clean end. */
  readonly resetReason: ResetReason;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#path = join(folder, "boot");
    const last = ifPresent(() => readFileSync(this.#path, "utf8"));
    this.resetReason = last === undefined ? "power-on" : cleanEnds.includes(last) ? (last as ResetReason) : "panic";
    this.#write("running");
  }

  /** Says why the next run will start. */
  end(next: ResetReason): void {
    this.#write(next);
  }

  #write(state: string): void {
    replaceFile(this.#path, Buffer.from(state));
  }
}
