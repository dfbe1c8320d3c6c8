// SPDX-License-Identifier: Apache-2.0

import type { BlackBox, Text } from "../../modules/core/ports.js";
import type { Folder } from "./files.js";

export type ResetReason = "power-on" | "software" | "panic";

/** One letter for each way in which a run can end; "running" stays where it came to no clean end. An error may follow it. */
const letters = Object.freeze({ software: 115, panic: 112, running: 114 } as const);

/** Characters of an error with its stack; what it is stands at the beginning. */
const maxErrorLength = 200;

/** How the last run ended, kept beside the flash: a machine that knows why it started. */
export class BootRecord implements BlackBox {
  readonly #folder: Folder;
  readonly #text: Text;
  /** Closing the simulator's window is what switching off is to a board: a run without an end was "power-on". */
  readonly resetReason: ResetReason;
  readonly error: string;
  readonly trail: string;

  constructor(folder: Folder, text: Text) {
    this.#folder = folder;
    this.#text = text;
    const last = folder.read("boot");
    const letter = last?.[0];
    this.resetReason = letter === letters.software ? "software" : letter === letters.panic ? "panic" : "power-on";
    this.error = last === undefined ? "" : text.decode(last, 1, last.length);
    const trail = this.resetReason === "power-on" ? undefined : folder.read("trail");
    this.trail = trail === undefined ? "" : text.decode(trail, 0, trail.length);
    this.#write(letters.running, "");
  }

  write(trail: string): void {
    try {
      const bytes = new Uint8Array(this.#text.byteLength(trail));
      this.#text.encodeInto(trail, bytes, 0);
      this.#folder.write("trail", bytes);
    } catch {
      // A full disk: the trail is lost, the firmware goes on.
    }
  }

  /** Says why the next run will start, and the error that was the reason where there was one. */
  end(next: "software" | "panic", error = ""): void {
    this.#write(letters[next], error.slice(0, maxErrorLength));
  }

  #write(letter: number, error: string): void {
    const bytes = new Uint8Array(1 + this.#text.byteLength(error));
    bytes[0] = letter;
    this.#text.encodeInto(error, bytes, 1);
    this.#folder.write("boot", bytes);
  }
}
