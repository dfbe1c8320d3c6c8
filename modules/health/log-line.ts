// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";

/** One line of the log as people read it, at most `maxLength` characters: event, reason, detail. */
export function logLine(event: string, detail: string, reason: Reason | undefined, maxLength: number): string {
  let line = event;
  if (reason !== undefined) line += ` (${reason})`;
  if (detail !== "") line += ` ${detail}`;
  return line.length <= maxLength ? line : line.slice(0, maxLength);
}
