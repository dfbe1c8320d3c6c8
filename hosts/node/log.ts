// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";
import type { LogLevel, LogSink } from "../../modules/core/ports.js";

/** One lifecycle step, as it goes over the pipe between processes. */
export interface LogEntry {
  /** ISO 8601. */
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
  readonly detail: string;
  readonly reason?: Reason;
}

export type LogFormat = (entry: LogEntry) => string;

/** A JSON object with the members of `LogEntry`. */
export const formatJson: LogFormat = (entry) => JSON.stringify(entry);

/** For people: time of day, level, event, detail, reason. */
export const formatHuman: LogFormat = (entry) => {
  const clock = entry.time.slice(11, 23);
  const reason = entry.reason === undefined ? "" : ` (${entry.reason})`;
  return `${clock} ${entry.level.padEnd(7)} ${entry.event.padEnd(20)} ${entry.detail}${reason}`.trimEnd();
};

export function formatOf(json: boolean): LogFormat {
  return json ? formatJson : formatHuman;
}

export function createLog(format: LogFormat, writeLine: (line: string) => void): LogSink {
  return {
    write: (level, event, detail, reason) => {
      const time = new Date().toISOString();
      const entry: LogEntry =
        reason === undefined ? { time, level, event, detail } : { time, level, event, detail, reason };
      writeLine(format(entry));
    },
  };
}

/** An entry from a line of JSON: members that entries do not have become its detail. Undefined for any other line. */
export function parseEntry(line: string): LogEntry | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const { time, level, event, detail, reason, ...others } = JSON.parse(line);
    if (typeof event !== "string") return undefined;
    const entry = {
      time: new Date(time ?? Date.now()).toISOString(),
      level: level ?? "info",
      event,
      detail: detail ?? describeMembers(others),
    };
    return reason === undefined ? entry : { ...entry, reason };
  } catch {
    return undefined;
  }
}

function describeMembers(members: object): string {
  return Object.entries(members)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(",") : String(value)}`)
    .join(", ");
}
