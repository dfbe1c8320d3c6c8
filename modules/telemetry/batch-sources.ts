// SPDX-License-Identifier: Apache-2.0

import type { GatewayTelemetryDialect } from "../cloud/dialect.js";
import type { Milliseconds } from "../core/ports.js";
import type { SourceNames } from "./source-table.js";
import type { Stretches } from "./stretches.js";

/** What a message of sub-devices' data takes besides. */
export interface BatchSources {
  readonly dialect: GatewayTelemetryDialect;
  readonly names: SourceNames;
  /** Used during `build` only. */
  readonly stretches: Stretches;
  /** What the first instant of a message is to say besides, that was recorded at `epoch`. */
  readonly remark?: ((epoch: Milliseconds) => string | undefined) | undefined;
}
