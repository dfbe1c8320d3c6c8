// SPDX-License-Identifier: Apache-2.0

const firstSurrogate = 0xd800;
const lastSurrogate = 0xdfff;

/** Whether a text has no half of a surrogate pair, which UTF-8 cannot tell. Not every engine's strings have a method for that. */
export function isWellFormed(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= firstSurrogate && code <= lastSurrogate) return false;
  }
  return true;
}
