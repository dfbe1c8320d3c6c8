// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../core/errors.js";
import type { UpdateRecord } from "./update-record.js";

/** Why this boot began, and what is known of the end of the last one. */
export interface LastReset {
  /** As `System.resetReason`. */
  readonly reason: string;
  readonly error: string | undefined;
}

/** What an image on trial can say of its own end. */
const ownReasons: readonly Reason[] = Object.freeze([
  ...(["trial-timeout", "application-failed", "wrong-framework", "image-refused", "storage-failed"] as const),
]);

const powerReasons: readonly string[] = Object.freeze(["power-on", "brown-out"]);

/** Why the image that was on trial until this boot did not stay. */
export function describeRejection(record: UpdateRecord, lastReset: LastReset): { reason: Reason; detail: string } {
  const own = ownReasons.find((reason) => reason === record.reason);
  if (own !== undefined) return { reason: own, detail: record.detail };
  // The image may be newer than this one, and its application may throw anything.
  if (record.reason !== "") return { reason: "application-failed", detail: `${record.reason}: ${record.detail}` };
  const name = `${record.title} ${record.version}`;
  if (powerReasons.includes(lastReset.reason))
    return { reason: "trial-interrupted", detail: `${name} lost its power (${lastReset.reason})` };
  const error = lastReset.error === undefined ? "" : `: ${lastReset.error}`;
  return { reason: "trial-crashed", detail: `${name} ended by ${lastReset.reason}${error}` };
}
