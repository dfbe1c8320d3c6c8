// SPDX-License-Identifier: Apache-2.0
// What an update tells the server. Types only.

import type { PackageName } from "./target.js";

/** ThingsBoard's `OtaPackageUpdateStatus`, but for the two that the server itself sets. */
export type UpdateState = "DOWNLOADING" | "DOWNLOADED" | "VERIFIED" | "UPDATING" | "UPDATED" | "FAILED";

export interface UpdateReport {
  /** `error` is empty but for "FAILED". */
  onState(state: UpdateState, error: string): void;
  /** Of the download, in percent. */
  onProgress(percent: number): void;
  /** What runs. */
  onCurrent(name: PackageName): void;
}
