// SPDX-License-Identifier: Apache-2.0
// The archives of the SDK's `mcrun`: boxes with a length and a name. Free of platform: test/unit runs it.

import type { Flash } from "../../modules/core/ports.js";

/** Length and name of a box, 4 bytes each, the length with them. */
const headLength = 8;

/** The boxes of an archive in their order. */
const boxes = Object.freeze(["VERS", "SIGN", "NAME", "SYMB", "IDEN", "MAPS", "MODS", "RSRC"] as const);

export interface ArchiveLayout {
  /** In bytes. */
  readonly length: number;
  /** Where the engine's numbers of the archive's names begin and end: zeros until it is mapped for the first time. */
  readonly numbersStart: number;
  readonly numbersEnd: number;
}

/**
 * Undefined where there is no archive, or not all of one. The engine notices neither an end that is missing nor every length that is
 * wrong before it reads, and writes, beyond its memory.
 */
export function readArchive(flash: Flash): ArchiveLayout | undefined {
  const { size } = flash.status;
  const head = new DataView(new ArrayBuffer(headLength));
  const length = readBox(flash, head, 0, size, "XS_A");
  if (length === 0) return undefined;
  let offset = headLength;
  let numbersStart = 0;
  let numbersEnd = 0;
  for (const name of boxes) {
    const box = readBox(flash, head, offset, length, name);
    const start = offset + headLength;
    offset += box;
    if (box === 0) return undefined;
    if (name === "MODS" && !holdsFiles(flash, head, start, offset, "CODE")) return undefined;
    if (name === "RSRC" && !holdsFiles(flash, head, start, offset, "DATA")) return undefined;
    if (name !== "IDEN") continue;
    numbersStart = start;
    numbersEnd = offset;
  }
  return offset === length ? { length, numbersStart, numbersEnd } : undefined;
}

/** Whether it was never mapped, as it comes out of `mcrun`. */
export function isFresh(flash: Flash, { numbersStart, numbersEnd }: ArchiveLayout): boolean {
  const numbers = new Uint8Array(numbersEnd - numbersStart);
  flash.read(numbers, numbersStart);
  return numbers.every((byte) => byte === 0);
}

/** Pairs of a path and what is there. */
function holdsFiles(flash: Flash, head: DataView, start: number, end: number, content: string): boolean {
  let offset = start;
  while (offset < end) {
    const path = readBox(flash, head, offset, end, "PATH");
    const file = path === 0 ? 0 : readBox(flash, head, offset + path, end, content);
    if (file === 0) return false;
    offset += path + file;
  }
  return true;
}

/** Length of the box at `offset`; 0 where there is none of that name before `end`. */
function readBox(flash: Flash, head: DataView, offset: number, end: number, name: string): number {
  if (offset + headLength > end) return 0;
  flash.read(new Uint8Array(head.buffer as ArrayBuffer), offset);
  const length = head.getUint32(0);
  if (length < headLength || length > end - offset) return 0;
  for (let index = 0; index < 4; index += 1) if (head.getUint8(4 + index) !== name.charCodeAt(index)) return 0;
  return length;
}
