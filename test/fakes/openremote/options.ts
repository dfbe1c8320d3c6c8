// SPDX-License-Identifier: Apache-2.0

import type { Identity } from "../certificates.js";
import type { StoredValue } from "./attribute-writer.js";
import type { Client } from "./client.js";
import type { LogSink } from "./log.js";
import type { OpenRemote } from "./open-remote.js";

export interface OpenRemoteOptions {
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Makes it listen for TLS too, on any port that is free unless one is given. */
  readonly tls?: Identity & { readonly port?: number };
  /** Milliseconds since 1970. Default a clock that tells no millisecond twice. */
  readonly now?: () => number;
  /** Seconds, default 60: the longest keep-alive, and the one of clients that want none. */
  readonly serverKeepAlive?: number;
  /** Milliseconds, default 300,000: for how long a permission to publish is remembered. */
  readonly permissionLifetime?: number;
  /** Milliseconds, default 5000: from a change of a restricted user's links until it is disconnected. */
  readonly linkChangeDelay?: number;
  /** Called before anybody is let in: a device that comes back is not to be refused because nobody knows it yet. */
  readonly prepare?: (manager: OpenRemote) => void;
  /** Called for every value that an attribute or its history got. */
  readonly onStored?: (stored: StoredValue) => void;
  /** Called when a client got its CONNACK, and when it is gone. */
  readonly onPresence?: (client: Client) => void;
  /** Called for all that was refused, denied, dropped and closed. */
  readonly onLog?: LogSink;
}
