// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BlackBox } from "../../modules/core/ports.js";
import { ifPresent, replaceFile } from "./storage.js";

export type ResetReason = "power-on" | "software" | "panic" | "watchdog";

const recorded: readonly string[] = ["software", "panic", "watchdog"] satisfies ResetReason[];

/** Characters of an error with its stack; what it is stands at the beginning. */
const maxErrorLength = 200;

/** Before the reason of a boot that has not come as far as the firmware. */
const booting = "booting ";

const running = "running";

/**
 * To be called before the boot loader acts. What it does is stored at once, so the reason of this boot is used up from here on: a power
 * cut before the firmware runs would pass for that reason again.
 */
export function noteBoot(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "boot");
  const last = ifPresent(() => readFileSync(path, "utf8")) ?? running;
  const isCutOff = last === running || last.startsWith(booting);
  replaceFile(path, Buffer.from(`${booting}${isCutOff ? "power-on" : last}`));
}

/** How the last run ended, kept beside the flash: a machine that knows why it started. */
export class BootRecord implements BlackBox {
  readonly #path: string;
  readonly #trailPath: string;
  /** Why this run started. Killing a process is what a power cut is to a board: a run without an end was "power-on". */
  readonly resetReason: ResetReason;
  readonly error: string;
  readonly trail: string;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#path = join(folder, "boot");
    this.#trailPath = join(folder, "trail");
    const recordedEnd = ifPresent(() => readFileSync(this.#path, "utf8")) ?? "power-on";
    const [last, ...error] = recordedEnd.slice(recordedEnd.startsWith(booting) ? booting.length : 0).split("\n");
    this.resetReason = recorded.includes(String(last)) ? (last as ResetReason) : "power-on";
    this.error = error.join(" ");
    // What a board keeps in RTC memory goes with the power.
    this.trail = this.resetReason === "power-on" ? "" : (ifPresent(() => readFileSync(this.#trailPath, "utf8")) ?? "");
    this.#write(running);
  }

  /** Not made durable: it has to outlive this process, not this computer. */
  write(trail: string): void {
    try {
      writeFileSync(this.#trailPath, trail);
    } catch {
      // A full disk: the trail is lost, the firmware goes on.
    }
  }

  /** Says why the next run will start, and the error that was the reason where there was one. */
  end(next: ResetReason, error = ""): void {
    this.#write(error === "" ? next : `${next}\n${error.slice(0, maxErrorLength)}`);
  }

  #write(state: string): void {
    replaceFile(this.#path, Buffer.from(state));
  }
}
