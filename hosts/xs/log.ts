// SPDX-License-Identifier: Apache-2.0

import type { LogSink } from "../../modules/core/ports.js";

/**
 * One line per entry on the debugger's console: time of day, level, event, detail, reason. Before the clock is known the
 * time is that since power-on. Release builds have no console and print nothing.
 */
export const log: LogSink = Object.freeze({
  write: (level, event, detail, reason) => {
    const clock = new Date().toISOString().slice(11, 23);
    const suffix = reason === undefined ? "" : ` (${reason})`;
    trace(`${clock} ${level.padEnd(7)} ${event.padEnd(20)} ${detail}${suffix}\n`);
  },
} satisfies LogSink);
