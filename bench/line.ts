// SPDX-License-Identifier: Apache-2.0

import type { Milliseconds } from "../modules/core/ports.js";

/** When bytes that come now arrive at the other end of one direction of a link: one after another, and later by the delay. */
export class Line {
  /** In one millisecond. */
  readonly #bytes: number;
  readonly #delay: Milliseconds;
  /** When everything has been sent that was taken. */
  #freeAt = 0;

  /** `bandwidth` in bits per second. */
  constructor(bandwidth: number, delay: Milliseconds) {
    this.#bytes = bandwidth / 8_000;
    this.#delay = delay;
  }

  /** When the last of them is there. */
  take(now: Milliseconds, byteLength: number): Milliseconds {
    this.#freeAt = Math.max(now, this.#freeAt) + byteLength / this.#bytes;
    return this.#freeAt + this.#delay;
  }

  /** Bytes that were taken and not sent. */
  backlog(now: Milliseconds): number {
    return Math.max(0, this.#freeAt - now) * this.#bytes;
  }
}
