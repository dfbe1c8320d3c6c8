// SPDX-License-Identifier: Apache-2.0
// How the bytes of a package come to the device. Types only.

import type { Reason } from "../core/errors.js";

/** The package that is fetched, in chunks. */
export interface FetchedImage {
  /** Chunks of the image. */
  readonly chunks: number;
  /** Bytes of every chunk but the last. */
  readonly chunkLength: number;
  /** Chunks that have yet to come. */
  readonly missing: number;
  /** Whether a chunk is there already, and need not come. */
  has(chunk: number): boolean;
  /** Bytes of a chunk; the last one may be shorter than the others. */
  lengthOf(chunk: number): number;
}

/** Who waits for the package. Nothing here is called inside a call of the source. */
export interface PackageReceiver {
  readonly image: FetchedImage;
  /**
   * A whole chunk, in `bytes` from `start`, valid during the call only. It may turn out not to be there afterwards, because the flash
   * failed: then it is still missing and has to come again. Stops the source when it was the last one.
   */
  onChunk(chunk: number, bytes: Uint8Array, start: number): void;
  /** The source has given up, for good: it is as good as stopped. */
  onFailed(reason: Reason, detail: string): void;
}

/** Fetches what is missing of one package, again and again after everything that passes, until it is stopped or gives up. */
export interface PackageSource {
  /** Begins, or goes on after `stop`. Idempotent. */
  start(): void;
  /** Nothing is called back afterwards. Idempotent. */
  stop(): void;
}
