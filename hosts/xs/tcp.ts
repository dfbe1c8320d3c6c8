// SPDX-License-Identifier: Apache-2.0

import type { Reason } from "../../modules/core/errors.js";

/** A TCP connection in the shape of the SDK's. */
export interface Tcp {
  /** Fills the view. Throws where it is longer than what was received. */
  read(into: Uint8Array): void;
  /** Returns what is still writable, undefined where the connection is lost. Throws where the view is longer than what is writable. */
  write(from: Uint8Array): number | undefined;
  close(): void;
}

export interface TcpOptions {
  /** In digits; names are not resolved here. */
  readonly address: string;
  /** What `address` was found by, for those who check it. */
  readonly name: string;
  readonly port: number;
  readonly nodelay: boolean;
  onReadable(count: number): void;
  onWritable(count: number): void;
  /** For a refused connection, for one that the peer closed and for one that broke; without a reason where nobody says which. */
  onError(reason?: Reason): void;
}

/** Throws where there is no memory or no socket left. */
export type OpenTcp = (options: TcpOptions) => Tcp;
