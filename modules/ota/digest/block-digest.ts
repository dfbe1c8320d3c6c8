// SPDX-License-Identifier: Apache-2.0

import type { Digest } from "../../core/ports.js";
import { checkPart } from "./part.js";

/** Cuts what comes into the blocks of an algorithm; whole blocks are taken where they lie. */
export abstract class BlockDigest implements Digest {
  /** A block that has not come in whole. */
  readonly #rest: Uint8Array;
  #restLength = 0;
  #byteLength = 0;

  constructor(blockLength: number) {
    this.#rest = new Uint8Array(blockLength);
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    checkPart(bytes, start, end);
    this.#byteLength += end - start;
    const rest = this.#rest;
    const blockLength = rest.length;
    let at = start;
    if (this.#restLength > 0) {
      at = this.#fill(bytes, start, end);
      if (this.#restLength < blockLength) return;
      this.takeBlocks(rest, 0, blockLength);
      this.#restLength = 0;
    }
    const border = end - ((end - at) % blockLength);
    if (border > at) this.takeBlocks(bytes, at, border);
    this.#fill(bytes, border, end);
  }

  finish(): string {
    return this.end(this.#rest, this.#restLength, this.#byteLength);
  }

  /** Takes the blocks, one or more, that lie from `start` to before `end`. Allocates nothing. */
  protected abstract takeBlocks(bytes: Uint8Array, start: number, end: number): void;

  /** `rest`, of which the first `restLength` bytes came last, is its own from now on; `byteLength` bytes came in all. */
  protected abstract end(rest: Uint8Array, restLength: number, byteLength: number): string;

  /** Returns how far it came. */
  #fill(bytes: Uint8Array, start: number, end: number): number {
    const rest = this.#rest;
    let length = this.#restLength;
    let at = start;
    while (at < end && length < rest.length) {
      rest[length] = bytes[at] as number;
      length += 1;
      at += 1;
    }
    this.#restLength = length;
    return at;
  }
}
