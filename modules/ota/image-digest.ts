// SPDX-License-Identifier: Apache-2.0

import type { Digest, Flash } from "../core/ports.js";

/** Reads an image back from its partition, block by block, so that everything else has its turn in between. */
export class ImageDigest {
  readonly #flash: Flash;
  readonly #size: number;
  readonly #digest: Digest;
  /** One block, all of it XS heap. */
  readonly #bytes: Uint8Array;
  #offset = 0;

  /** The image is the first `size` bytes of the partition, at least 1. */
  constructor(flash: Flash, size: number, digest: Digest) {
    this.#flash = flash;
    this.#size = size;
    this.#digest = digest;
    this.#bytes = new Uint8Array(Math.min(flash.status.blockLength, size));
  }

  /**
   * Takes the next block. Undefined while there are more, then the image's digest, and that is the end. Throws `DeviceError`
   * "storage-failed" where the flash could not be read; the next step tries the same block.
   */
  step(): string | undefined {
    const bytes = this.#bytes;
    const length = Math.min(bytes.length, this.#size - this.#offset);
    this.#flash.read(length === bytes.length ? bytes : bytes.subarray(0, length), this.#offset);
    this.#digest.update(bytes, 0, length);
    this.#offset += length;
    return this.#offset < this.#size ? undefined : this.#digest.finish();
  }
}
