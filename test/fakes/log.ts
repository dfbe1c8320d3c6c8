// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import type { LogLevel, LogSink } from "../../modules/core/ports.js";

export interface LogEntry {
  readonly level: LogLevel;
  readonly event: string;
  readonly detail: string;
  readonly reason: Reason | undefined;
}

/** Keeps what was logged. */
export class FakeLog implements LogSink {
  readonly entries: LogEntry[] = [];

  write(level: LogLevel, event: string, detail: string, reason?: Reason): void {
    this.entries.push({ level, event, detail, reason });
  }

  /** Reasons logged with an event, in order. */
  reasons(event: string): (Reason | undefined)[] {
    return this.entries.filter((entry) => entry.event === event).map((entry) => entry.reason);
  }

  events(): string[] {
    return this.entries.map((entry) => entry.event);
  }
}
