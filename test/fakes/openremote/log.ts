// SPDX-License-Identifier: Apache-2.0

/** What a client may not do, and what became of it, as the manager's log would tell. */
export interface LogEntry {
  /**
   * "refused": a CONNECT; "denied": a SUBSCRIBE, PUBLISH or will without the right to it; "dropped": a message that was
   * taken and came to nothing; "closed": a connection.
   */
  readonly kind: "refused" | "denied" | "dropped" | "closed";
  readonly clientId: string;
  readonly topic?: string;
  readonly reason: string;
}

export type LogSink = (entry: LogEntry) => void;
