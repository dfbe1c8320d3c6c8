// SPDX-License-Identifier: Apache-2.0

/** Limits of ESP-IDF's NVS, the same on every host, so that they are met before there is a chip. */
const maxKeyLength = 15;
const maxValueLength = 1_984;

/** Throws `TypeError` or `RangeError` for what is not a key. */
export function checkKey(key: string): void {
  if (typeof key !== "string") throw new TypeError("key: not a string");
  if (key.length < 1 || key.length > maxKeyLength) throw new RangeError(`key: not 1 to ${maxKeyLength} characters`);
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) throw new RangeError("key: not printable ASCII");
  }
}

/** Throws `RangeError` for a value that is too long. */
export function checkValue(value: Uint8Array): void {
  if (value.length > maxValueLength) throw new RangeError(`value: ${value.length} bytes, over ${maxValueLength}`);
}
