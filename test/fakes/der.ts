// SPDX-License-Identifier: Apache-2.0

/** The handful of ASN.1 types a certificate is made of, in DER (X.690). */

/** From this year on a time is written with four digits of year (RFC 5280 §4.1.2.5). */
const firstLongYear = 2050;

export function bytes(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

export function sequence(...members: readonly Uint8Array[]): Buffer {
  return bytes(0x30, Buffer.concat(members));
}

export function set(...members: readonly Uint8Array[]): Buffer {
  return bytes(0x31, Buffer.concat(members));
}

/** @param value big-endian and shortest, or a number below 128 */
export function integer(value: number | Uint8Array): Buffer {
  return bytes(0x02, typeof value === "number" ? Buffer.of(value) : value);
}

export function bitString(content: Uint8Array): Buffer {
  return bytes(0x03, Buffer.concat([Buffer.of(0), content]));
}

export function octetString(content: Uint8Array): Buffer {
  return bytes(0x04, content);
}

export function text(value: string): Buffer {
  return bytes(0x0c, Buffer.from(value, "utf8"));
}

export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return bytes(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/\D/g, "")}Z`;
  const isLong = date.getUTCFullYear() >= firstLongYear;
  return isLong ? bytes(0x18, Buffer.from(digits)) : bytes(0x17, Buffer.from(digits.slice(2)));
}

/** An explicitly tagged member. */
export function context(tag: number, content: Uint8Array): Buffer {
  return bytes(0xa0 | tag, content);
}

/** An implicitly tagged primitive member. */
export function choice(tag: number, content: Uint8Array): Buffer {
  return bytes(0x80 | tag, content);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  if (length < 0x100) return Buffer.of(0x81, length);
  return Buffer.of(0x82, length >> 8, length & 0xff);
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}
