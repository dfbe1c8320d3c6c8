// SPDX-License-Identifier: Apache-2.0

import type { Text } from "../core/ports.js";

const replacement = 0xfffd;

/**
 * The text of a JSON string (without its quotes) that has escapes; undefined for an escape that JSON does not have.
 * It goes through one buffer, because joining pieces would copy the beginning again for every escape.
 */
export function unescapeString(text: Text, bytes: Uint8Array, start: number, end: number): string | undefined {
  const plain = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end; ) {
    const byte = bytes[at] as number;
    if (byte !== 0x5c) {
      plain[length] = byte;
      length += 1;
      at += 1;
      continue;
    }
    const unit = escaped(bytes, at + 1, end);
    if (unit === -1) return undefined;
    at += bytes[at + 1] === 0x75 ? 6 : 2;
    let point = unit;
    if (unit >= 0xd800 && unit <= 0xdfff) {
      const low = unit <= 0xdbff && bytes[at] === 0x5c && bytes[at + 1] === 0x75 ? escaped(bytes, at + 1, end) : -1;
      const isPair = low >= 0xdc00 && low <= 0xdfff;
      point = isPair ? 0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00 : replacement;
      if (isPair) at += 6;
    }
    length = putUtf8(plain, length, point);
  }
  return text.decode(plain, 0, length);
}

/** The UTF-16 code unit of the escape whose letter is at `at`, or -1. */
function escaped(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  switch (bytes[at]) {
    case 0x22:
      return 0x22;
    case 0x5c:
      return 0x5c;
    case 0x2f:
      return 0x2f;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    case 0x75:
      return at + 4 < end ? hexadecimal(bytes, at + 1) : -1;
    default:
      return -1;
  }
}

function hexadecimal(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let at = start; at < start + 4; at += 1) {
    const byte = bytes[at] as number;
    const letter = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) value = value * 16 + byte - 0x30;
    else if (letter >= 0x61 && letter <= 0x66) value = value * 16 + letter - 0x57;
    else return -1;
  }
  return value;
}

function putUtf8(into: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    into[at] = point;
    return at + 1;
  }
  if (point < 0x800) {
    into[at] = 0xc0 | (point >> 6);
    into[at + 1] = 0x80 | (point & 0x3f);
    return at + 2;
  }
  if (point < 0x10000) {
    into[at] = 0xe0 | (point >> 12);
    into[at + 1] = 0x80 | ((point >> 6) & 0x3f);
    into[at + 2] = 0x80 | (point & 0x3f);
    return at + 3;
  }
  into[at] = 0xf0 | (point >> 18);
  into[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  into[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  into[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}
