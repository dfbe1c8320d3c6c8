// SPDX-License-Identifier: Apache-2.0
// The format of ESP-IDF's application images (esp_app_format.h): a header, segments, a checksum byte, and the SHA-256 of all that.

import { createHash } from "node:crypto";

const magic = 0xe9;
const headerSize = 24;
const segmentHeaderSize = 8;

/** The checksum is the last byte of a block of this size. */
const checksumBlock = 16;
const checksumSeed = 0xef;
const hashSize = 32;

/** Of an ESP32-C3. */
const instructionMemory = { start: 0x4037_c000, end: 0x403e_0000 };

interface Segment {
  /** Where it is in memory. */
  readonly address: number;
  /** Where its bytes begin in the image. */
  readonly start: number;
  readonly size: number;
}

/** An application image that can be changed and is valid again afterwards. */
export class EspImage {
  readonly #bytes: Buffer;
  readonly #segments: readonly Segment[];
  readonly #checksumAt: number;

  /** `bytes` begins with the image; what follows it is left out. Throws `RangeError` for what is no such image. */
  constructor(bytes: Uint8Array) {
    const all = Buffer.from(bytes);
    if (all.length < headerSize || all[0] !== magic) throw new RangeError("no application image");
    if (all[23] !== 1) throw new RangeError("an application image without its hash");
    this.#segments = readSegments(all);
    const last = this.#segments.at(-1);
    if (!last) throw new RangeError("an application image without segments");
    const end = last.start + last.size;
    this.#checksumAt = end - (end % checksumBlock) + checksumBlock - 1;
    const size = this.#checksumAt + 1 + hashSize;
    if (size > all.length) throw new RangeError("an application image that is cut off");
    this.#bytes = all.subarray(0, size);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Whether checksum and hash are those of the contents. */
  get isValid(): boolean {
    const hashAt = this.#checksumAt + 1;
    return this.#bytes[this.#checksumAt] === this.#checksum() && this.#bytes.subarray(hashAt).equals(this.#hash());
  }

  /** Where `code` is in memory that instructions are fetched from without the flash. Throws `RangeError` where it is not. */
  addressOf(code: Uint8Array): number {
    for (const { address, start, size } of this.#segments) {
      if (address < instructionMemory.start || address >= instructionMemory.end) continue;
      const bytes = this.#bytes.subarray(start, start + size);
      for (let at = bytes.indexOf(code); at >= 0; at = bytes.indexOf(code, at + 1))
        if (at % 2 === 0) return address + at;
    }
    throw new RangeError("no such code in the image");
  }

  /** The same image, whose first instruction is an illegal one. */
  crashing(): EspImage {
    const entry = this.#bytes.readUInt32LE(4);
    const segment = this.#segments.find(({ address, size }) => entry >= address && entry + 4 <= address + size);
    if (!segment) throw new RangeError("the entry point is in no segment");
    // All zeros is the instruction that RISC-V and Xtensa define as illegal.
    const at = segment.start + entry - segment.address;
    return this.#changed((bytes) => bytes.fill(0, at, at + 4));
  }

  /** The same image with another text of the same length, everywhere. Throws `RangeError` where the text is not there. */
  withText(text: string, replacement: string): EspImage {
    if (Buffer.byteLength(text) !== Buffer.byteLength(replacement)) throw new RangeError("texts of different lengths");
    if (!this.#bytes.includes(text)) throw new RangeError(`"${text}" is not in the image`);
    return this.#changed((bytes) => {
      for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) bytes.write(replacement, at);
    });
  }

  #changed(change: (bytes: Buffer) => void): EspImage {
    const image = new EspImage(this.#bytes);
    change(image.#bytes);
    image.#bytes[image.#checksumAt] = image.#checksum();
    image.#hash().copy(image.#bytes, image.#checksumAt + 1);
    return image;
  }

  #checksum(): number {
    let sum = checksumSeed;
    for (const { start, size } of this.#segments)
      for (const byte of this.#bytes.subarray(start, start + size)) sum ^= byte;
    return sum;
  }

  #hash(): Buffer {
    return createHash("sha256")
      .update(this.#bytes.subarray(0, this.#checksumAt + 1))
      .digest();
  }
}

function readSegments(bytes: Buffer): readonly Segment[] {
  const segments: Segment[] = [];
  let at = headerSize;
  for (let left = bytes[1] ?? 0; left > 0; left -= 1) {
    if (at + segmentHeaderSize > bytes.length) throw new RangeError("an application image that is cut off");
    const segment = {
      address: bytes.readUInt32LE(at),
      start: at + segmentHeaderSize,
      size: bytes.readUInt32LE(at + 4),
    };
    segments.push(segment);
    at = segment.start + segment.size;
  }
  return segments;
}
