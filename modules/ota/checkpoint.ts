// SPDX-License-Identifier: Apache-2.0

import { crcEnd, crcStart, crcSteps } from "../core/crc32.js";
import type { Text } from "../core/ports.js";
import { Bitmap, bitmapLength } from "./bitmap.js";
import { digestAlgorithms, digestLength } from "./digest/algorithm.js";
import { maxNameBytes, type PackageIdentity } from "./package-identity.js";

/** Changes with the order of the algorithms too. */
const layout = 1;
const headerLength = 13;
const crcLength = 4;

/** Bits of the bitmap: 4 MB in units of 4 KiB. */
const maxUnits = 1_024;

/** ESP-IDF allows a partition's name no more. */
const maxSlotBytes = 16;

/**
 * What survives a power cut of a download: which package goes where, and what of it is in the flash. It is one value of the
 * key-value store, of 735 bytes at the most. Integers are big-endian.
 *
 *   layout (1) | algorithm (1) | size (4) | unit length (4) | lengths of slot, title and version (1 each) |
 *   slot | title | version | checksum | bitmap of the units, the first in the lowest bit | CRC-32 of all before (4)
 */
export class Checkpoint {
  readonly slot: string;
  readonly identity: PackageIdentity;
  /** Bytes of the image that a bit stands for. */
  readonly unitLength: number;
  /** Units that are in the flash, whole. */
  readonly written: Bitmap;
  readonly #bytes: Uint8Array;

  /** `bytes` hold everything else already; the bitmap lives in them. */
  constructor(slot: string, identity: PackageIdentity, unitLength: number, bytes: Uint8Array) {
    this.slot = slot;
    this.identity = identity;
    this.unitLength = unitLength;
    this.#bytes = bytes;
    const units = Math.ceil(identity.size / unitLength);
    const end = bytes.length - crcLength;
    this.written = new Bitmap(units, bytes.subarray(end - bitmapLength(units), end));
  }

  /** The value to be stored; it changes with the next call. */
  seal(): Uint8Array {
    const end = this.#bytes.length - crcLength;
    viewOf(this.#bytes).setUint32(end, crcOf(this.#bytes, end));
    return this.#bytes;
  }
}

/** Blocks that a bit stands for, in bytes: the fewest by which the bitmap suffices, a power of two. */
export function unitLengthFor(size: number, blockLength: number): number {
  let unitLength = blockLength;
  while (unitLength * maxUnits < size) unitLength *= 2;
  return unitLength;
}

/**
 * One with nothing written. `slot` is the name of a partition, of 1 to 16 bytes, the identity is one that `readOffer` could give,
 * and of the unit's length there are at most 1,024 in it. Throws `RangeError` for what does not fit.
 */
export function createCheckpoint(text: Text, slot: string, identity: PackageIdentity, unitLength: number): Checkpoint {
  const { title, version, size, checksum, algorithm } = identity;
  const units = Math.ceil(size / unitLength);
  const lengths = [slot, title, version].map((name) => text.byteLength(name));
  const [slotLength = 0, titleLength = 0, versionLength = 0] = lengths;
  if (slotLength < 1 || slotLength > maxSlotBytes) throw new RangeError(`slot: not 1 to ${maxSlotBytes} bytes`);
  if (Math.max(titleLength, versionLength) > maxNameBytes) throw new RangeError(`name: over ${maxNameBytes} bytes`);
  if (units < 1 || units > maxUnits) throw new RangeError(`size: not 1 to ${maxUnits} units`);
  const namesLength = slotLength + titleLength + versionLength;
  const checksumLength = digestLength(algorithm);
  if (checksum.length !== 2 * checksumLength) throw new RangeError("checksum: not as long as the algorithm's");
  const bytes = new Uint8Array(headerLength + namesLength + checksumLength + bitmapLength(units) + crcLength);
  bytes[0] = layout;
  bytes[1] = digestAlgorithms.indexOf(algorithm);
  viewOf(bytes).setUint32(2, size);
  viewOf(bytes).setUint32(6, unitLength);
  bytes.set(lengths, 10);
  text.encodeInto(slot, bytes, headerLength);
  text.encodeInto(title, bytes, headerLength + slotLength);
  text.encodeInto(version, bytes, headerLength + slotLength + titleLength);
  for (let index = 0; index < checksumLength; index += 1)
    bytes[headerLength + namesLength + index] = Number.parseInt(checksum.slice(2 * index, 2 * index + 2), 16);
  return new Checkpoint(slot, identity, unitLength, bytes);
}

/** Undefined for anything that is no checkpoint of this layout. `bytes` are its own from now on. */
export function parseCheckpoint(text: Text, bytes: Uint8Array): Checkpoint | undefined {
  const crcOffset = bytes.length - crcLength;
  if (crcOffset < headerLength || bytes[0] !== layout) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(crcOffset) !== crcOf(bytes, crcOffset)) return undefined;
  const algorithm = digestAlgorithms[bytes[1] as number];
  const size = view.getUint32(2);
  const unitLength = view.getUint32(6);
  if (algorithm === undefined || size === 0 || unitLength === 0) return undefined;
  const units = Math.ceil(size / unitLength);
  const titleOffset = headerLength + (bytes[10] as number);
  const versionOffset = titleOffset + (bytes[11] as number);
  const checksumOffset = versionOffset + (bytes[12] as number);
  const bitmapOffset = checksumOffset + digestLength(algorithm);
  if (units > maxUnits || bitmapOffset + bitmapLength(units) !== crcOffset) return undefined;
  const slot = text.decode(bytes, headerLength, titleOffset);
  const title = text.decode(bytes, titleOffset, versionOffset);
  const version = text.decode(bytes, versionOffset, checksumOffset);
  const checksum = hexOf(bytes, checksumOffset, bitmapOffset);
  const checkpoint = new Checkpoint(slot, { title, version, size, checksum, algorithm }, unitLength, bytes);
  return checkpoint.written.hasStrayBits ? undefined : checkpoint;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function crcOf(bytes: Uint8Array, end: number): number {
  return crcEnd(crcSteps(crcStart, bytes, 0, end));
}

function hexOf(bytes: Uint8Array, start: number, end: number): string {
  let hex = "";
  for (let index = start; index < end; index += 1) hex += (bytes[index] as number).toString(16).padStart(2, "0");
  return hex;
}
