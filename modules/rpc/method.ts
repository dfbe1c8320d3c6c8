// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../core/ports.js";
import type { CompiledSchema } from "./schema.js";

export interface MethodOptions {
  /** Longest wait for a promise of this handler, 1 ms to 1 h. Default that of the dispatcher. */
  readonly deadline?: Milliseconds;
}

export interface Method {
  readonly schema: CompiledSchema;
  readonly deadline: Milliseconds;
  readonly handler: (params: never) => unknown;
}
