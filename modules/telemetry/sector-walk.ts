// SPDX-License-Identifier: Apache-2.0

import { crcEnd, crcStart, crcStep } from "../core/crc32.js";
import type { Flash, Milliseconds } from "../core/ports.js";
import type { FlashWindow } from "./flash-window.js";
import {
  checksumLength,
  erased,
  FrameKind,
  frameHeaderLength,
  frameLength,
  type JournalPlace,
  resumeAlign,
  sectorHeaderLength,
  sectorMagic,
} from "./journal-layout.js";
import { fromZigzag } from "./record.js";
import { readVarint, varintLength } from "./ring.js";

/** Learns which number a key, or a sub-device, has from here on. */
export interface NameReader {
  clear(): void;
  /** The name lies at a position of the window, in UTF-8. */
  define(number: number, window: FlashWindow, position: number, length: number): void;
}

/** Goes through the frames of one sector, knowing at each what the frames before it said. */
export class SectorWalk {
  readonly #window: FlashWindow;
  readonly #blocks: number;
  readonly #blockLength: number;
  readonly #writeAlign: number;
  readonly #keys: NameReader | undefined;
  readonly #sources: NameReader | undefined;
  /** -1 before the first `open`. */
  sequence = -1;
  /** Of the frame at hand, in the sector. */
  offset = 0;
  /** Number of the boot that wrote the frame at hand. */
  boot = 0;
  /** Wall-clock time of its uptime 0, not a number while it was not known. */
  clock: Milliseconds = Number.NaN;
  /** Uptime of the first datum in the data frame before this one, 0 where the boot has none in this sector. */
  base: Milliseconds = 0;
  /** Data that were ever written before the frame at hand, modulo 2^32. */
  total = 0;
  /** Everything before this is acknowledged, as far as the sector says up to here. */
  readonly acknowledged: JournalPlace = { sequence: 0, offset: 0, index: 0 };
  /** Of the frame at hand. */
  kind = 0;
  count = 0;
  #length = 0;

  constructor(flash: Flash, window: FlashWindow, keys?: NameReader, sources?: NameReader) {
    const { blocks, blockLength, writeAlign } = flash.status;
    this.#window = window;
    this.#blocks = blocks;
    this.#blockLength = blockLength;
    this.#writeAlign = writeAlign;
    this.#keys = keys;
    this.#sources = sources;
  }

  /** Goes to the first frame of a sector. False when the sector is not, or no longer, in the flash. */
  open(sequence: number): boolean {
    const block = sequence % this.#blocks;
    return this.openBlock(block) && this.sequence === sequence;
  }

  /** Goes to the first frame of the sector that lies in a block. False when there is none. */
  openBlock(block: number): boolean {
    const window = this.#window;
    const start = block * this.#blockLength;
    this.sequence = -1;
    if (window.getUint16(start) !== sectorMagic) return false;
    if (!this.#isIntact(start, sectorHeaderLength - checksumLength)) return false;
    const sequence = window.getUint32(start + 4);
    if (sequence % this.#blocks !== block) return false;
    this.sequence = sequence;
    this.boot = window.getUint32(start + 8);
    this.total = window.getUint32(start + 12);
    this.acknowledged.sequence = sequence - window.getUint16(start + 16);
    this.acknowledged.offset = window.getUint16(start + 18);
    this.acknowledged.index = window.get(start + 3);
    this.clock = window.getFloat64(start + 20);
    this.base = 0;
    this.offset = sectorHeaderLength;
    this.#clearNames();
    return true;
  }

  /**
   * Looks at the frame at `offset`, or at the first that a later boot wrote behind one that was cut short. False at the end of
   * the sector.
   */
  look(): boolean {
    if (this.#isFrame()) return true;
    const { offset } = this;
    for (this.offset = resumeBehind(offset); this.offset < this.#blockLength; this.offset += resumeAlign)
      if (this.#window.get(this.position) === FrameKind.boot && this.#isFrame()) return true;
    this.offset = offset;
    return false;
  }

  #isFrame(): boolean {
    const window = this.#window;
    const at = this.position;
    if (this.offset + frameHeaderLength + checksumLength > this.#blockLength) return false;
    this.kind = window.get(at);
    if (this.kind < FrameKind.data || this.kind > FrameKind.source) return false;
    this.count = window.get(at + 1);
    this.#length = window.getUint16(at + 2);
    if (this.end > this.#blockLength) return false;
    return this.#isIntact(at, frameHeaderLength + this.#length);
  }

  /** Takes in what the frame at hand says and goes behind it. Only after `look` was true. */
  next(): void {
    const window = this.#window;
    const { payload } = this;
    switch (this.kind) {
      case FrameKind.data:
        this.base = this.dataBase;
        this.total = (this.total + this.count) >>> 0;
        break;
      case FrameKind.key:
        this.#keys?.define(this.count, window, payload, this.#length);
        break;
      case FrameKind.source:
        this.#sources?.define(this.count, window, payload, this.#length);
        break;
      case FrameKind.clock:
        this.clock = window.getFloat64(payload);
        break;
      case FrameKind.boot:
        this.boot = window.getUint32(payload);
        this.clock = window.getFloat64(payload + 4);
        this.base = 0;
        this.#clearNames();
        break;
      default:
        this.acknowledged.sequence = window.getUint32(payload);
        this.acknowledged.offset = window.getUint16(payload + 4);
        this.acknowledged.index = window.get(payload + 6);
    }
    this.offset = this.end;
  }

  /** Where the next boot may go on. Only after `look` was false. */
  get resumeOffset(): number {
    const start = this.position - this.offset;
    let end = this.offset;
    for (let at = end; at < this.#blockLength; at += 1) if (this.#window.get(start + at) !== erased) end = at + 1;
    return end === this.offset ? end : resumeBehind(end - 1);
  }

  /** Behind the frame at hand, in the sector. */
  get end(): number {
    return this.offset + frameLength(this.#length, this.#writeAlign);
  }

  /** Of the frame at hand, in the flash. */
  get position(): number {
    return (this.sequence % this.#blocks) * this.#blockLength + this.offset;
  }

  /** Where its payload lies in the flash. */
  get payload(): number {
    return this.position + frameHeaderLength;
  }

  /** Uptime of the first datum in the data frame at hand. */
  get dataBase(): Milliseconds {
    return this.base + fromZigzag(readVarint(this.#window, this.payload));
  }

  /** Where its first datum lies in the flash. */
  get dataPosition(): number {
    return this.payload + varintLength(readVarint(this.#window, this.payload));
  }

  #clearNames(): void {
    this.#keys?.clear();
    this.#sources?.clear();
  }

  /** Whether `length` bytes are followed by their checksum. */
  #isIntact(start: number, length: number): boolean {
    let crc = crcStart;
    for (let at = start; at < start + length; at += 1) crc = crcStep(crc, this.#window.get(at));
    return crcEnd(crc) === this.#window.getUint32(start + length);
  }
}

/** The first place behind an offset at which a boot goes on. */
function resumeBehind(offset: number): number {
  return (Math.floor(offset / resumeAlign) + 1) * resumeAlign;
}
