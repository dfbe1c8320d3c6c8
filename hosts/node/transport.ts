// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";
import type { Reason } from "../../modules/core/errors.js";
import type { SocketOptions } from "../../modules/core/ports.js";

/** How far a connection had come when it failed. */
export interface Progress {
  /** Bytes could be sent. */
  readonly isReady: boolean;
  /** Bytes were received. */
  readonly hasReceived: boolean;
}

/** What is between a socket and the network: TCP, or TLS over it. */
export interface Transport<S extends Socket = Socket> {
  /** The event after which bytes can be sent. */
  readonly readyEvent: "connect" | "secureConnect";
  /** Begins to connect. `sendLimit` is the stream's high-water mark for writing. */
  open(options: SocketOptions, sendLimit: number): S;
  reasonOf(error: NodeJS.ErrnoException, stream: S, progress: Progress): Reason;
}
