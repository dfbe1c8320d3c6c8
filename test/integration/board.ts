// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "@jest/globals";
import { createMachine } from "../../hosts/node/machine.js";
import { hasty } from "../fakes/hasty-clock.js";
import type { LogEntry } from "../fakes/log.js";

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** Called when the test is over; what was handed in last comes first. */
export function afterTest(cleanup: () => void): void {
  cleanups.push(cleanup);
}

/** A folder that stands for a board's flash until the test is over. */
export function flashFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "xsthing-board-"));
  afterTest(() => rmSync(folder, { recursive: true }));
  return folder;
}

/**
 * A board on the Node host with this flash, until the test is over or `stop`. Its clock runs `haste` times as fast; what it logs goes
 * to `onLog`.
 */
export function startBoard(folder: string, onLog: (entry: LogEntry) => void, haste = 1) {
  const machine = createMachine({
    folder,
    format: (entry) => JSON.stringify(entry),
    writeLine: (line) => onLog(JSON.parse(line) as LogEntry),
    onEnd: () => {},
    engine: "V8",
    measureEngine: () => {},
  });
  // Before its device, which may not come into being.
  afterTest(() => machine.stop());
  return haste === 1 ? machine : { ...machine, clock: hasty(machine.clock, haste) };
}
