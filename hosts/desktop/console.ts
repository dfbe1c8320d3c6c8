// SPDX-License-Identifier: Apache-2.0

import type { LogLevel } from "../../modules/core/ports.js";
import { formatHuman, type LogEntry, parseEntry } from "../node/log.js";

/** Prints the lifecycle lines of a run, for people or as JSON. */
export class Console {
  readonly #json: boolean;
  readonly #print: (line: string) => void;

  constructor(json: boolean, print: (line: string) => void = console.log) {
    this.#json = json;
    this.#print = print;
  }

  /** A step of the program itself. */
  say(level: LogLevel, event: string, detail: string): void {
    this.entry("", { time: new Date().toISOString(), level, event, detail });
  }

  /** Passes on a line of JSON that the process `who` printed; returns it parsed. */
  relay(who: string, line: string, isWanted: (entry: LogEntry) => boolean = () => true): LogEntry | undefined {
    const entry = parseEntry(line);
    if (entry === undefined || this.#json) this.#print(line);
    else if (isWanted(entry)) this.entry(who, entry);
    return entry;
  }

  entry(who: string, entry: LogEntry): void {
    this.#print(this.#json ? JSON.stringify(entry) : `${who.padEnd(7)}${formatHuman(entry)}`);
  }
}
