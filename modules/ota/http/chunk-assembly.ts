// SPDX-License-Identifier: Apache-2.0

import type { FetchedImage, PackageReceiver } from "../package-source.js";

/** Chunks of an image out of its bytes, which come in order, and from where chunks begin. Those that are there already are passed over. */
export class ChunkAssembly {
  /** Holds the chunk under way, from 0 to before `filled`. */
  readonly buffer: Uint8Array;
  /** Bytes of the image. */
  readonly size: number;
  readonly #receiver: PackageReceiver;
  #position = 0;
  #filled = 0;
  #isPassing = false;
  #gained = 0;
  #lost = 0;

  /** `buffer` holds a chunk at least. */
  constructor(receiver: PackageReceiver, buffer: Uint8Array) {
    const { chunks, chunkLength } = receiver.image;
    this.buffer = buffer;
    this.size = (chunks - 1) * chunkLength + receiver.image.lengthOf(chunks - 1);
    this.#receiver = receiver;
  }

  /** Bytes of a chunk that is not whole yet. */
  get filled(): number {
    return this.#filled;
  }

  /** Where in the image the next byte belongs. */
  get position(): number {
    return this.#position;
  }

  /** Chunks since `begin` that were missing before, and are not any more. */
  get gained(): number {
    return this.#gained;
  }

  /** Chunks since `begin` that came, and are missing all the same. */
  get lost(): number {
    return this.#lost;
  }

  /** The next byte is the one at `position`, where a chunk begins. */
  begin(position: number): void {
    this.#position = position;
    this.#filled = 0;
    this.#gained = 0;
    this.#lost = 0;
  }

  /** The first byte that is missing. There is one. */
  nextStart(): number {
    const { image } = this.#receiver;
    let chunk = 0;
    while (image.has(chunk)) chunk += 1;
    return chunk * image.chunkLength;
  }

  /** Behind the last of the bytes from `start` on that are missing. */
  nextEnd(start: number): number {
    const { image } = this.#receiver;
    let chunk = start / image.chunkLength;
    while (chunk < image.chunks && !image.has(chunk)) chunk += 1;
    return Math.min(chunk * image.chunkLength, this.size);
  }

  /**
   * Takes bytes of the image that lie in `buffer`, `count` of them from `start`, which is not before `filled`. Returns how many:
   * none behind the end of a chunk, so that there is one call of the receiver at most.
   */
  take(start: number, count: number): number {
    const { image } = this.#receiver;
    const chunk = Math.floor(this.#position / image.chunkLength);
    const chunkStart = chunk * image.chunkLength;
    const chunkEnd = chunkStart + image.lengthOf(chunk);
    if (this.#position === chunkStart) this.#isPassing = image.has(chunk);
    const taken = Math.min(count, chunkEnd - this.#position);
    if (!this.#isPassing) this.#keep(start, taken);
    this.#position += taken;
    if (this.#position === chunkEnd && !this.#isPassing) this.#deliver(image, chunk);
    return taken;
  }

  #keep(start: number, count: number): void {
    if (start !== this.#filled) this.buffer.copyWithin(this.#filled, start, start + count);
    this.#filled += count;
  }

  #deliver(image: FetchedImage, chunk: number): void {
    this.#filled = 0;
    this.#receiver.onChunk(chunk, this.buffer, 0);
    if (image.has(chunk)) this.#gained += 1;
    else this.#lost += 1;
  }
}
