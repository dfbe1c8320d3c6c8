// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { BlackBox, LogLevel, Milliseconds, Text } from "../core/ports.js";
import { logLine } from "./log-line.js";

/** With these and the bytes of a black box a whole trail fits into one attribute, beside the error. */
const maxLines = 10;
const maxLineLength = 56;
const maxTrailBytes = 639;

/** Rooms of the log whose every step is a change of state worth knowing after a crash. */
const rooms: readonly string[] = Object.freeze(["device.", "wifi.", "session.", "provisioning."]);

/**
 * The last steps before an end: changes of state, warnings and errors, each with its second of uptime. They are written to the
 * black box as they happen, because nobody is asked before a crash.
 */
export class Trail {
  /** The last steps of the run before this one, oldest first. */
  readonly previous: readonly string[];
  readonly #box: BlackBox | undefined;
  readonly #text: Text;
  readonly #uptime: () => Milliseconds;
  readonly #lines: string[] = [];

  constructor(box: BlackBox | undefined, text: Text, uptime: () => Milliseconds) {
    const last = box?.trail ?? "";
    this.previous = last === "" ? [] : last.split("\n").slice(-maxLines);
    this.#box = box;
    this.#text = text;
    this.#uptime = uptime;
  }

  add(level: LogLevel, event: string, detail: string, reason: Reason | undefined): void {
    if (this.#box === undefined || !isOfInterest(level, event)) return;
    const seconds = Math.floor(this.#uptime() / 1000);
    // A line feed would make two lines of one.
    this.#lines.push(
      `${seconds} ${logLine(event, detail, reason, maxLineLength)}`.split("\n").join(" ").slice(0, maxLineLength),
    );
    if (this.#lines.length > maxLines) this.#lines.shift();
    let trail = this.#lines.join("\n");
    while (this.#text.byteLength(trail) > maxTrailBytes) {
      this.#lines.shift();
      trail = this.#lines.join("\n");
    }
    this.#box.write(trail);
  }
}

function isOfInterest(level: LogLevel, event: string): boolean {
  if (level === "warning" || level === "error") return true;
  return level === "info" && rooms.some((room) => event.startsWith(room));
}
