// SPDX-License-Identifier: Apache-2.0

import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "@jest/globals";
import { stopProgram } from "../../hosts/desktop/children.js";
import type { LogEntry } from "../../hosts/node/log.js";

/** What the programs of one test have in common. */
export interface Programs {
  /** Where they keep their state. */
  readonly state: string;
  /** Those that end with the test. */
  readonly children: ChildProcess[];
  /** What they have printed. */
  readonly entries: LogEntry[];
}

/** For the suite that calls it: everything is new for each test. */
export function eachWithPrograms(): Programs {
  const programs = { state: "", children: [] as ChildProcess[], entries: [] as LogEntry[] };
  beforeEach(() => {
    programs.state = mkdtempSync(join(tmpdir(), "xsthing-"));
    programs.children = [];
    programs.entries = [];
  });
  afterEach(async () => {
    await Promise.all(programs.children.map((child) => stopProgram(child)));
    rmSync(programs.state, { recursive: true, force: true });
  });
  return programs;
}
