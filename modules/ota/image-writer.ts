// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/errors.js";
import type { Flash } from "../core/ports.js";
import { Bitmap } from "./bitmap.js";
import { type Checkpoint, createCheckpoint, unitLengthFor } from "./checkpoint.js";
import type { CheckpointStore } from "./checkpoint-store.js";
import { isSamePackage, type PackageIdentity } from "./package-identity.js";
import type { FetchedImage } from "./package-source.js";

/** What fills the end of an image up to the write alignment: as erased flash reads. */
const filler = 255;

export interface ImageWriterOptions {
  readonly flash: Flash;
  /** Name of the partition, 1 to 16 bytes. */
  readonly slot: string;
  readonly identity: PackageIdentity;
  /** Bytes of a chunk: a block of the flash times or divided by a power of two, and a multiple of the write alignment. */
  readonly chunkLength: number;
  readonly checkpoints: CheckpointStore;
}

/**
 * Puts the chunks of an image into a flash partition, in whatever order they come and without a copy of it in RAM. A block is
 * erased just before its first chunk is written. After a power cut only chunks of blocks that were not whole are wanted again:
 * none where a chunk is a block, and no more than a window where that begins at the first missing chunk and spans two blocks.
 */
export class ImageWriter implements FetchedImage {
  /** Chunks of the image. */
  readonly chunks: number;
  /** Bytes of every chunk but the last. */
  readonly chunkLength: number;
  readonly #flash: Flash;
  readonly #options: ImageWriterOptions;
  /** Those that are in the flash; each lies in a block that was erased for it, or in a unit of the checkpoint. */
  readonly #present: Bitmap;
  #checkpoint: Checkpoint;
  #missing = 0;

  /**
   * Goes on as the checkpoint of the same package in the same slot says, or begins anew, with a checkpoint in the place of any
   * other. Throws `RangeError` for a size or a length that does not fit the flash, `DeviceError` "storage-failed" where another
   * checkpoint could not be replaced.
   */
  constructor(options: ImageWriterOptions) {
    checkLengths(options);
    this.#options = options;
    this.#flash = options.flash;
    this.chunkLength = options.chunkLength;
    this.chunks = Math.ceil(options.identity.size / options.chunkLength);
    this.#present = new Bitmap(this.chunks);
    this.#checkpoint = this.#resume() ?? this.#begin();
    this.#countMissing();
  }

  /** Chunks that have yet to come. */
  get missing(): number {
    return this.#missing;
  }

  /** Whether a chunk is in the flash. */
  has(chunk: number): boolean {
    return this.#present.has(chunk);
  }

  /** Bytes of a chunk; the last one may be shorter than the others. */
  lengthOf(chunk: number): number {
    const { identity } = this.#options;
    return Math.min(this.chunkLength, identity.size - chunk * this.chunkLength);
  }

  /**
   * Writes a chunk, which lies in `bytes` from `start` and is as long as `lengthOf` says; one that is there already is left as
   * it is. Throws `RangeError` for a chunk that there is not, and `DeviceError` "storage-failed" where the flash failed: then
   * all chunks of that block are missing again.
   */
  write(chunk: number, bytes: Uint8Array, start: number): void {
    if (!Number.isInteger(chunk) || chunk < 0 || chunk >= this.chunks) throw new RangeError(`chunk: ${chunk} is none`);
    const length = this.lengthOf(chunk);
    if (start < 0 || start + length > bytes.length) throw new RangeError(`chunk: ${chunk} has ${length} bytes`);
    if (this.has(chunk)) return;
    const { chunkLength } = this;
    const pieceLength = Math.min(chunkLength, this.#flash.status.blockLength);
    for (let at = 0; at < length; at += pieceLength) {
      const end = Math.min(at + pieceLength, length);
      this.#writePiece(chunk * chunkLength + at, bytes.subarray(start + at, start + end));
    }
    this.#present.add(chunk);
    this.#missing -= 1;
    if (this.#noteUnits(chunk)) this.#options.checkpoints.save(this.#checkpoint);
  }

  /** Begins anew: what is in the flash turned out to be wrong. Throws as the constructor does. */
  restart(): void {
    this.#checkpoint = this.#begin();
    this.#countMissing();
  }

  #resume(): Checkpoint | undefined {
    const { flash, slot, identity, checkpoints } = this.#options;
    const checkpoint = checkpoints.load();
    if (checkpoint === undefined || checkpoint.slot !== slot) return undefined;
    if (checkpoint.unitLength !== unitLengthFor(identity.size, flash.status.blockLength)) return undefined;
    return isSamePackage(checkpoint.identity, identity) ? checkpoint : undefined;
  }

  /** Nothing is erased before the checkpoint of what is there is gone. */
  #begin(): Checkpoint {
    const { flash, slot, identity, checkpoints } = this.#options;
    const unitLength = unitLengthFor(identity.size, flash.status.blockLength);
    const checkpoint = createCheckpoint(checkpoints.text, slot, identity, unitLength);
    if (!checkpoints.save(checkpoint) && !checkpoints.clear()) throw new DeviceError("storage-failed");
    return checkpoint;
  }

  #countMissing(): void {
    const { chunkLength } = this;
    const { unitLength, written } = this.#checkpoint;
    this.#present.clear();
    this.#missing = this.chunks;
    for (let chunk = 0; chunk < this.chunks; chunk += 1) {
      const offset = chunk * chunkLength;
      const end = Math.ceil((offset + this.lengthOf(chunk)) / unitLength);
      if (!written.hasAll(Math.floor(offset / unitLength), end)) continue;
      this.#present.add(chunk);
      this.#missing -= 1;
    }
  }

  /** A part of a chunk that lies within one block. */
  #writePiece(offset: number, piece: Uint8Array): void {
    const { unitLength, written } = this.#checkpoint;
    // A chunk may be longer than those of the boot before.
    if (written.has(Math.floor(offset / unitLength))) return;
    const block = Math.floor(offset / this.#flash.status.blockLength);
    try {
      if (!this.#isBegun(block)) this.#flash.eraseBlock(block);
      this.#writeAligned(offset, piece);
    } catch (error) {
      this.#forget(block);
      throw error;
    }
  }

  /** Whether chunks of the block are in it. One that is as long as the block, or longer, finds none. */
  #isBegun(block: number): boolean {
    const end = this.#chunksBefore(block + 1);
    for (let chunk = this.#chunksBefore(block); chunk < end; chunk += 1) if (this.has(chunk)) return true;
    return false;
  }

  /** Nobody knows what a write that failed has left there. */
  #forget(block: number): void {
    const end = this.#chunksBefore(block + 1);
    for (let chunk = this.#chunksBefore(block); chunk < end; chunk += 1) {
      if (!this.has(chunk)) continue;
      this.#present.delete(chunk);
      this.#missing += 1;
    }
  }

  /** Chunks that end before a block. */
  #chunksBefore(block: number): number {
    return Math.min(this.chunks, Math.floor((block * this.#flash.status.blockLength) / this.chunkLength));
  }

  #writeAligned(offset: number, piece: Uint8Array): void {
    const { writeAlign } = this.#flash.status;
    const rest = piece.length % writeAlign;
    const aligned = piece.length - rest;
    if (aligned > 0) this.#flash.write(piece.subarray(0, aligned), offset);
    if (rest === 0) return;
    const last = new Uint8Array(writeAlign).fill(filler);
    last.set(piece.subarray(aligned));
    this.#flash.write(last, offset + aligned);
  }

  /** Whether units became whole by a chunk. */
  #noteUnits(chunk: number): boolean {
    const { identity, chunkLength } = this.#options;
    const { unitLength, written } = this.#checkpoint;
    const offset = chunk * chunkLength;
    const end = Math.ceil((offset + this.lengthOf(chunk)) / unitLength);
    let isWhole = false;
    for (let unit = Math.floor(offset / unitLength); unit < end; unit += 1) {
      const first = Math.floor((unit * unitLength) / chunkLength);
      const last = Math.ceil(Math.min((unit + 1) * unitLength, identity.size) / chunkLength);
      if (!this.#present.hasAll(first, last)) continue;
      written.add(unit);
      isWhole = true;
    }
    return isWhole;
  }
}

function checkLengths({ flash, identity, chunkLength }: ImageWriterOptions): void {
  const { size, blockLength, writeAlign } = flash.status;
  if (!Number.isInteger(identity.size) || identity.size < 1 || identity.size > size)
    throw new RangeError(`size: not an integer from 1 to ${size}`);
  const factor = chunkLength > blockLength ? chunkLength / blockLength : blockLength / chunkLength;
  const isPower = Number.isInteger(factor) && factor > 0 && (factor & (factor - 1)) === 0;
  if (!isPower || chunkLength % writeAlign !== 0)
    throw new RangeError(`chunkLength: ${chunkLength} does not fit blocks of ${blockLength}, aligned to ${writeAlign}`);
}
