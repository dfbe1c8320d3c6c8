// SPDX-License-Identifier: Apache-2.0

/** The functions of utf8.c. */
export class Utf8 {
  byteLength(text: string): number {
    return native("xs_utf8_byteLength").call(this, text);
  }

  /** -1 where it does not fit. */
  encodeInto(text: string, into: Uint8Array, offset: number): number {
    return native("xs_utf8_encodeInto").call(this, text, into, offset);
  }

  /** Undefined where there is more than ASCII without NUL. Throws `RangeError` outside the bytes. */
  decodeASCII(bytes: Uint8Array, start: number, end: number): string | undefined {
    return native("xs_utf8_decodeASCII").call(this, bytes, start, end);
  }
}
