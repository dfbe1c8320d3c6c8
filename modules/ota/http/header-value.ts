// SPDX-License-Identifier: Apache-2.0
// Values of header fields, each in `bytes` from 0 to before `end`.

import type { Text } from "../../core/ports.js";

/** As many as a number holds for sure. */
const maxDigits = 15;

/** RFC 9110 sets no limit to it; nobody makes one that is longer. */
const maxTagLength = 128;

/** Content-Range of bytes. `start` and `end`, which is behind the last byte, are -1 where no range was sent, `size` where it is unknown. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

/** -1 where it is not a number. */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || end - start > maxDigits) return -1;
  let value = 0;
  for (let index = start; index < end; index += 1) {
    const digit = (bytes[index] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** RFC 9110 §14.4. */
export function parseContentRange(bytes: Uint8Array, end: number, text: Text): ContentRange | undefined {
  const slash = indexOf(bytes, 0x2f, end);
  if (slash < 0 || text.decode(bytes, 0, Math.min(6, end)).toLowerCase() !== "bytes ") return undefined;
  const isSizeUnknown = isAsterisk(bytes, slash + 1, end);
  const size = isSizeUnknown ? -1 : parseDecimal(bytes, slash + 1, end);
  if (size < 0 && !isSizeUnknown) return undefined;
  if (isAsterisk(bytes, 6, slash)) return isSizeUnknown ? undefined : { start: -1, end: -1, size };
  const dash = indexOf(bytes, 0x2d, slash);
  const start = parseDecimal(bytes, 6, dash);
  const last = parseDecimal(bytes, dash + 1, slash);
  if (start < 0 || last < start || (!isSizeUnknown && last >= size)) return undefined;
  return { start, end: last + 1, size };
}

/** An entity tag by which ranges can be told to be of the same bytes; undefined for a weak one, and for one that is too long. */
export function parseStrongTag(bytes: Uint8Array, end: number, text: Text): string | undefined {
  if (end < 2 || end > maxTagLength || bytes[0] !== 0x22 || bytes[end - 1] !== 0x22) return undefined;
  for (let index = 1; index < end - 1; index += 1) {
    const byte = bytes[index] as number;
    if (byte <= 0x20 || byte === 0x22 || byte >= 0x7f) return undefined;
  }
  return text.decode(bytes, 0, end);
}

function isAsterisk(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === 0x2a;
}

function indexOf(bytes: Uint8Array, byte: number, end: number): number {
  for (let index = 0; index < end; index += 1) if (bytes[index] === byte) return index;
  return -1;
}
