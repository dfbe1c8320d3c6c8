// SPDX-License-Identifier: Apache-2.0

import { type Reason, type Retry, retryOf } from "../../core/errors.js";
import type { Milliseconds } from "../../core/ports.js";

/** Why an attempt came to nothing. */
export interface Problem {
  readonly reason: Reason;
  /** For people. Without the path and the query of a URL, in which there may be a secret. */
  readonly detail: string;
  /** What is done about it; a reason is not always as bad as its name. */
  readonly retry: Retry;
  /** What the server wants to be left alone for. */
  readonly leastPause: Milliseconds;
}

export function createProblem(
  reason: Reason,
  detail: string,
  retry: Retry = retryOf(reason),
  leastPause: Milliseconds = 0,
): Problem {
  return { reason, detail, retry, leastPause };
}
