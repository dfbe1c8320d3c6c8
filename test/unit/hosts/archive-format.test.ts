// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { isFresh, readArchive } from "../../../hosts/xs/archive-format.js";
import { FakeFlash } from "../../fakes/flash.js";

function box(name: string, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length);
  head.write(name, 4, "latin1");
  return Buffer.concat([head, content]);
}

const version = box("VERS", Buffer.from([17, 7, 0, 0]));
const signature = box("SIGN", Buffer.alloc(16, 1));
const numbers = Buffer.alloc(6);
const files = (content: string): readonly Buffer[] => [
  ...[box("PATH", Buffer.from("a\0")), box(content, Buffer.from([1, 2, 3]))],
  ...[box("PATH", Buffer.from("b\0")), box(content)],
];

interface Contents {
  readonly iden?: Buffer;
  readonly mods?: readonly Buffer[];
  readonly rsrc?: readonly Buffer[];
}

function archive({ iden = numbers, mods = files("CODE"), rsrc = files("DATA") }: Contents = {}): Buffer {
  return box(
    "XS_A",
    ...[version, signature, box("NAME", Buffer.from("x\0")), box("SYMB", Buffer.from([3, 0]))],
    ...[box("IDEN", iden), box("MAPS"), box("MODS", ...mods), box("RSRC", ...rsrc)],
  );
}

function flashOf(bytes: Uint8Array): FakeFlash {
  const flash = new FakeFlash({ blocks: 1, blockLength: 4_096 });
  flash.contents.set(bytes);
  return flash;
}

describe("archive of bytecode", () => {
  test("is found with its length and the place of its numbers", () => {
    const bytes = archive({ iden: Buffer.from([1, 2, 3, 4, 5, 6]) });
    const layout = readArchive(flashOf(bytes));
    expect(layout?.length).toBe(bytes.length);
    expect([...bytes.subarray(layout?.numbersStart, layout?.numbersEnd)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("may be without data", () => {
    expect(readArchive(flashOf(archive({ rsrc: [] })))).toBeDefined();
  });

  test("is fresh while all of its numbers are zeros", () => {
    const isFreshWith = (iden: Buffer): boolean => {
      const flash = flashOf(archive({ iden }));
      const layout = readArchive(flash);
      return layout !== undefined && isFresh(flash, layout);
    };
    expect(isFreshWith(numbers)).toBe(true);
    expect(isFreshWith(Buffer.from([0, 0, 0, 0, 0, 1]))).toBe(false);
  });

  test("is none where any part of it has not come: what is not written is erased flash", () => {
    const whole = archive();
    for (let length = 0; length < whole.length - 8; length += 1)
      expect(readArchive(flashOf(whole.subarray(0, length)))).toBeUndefined();
  });

  test.each([
    ["a length beyond the partition", 0, [0, 0, 0x10, 1]],
    ["a length of nothing", 0, [0, 0, 0, 0]],
    ["another name", 4, [0x58, 0x53, 0x5f, 0x45]],
    ["a box beyond the archive", 8, [0, 0, 0x0f, 0xff]],
    ["a box shorter than its head", 8, [0, 0, 0, 7]],
  ])("is none with %s", (_, offset, bytes) => {
    const spoilt = archive();
    spoilt.set(bytes, offset);
    expect(readArchive(flashOf(spoilt))).toBeUndefined();
  });

  test.each([
    ["code without a path", archive({ mods: [box("CODE"), box("PATH")] })],
    ["a path without code", archive({ mods: [box("PATH")] })],
    ["data in the place of code", archive({ mods: files("DATA") })],
    ["code in the place of data", archive({ rsrc: files("CODE") })],
    ["something behind the last box", box("XS_A", archive().subarray(8), Buffer.alloc(8))],
  ])("is none with %s", (_, bytes) => {
    expect(readArchive(flashOf(bytes))).toBeUndefined();
  });
});
