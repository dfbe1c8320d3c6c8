// SPDX-License-Identifier: Apache-2.0
// How the journal lies in its flash partition. Integers are big-endian.

/**
 * A sector is one block of flash. It begins with a header that is written once, right after the block was erased:
 *
 *   magic (2 bytes) | 0 | acknowledged: index (1) | sequence (4) | boot (4) | total (4) |
 *   acknowledged: sectors back (2), offset (2) | clock (8) | CRC-32 (4)
 *
 * Sector n lies in block n modulo the number of blocks, so that every block is erased equally often. `total` is how many data
 * were ever written before this sector, modulo 2^32: what is there need not be counted. `clock` is the wall-clock time of uptime 0
 * of that boot, not a number while unknown.
 *
 * Frames follow until the first byte that is still erased:
 *
 *   kind (1) | count (1) | payload length (2) | payload | CRC-32 of all before (4) | padding to the write alignment
 *
 * What a frame says holds for the frames behind it in the sector, until another one says otherwise. Where the last frame was cut
 * short, the next boot goes on at a multiple of `resumeAlign`, with a boot frame.
 *
 * A firmware from before there were sub-devices takes the first `source` frame for the end of the sector, and a datum of a sub-device
 * never comes before one: what it cannot understand it does not see, and gives up as data that cannot be read.
 */

/** A multiple of every write alignment. */
export const sectorHeaderLength = 32;

/** The version of this layout is in its last digit. */
export const sectorMagic = 0x5851;

/** Kind, count and payload length. */
export const frameHeaderLength = 4;
export const checksumLength = 4;

export const FrameKind = Object.freeze({
  /**
   * Time of the first datum as a zigzag varint of milliseconds since the first one of the data frame before, or since the boot;
   * then `count` data as they lie in the queue, the first of which carries no time.
   */
  data: 1,
  /** `count` is the number of the key that the payload names, in UTF-8. */
  key: 2,
  /** The wall-clock time of uptime 0 became known, or was corrected: a float64. */
  clock: 3,
  /** Another boot goes on here: its number (4), its clock (8). It has its own keys and its own uptime. */
  boot: 4,
  /** Everything before that place is acknowledged: sequence (4), offset of a data frame (2), index of a datum in it (1). */
  acknowledged: 5,
  /** `count` is the number of the sub-device that the payload names, in UTF-8. */
  source: 6,
} as const);

/** A multiple of every write alignment. */
export const resumeAlign = 64;

/** What erased flash reads as. */
export const erased = 255;

/** Data in one frame at most, so that the count and an index fit a byte. */
export const maxFrameData = 250;

export const clockLength = 8;
export const bootLength = 4 + clockLength;
export const acknowledgedLength = 7;

/** Smallest block that can hold any datum: 1,035 bytes of record, 255 of key, 255 of sub-device, frames and header. */
export const minBlockLength = 2_048;

/** The end of a block has to fit the two bytes of an offset. */
export const maxBlockLength = 32_768;

/** One to be written, one to be kept free, and two for data. */
export const minBlocks = 4;

/** The way back to what is not acknowledged has to fit two bytes. */
export const maxBlocks = 65_535;

/** Bytes of flash that a frame takes, padding included. */
export function frameLength(payloadLength: number, writeAlign: number): number {
  const length = frameHeaderLength + payloadLength + checksumLength;
  return Math.ceil(length / writeAlign) * writeAlign;
}

/** A place between two data of the journal. */
export interface JournalPlace {
  sequence: number;
  /** Of a frame in the sector. */
  offset: number;
  /** Data of that frame that lie before it. */
  index: number;
}
