// SPDX-License-Identifier: Apache-2.0

import { describeError, type FailureLog } from "./failure-log.js";
import { isThenable } from "./thenable.js";

/**
 * Runs a handler of the application. What it throws is counted and logged, and goes no further; so is what the promise of an `async`
 * one is rejected with, which would otherwise be the end of the firmware.
 */
export function runHandler(failures: FailureLog, handler: () => unknown): void {
  const fail = (error: unknown): void => failures.add("handler-failed", describeError(error));
  try {
    const result = handler();
    if (isThenable(result)) result.then(() => {}, fail);
  } catch (error) {
    fail(error);
  }
}
