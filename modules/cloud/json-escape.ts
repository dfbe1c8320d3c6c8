// SPDX-License-Identifier: Apache-2.0

const quote = 0x22;
const backslash = 0x5c;
const shortEscapes: readonly number[] = Object.freeze([0x62, 0x74, 0x6e, 0, 0x66, 0x72]);
const firstShort = 0x08;

/** Bytes by which the UTF-8 text in `bytes` grows when it becomes the inside of a JSON string. */
export function escapeGrowth(bytes: Uint8Array, start: number, end: number): number {
  let growth = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte < 0x20) growth += shortEscape(byte) === 0 ? 5 : 1;
    else if (byte === quote || byte === backslash) growth += 1;
  }
  return growth;
}

/** Escapes in place. There must be room for `growth` bytes after `end`, which is what `escapeGrowth` said. */
export function escapeInPlace(bytes: Uint8Array, start: number, end: number, growth: number): void {
  let into = end + growth;
  for (let from = end - 1; into > from + 1 && from >= start; from -= 1) {
    const byte = bytes[from] as number;
    if (byte >= 0x20 && byte !== quote && byte !== backslash) {
      into -= 1;
      bytes[into] = byte;
    } else if (byte >= 0x20 || shortEscape(byte) !== 0) {
      into -= 2;
      bytes[into] = backslash;
      bytes[into + 1] = byte >= 0x20 ? byte : shortEscape(byte);
    } else {
      into -= 6;
      putUnicodeEscape(bytes, into, byte);
    }
  }
}

/** The letter behind the backslash, 0 where there is none for this control character. */
function shortEscape(byte: number): number {
  // What is no index is a name, which XS keeps for ever.
  return byte < firstShort ? 0 : (shortEscapes[byte - firstShort] ?? 0);
}

function putUnicodeEscape(bytes: Uint8Array, at: number, byte: number): void {
  const low = byte & 0x0f;
  bytes[at] = backslash;
  bytes[at + 1] = 0x75;
  bytes[at + 2] = 0x30;
  bytes[at + 3] = 0x30;
  bytes[at + 4] = 0x30 + (byte >> 4);
  bytes[at + 5] = low < 10 ? 0x30 + low : 0x57 + low;
}
