// SPDX-License-Identifier: Apache-2.0

import TCP from "embedded:io/socket/tcp";
import type { Reason } from "../../modules/core/errors.js";

/** The SDK's TCP socket as it behaves; its typings disagree about `write`, which returns what is still writable (T7). */
export interface SdkTcp {
  /** Fills the view. Throws where it is longer than what was received. */
  read(into: Uint8Array): void;
  /** Undefined where the connection is lost. Throws where the view is longer than what is writable. */
  write(from: Uint8Array): number | undefined;
  close(): void;
}

export interface SdkTcpOptions {
  /** In digits; the SDK does not resolve names here. */
  readonly address: string;
  /** What `address` was found by, for those who check it. */
  readonly name: string;
  readonly port: number;
  readonly nodelay: boolean;
  onReadable(count: number): void;
  onWritable(count: number): void;
  /** For a refused connection, for one that the peer closed and for one that broke: the SDK gives no reason. */
  onError(reason?: Reason): void;
}

/** Throws where there is no memory or no socket left. */
export type OpenTcp = (options: SdkTcpOptions) => SdkTcp;

export const openTcp: OpenTcp = (options) => new TCP(options) as unknown as SdkTcp;
