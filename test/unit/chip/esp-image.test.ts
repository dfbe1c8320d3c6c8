// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { EspImage } from "../../chip/esp-image.js";

const entry = 0x4038_0010;
const host = "192.168.4.2";

/** Two segments: constants with the host's name in them twice, and code with the entry point in the middle. */
function makeImage(length = 50): Buffer {
  const constants = Buffer.alloc(length, 0x11);
  constants.write(host, 3);
  constants.write(host, 30);
  const code = Buffer.alloc(64, 0x22);
  const header = Buffer.alloc(24);
  header.set([0xe9, 2]);
  header.writeUInt32LE(entry, 4);
  header[23] = 1;
  const parts = [header, segment(0x3c00_0000, constants), segment(0x4038_0000, code)];
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const padding = Buffer.alloc(16 - (size % 16));
  padding[padding.length - 1] = [...constants, ...code].reduce((sum, byte) => sum ^ byte, 0xef);
  const image = Buffer.concat([...parts, padding]);
  return Buffer.concat([image, createHash("sha256").update(image).digest()]);
}

function segment(address: number, bytes: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(address, 0);
  header.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

function differences(one: Uint8Array, other: Uint8Array): number[] {
  return [...one].flatMap((byte, at) => (byte === other[at] ? [] : [at]));
}

describe("an application image", () => {
  test.each([45, 46, 50, 60, 61, 62])("ends with its hash, whatever follows it; %d bytes of constants", (length) => {
    const bytes = makeImage(length);
    const image = new EspImage(Buffer.concat([bytes, Buffer.alloc(1_000, 0xff)]));
    expect(image.bytes).toEqual(bytes);
    expect(image.isValid).toBe(true);
  });

  test("is not valid with a changed byte, nor with a changed checksum or hash", () => {
    const bytes = makeImage();
    for (const at of [40, bytes.length - 33, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(new EspImage(changed).isValid).toBe(false);
    }
  });

  test("tells where an instruction is in memory for code, at an even address, and not among constants", () => {
    const image = new EspImage(makeImage());
    expect(image.addressOf(Uint8Array.of(0x22, 0x22))).toBe(0x4038_0000);
    expect(() => image.addressOf(Uint8Array.of(0x11))).toThrow(RangeError);
  });

  test("crashes with an illegal instruction at its entry point and nowhere else", () => {
    const bytes = makeImage();
    const crashing = new EspImage(bytes).crashing();
    expect(crashing.isValid).toBe(true);
    const at = 24 + 8 + 50 + 8 + 0x10;
    const changed = differences(bytes, crashing.bytes).filter((place) => place < bytes.length - 33);
    expect(changed).toEqual([at, at + 1, at + 2, at + 3]);
    expect(crashing.bytes.subarray(at, at + 4)).toEqual(Buffer.alloc(4));
  });

  test("gets another text everywhere, and stays as it was itself", () => {
    const bytes = makeImage();
    const image = new EspImage(bytes);
    const other = image.withText(host, "192.168.4.9");
    expect(other.isValid).toBe(true);
    expect(Buffer.from(other.bytes).toString("latin1").split("192.168.4.9")).toHaveLength(3);
    expect(image.bytes).toEqual(bytes);
  });

  test("refuses a text of another length, and one that is not there", () => {
    const image = new EspImage(makeImage());
    expect(() => image.withText(host, "192.168.4.20")).toThrow(RangeError);
    expect(() => image.withText("192.168.4.7", host)).toThrow(RangeError);
  });

  test("is refused where it is cut off, empty, without a hash, or something else", () => {
    const bytes = makeImage();
    expect(() => new EspImage(bytes.subarray(0, -1))).toThrow(RangeError);
    expect(() => new EspImage(bytes.subarray(0, 30))).toThrow(RangeError);
    expect(() => new EspImage(Buffer.alloc(4_096, 0xff))).toThrow(RangeError);
    const unhashed = Buffer.from(bytes);
    unhashed[23] = 0;
    expect(() => new EspImage(unhashed)).toThrow(RangeError);
    const empty = Buffer.from(bytes);
    empty[1] = 0;
    expect(() => new EspImage(empty)).toThrow(RangeError);
  });
});
