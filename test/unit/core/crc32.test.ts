// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { crcEnd, crcStart, crcStep } from "../../../modules/core/crc32.js";

const encoder = new TextEncoder();

function crcOf(bytes: ArrayLike<number>): number {
  let state = crcStart;
  for (let index = 0; index < bytes.length; index += 1) state = crcStep(state, bytes[index] as number);
  return crcEnd(state);
}

/** The definition, bit by bit. */
function crcByBits(bytes: ArrayLike<number>): number {
  let state = 0xffff_ffff;
  for (let index = 0; index < bytes.length; index += 1) {
    state ^= bytes[index] as number;
    for (let bit = 0; bit < 8; bit += 1) state = (state >>> 1) ^ ((state & 1) === 1 ? 0xedb8_8320 : 0);
  }
  return ~state >>> 0;
}

describe("CRC-32", () => {
  test.each([
    ["", 0],
    ["a", 0xe8b7_be43],
    ["abc", 0x3524_41c2],
    ["123456789", 0xcbf4_3926],
    ["message digest", 0x2015_9d7f],
    ["abcdefghijklmnopqrstuvwxyz", 0x4c27_50bd],
    ["The quick brown fox jumps over the lazy dog", 0x414f_a339],
    ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 0x1fc2_e6d2],
  ])("of %j is the published one", (text, crc) => {
    expect(crcOf(encoder.encode(text))).toBe(crc);
  });

  test.each([
    [0x00, 0x190a_55ad],
    [0xff, 0xff6c_ab0b],
  ])("of 32 bytes of %d is the published one", (byte, crc) => {
    expect(crcOf(new Uint8Array(32).fill(byte))).toBe(crc);
  });

  test("of every byte follows the definition", () => {
    for (let byte = 0; byte < 256; byte += 1) expect(crcOf([byte])).toBe(crcByBits([byte]));
    const all = Uint8Array.from({ length: 1_024 }, (_, index) => (index * 167) & 255);
    expect(crcOf(all)).toBe(crcByBits(all));
  });

  test("tells every change of a single bit", () => {
    const bytes = encoder.encode("a frame of the journal");
    const crc = crcOf(bytes);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(crcOf(changed)).not.toBe(crc);
    }
  });
});
