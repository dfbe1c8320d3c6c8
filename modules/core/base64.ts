// SPDX-License-Identifier: Apache-2.0

/**
 * The bytes of Base64 as RFC 4648 has it in section 4, padded, without line breaks and with nothing in the bits behind the last byte.
 * Throws `RangeError` for anything else, and for more than `maxLength` bytes.
 */
export function decodeBase64(text: string, maxLength: number): Uint8Array {
  const { length } = text;
  if (length > 4 * Math.ceil(maxLength / 3)) throw new RangeError(`${length} characters, over ${maxLength} bytes`);
  if (length % 4 !== 0) throw new RangeError(`${length} characters, not a multiple of 4`);
  const digits = length - paddingOf(text);
  const bytes = new Uint8Array((digits * 3) >> 2);
  if (bytes.length > maxLength) throw new RangeError(`${bytes.length} bytes, over ${maxLength}`);
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let index = 0; index < digits; index += 1) {
    const code = text.charCodeAt(index);
    const digit = digitOf(code);
    if (digit < 0) throw new RangeError(`character ${code} at ${index} is no digit`);
    bits = ((bits << 6) | digit) & 0xfff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at] = bits >> count;
    at += 1;
  }
  if ((bits & ((1 << count) - 1)) !== 0) throw new RangeError("bits behind the last byte");
  return bytes;
}

function paddingOf(text: string): number {
  if (text.endsWith("==")) return 2;
  return text.endsWith("=") ? 1 : 0;
}

/** -1 for what is none. */
function digitOf(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code === 0x2b) return 62;
  return code === 0x2f ? 63 : -1;
}
