// SPDX-License-Identifier: Apache-2.0

import type { Host } from "../../../modules/core/ports.js";

/** Loopback ports with a peer of known behaviour behind each. */
export interface Peers {
  /** Sends back what it receives. */
  readonly echo: number;
  /** Sends "bye" and closes. */
  readonly bye: number;
  /** Resets the connection when it receives something. */
  readonly reset: number;
  /** Sends 300,000 bytes, the n-th is n modulo 251, and closes. */
  readonly flood: number;
  /** Nobody listens. */
  readonly refused: number;
}

/** One obligation of a host. `run` calls `done` when it is met; an exception, also in a callback, says that it is not. */
export interface HostCase<H = Host> {
  readonly name: string;
  run(host: H, done: () => void, peers: Peers): void;
}
