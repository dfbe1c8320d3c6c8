// SPDX-License-Identifier: Apache-2.0

import type { ClaimDialect } from "../cloud/dialect.js";
import type { GatewayDialect } from "../cloud/gateway-dialect.js";
import type { JsonWriter } from "../cloud/json-writer.js";
import type { Clock, LogSink, Text } from "../core/ports.js";
import type { Children } from "./children.js";
import type { Gate } from "./gate.js";

/** What the parts of a gateway are made of. */
export interface GatewayParts {
  readonly clock: Clock;
  /** Unsigned 32-bit random numbers. */
  readonly random: () => number;
  readonly text: Text;
  readonly log: LogSink;
  readonly link: Gate;
  readonly dialect: GatewayDialect;
  readonly claim: ClaimDialect;
  readonly children: Children;
  /** One for all parts: each writes a message and publishes it before it returns. */
  readonly writer: JsonWriter;
}

/** Longest message that a gateway writes besides telemetry and replies; kept as XS heap. */
export const maxMessageBytes = 1_536;
