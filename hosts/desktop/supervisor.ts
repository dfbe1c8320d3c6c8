// SPDX-License-Identifier: Apache-2.0

import type { ChildProcess } from "node:child_process";
import { exitCodes } from "../node/exit-codes.js";
import type { EngineName } from "../node/image.js";
import { startProgram, stopProgram } from "./children.js";

export type { EngineName };

const firmwarePrograms = Object.freeze({ xs: "hosts/desktop/firmware.ts", node: "hosts/node/firmware.ts" } as const);

/** A restart that was asked for takes about as long as a chip's. */
const restartPause = 200;

/** Panics in a row are followed by pauses that double, so that a broken firmware is no busy loop. */
const firstPanicPause = 500;
const longestPanicPause = 30_000;

/** A run this long ends the row of panics. */
const stablePeriod = 60_000;

export interface SupervisorOptions {
  readonly engine: EngineName;
  /** Command line of the firmware process, without `--json`, which it always gets. */
  readonly args: readonly string[];
  /** A line the firmware printed: JSON. */
  readonly onLine: (line: string) => void;
  /** The firmware ended and is started again after `pause` milliseconds. */
  readonly onRestart: (code: number | null, pause: number) => void;
  /** The firmware ended and is not started again: it was switched off, or its command line is wrong. */
  readonly onEnd: (code: number) => void;
}

/** Starts the firmware's process, which is its own boot loader, and starts it again after a restart, a panic or a kill. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  #child: ChildProcess | undefined;
  #pause: NodeJS.Timeout | undefined;
  #panics = 0;
  #isStopped = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** The firmware's process while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const startedAt = performance.now();
    const { engine, args, onLine } = this.#options;
    const child = startProgram(firmwarePrograms[engine], [...args, "--json"], onLine);
    this.#child = child;
    child.on("close", (code) => this.#onClose(code, performance.now() - startedAt));
  }

  /** Switches the board off. Idempotent; nothing is called afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#pause);
    if (this.#child) await stopProgram(this.#child);
  }

  #onClose(code: number | null, lifetime: number): void {
    this.#child = undefined;
    if (this.#isStopped) return;
    if (code === exitCodes.stopped || code === exitCodes.usage) {
      this.#options.onEnd(code);
      return;
    }
    const pause = code === exitCodes.restart ? restartPause : this.#panicPause(lifetime);
    this.#options.onRestart(code, pause);
    this.#pause = setTimeout(() => this.start(), pause);
  }

  #panicPause(lifetime: number): number {
    if (lifetime >= stablePeriod) this.#panics = 0;
    this.#panics += 1;
    return Math.min(firstPanicPause * 2 ** (this.#panics - 1), longestPanicPause);
  }
}
