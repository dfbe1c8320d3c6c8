// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { decodeBase64 } from "../../../modules/core/base64.js";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The definition, bit by bit. */
function encode(bytes: readonly number[]): string {
  let bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  while (bits.length % 6 !== 0) bits += "0";
  let text = "";
  for (let at = 0; at < bits.length; at += 6) text += alphabet.charAt(Number.parseInt(bits.slice(at, at + 6), 2));
  while (text.length % 4 !== 0) text += "=";
  return text;
}

describe("Base64", () => {
  // RFC 4648, section 10
  test.each([
    ["", ""],
    ["Zg==", "f"],
    ["Zm8=", "fo"],
    ["Zm9v", "foo"],
    ["Zm9vYg==", "foob"],
    ["Zm9vYmE=", "fooba"],
    ["Zm9vYmFy", "foobar"],
  ])("of %j is the published text", (base64, text) => {
    expect(String.fromCharCode(...decodeBase64(base64, 6))).toBe(text);
  });

  test("has all bytes, at all lengths", () => {
    for (let length = 0; length < 40; length += 1)
      for (let first = 0; first < 256; first += 5) {
        const bytes = Array.from({ length }, (_, index) => (first + 77 * index) & 0xff);
        expect([...decodeBase64(encode(bytes), 40)]).toEqual(bytes);
      }
    const each = Array.from({ length: 64 }, (_, index) => index << 2);
    for (const [digit, byte] of each.entries())
      expect([...decodeBase64(`${alphabet.charAt(digit)}A==`, 1)]).toEqual([byte]);
  });

  test.each([
    ["A", "1 characters, not a multiple of 4"],
    ["AAA", "3 characters, not a multiple of 4"],
    ["AAAA\n", "5 characters, not a multiple of 4"],
    ["AA\nA", "character 10 at 2 is no digit"],
    ["AAA\u0000", "character 0 at 3 is no digit"],
    ["AA-_", "character 45 at 2 is no digit"],
    ["AAA€", "character 8364 at 3 is no digit"],
    ["====", "character 61 at 0 is no digit"],
    ["A===", "character 61 at 1 is no digit"],
    ["AA=A", "character 61 at 2 is no digit"],
    ["AA==AAAA", "character 61 at 2 is no digit"],
    ["AB==", "bits behind the last byte"],
    ["A/==", "bits behind the last byte"],
    ["AAB=", "bits behind the last byte"],
    ["AAD=", "bits behind the last byte"],
  ])("of %j is none", (text, message) => {
    expect(() => decodeBase64(text, 100)).toThrow(new RangeError(message));
  });

  test("is refused at every character that is no digit", () => {
    const digits = new Set([...alphabet].map((digit) => digit.charCodeAt(0)));
    for (let code = 0; code < 300; code += 1) {
      const step = (): Uint8Array => decodeBase64(`${String.fromCharCode(code)}AAA`, 3);
      if (digits.has(code)) expect(step()).toHaveLength(3);
      else expect(step).toThrow(RangeError);
    }
  });

  test("is bounded before anything is made of it", () => {
    expect(decodeBase64("AAAAAA==", 4)).toHaveLength(4);
    expect(() => decodeBase64("AAAAAAA=", 4)).toThrow(new RangeError("5 bytes, over 4"));
    expect(() => decodeBase64("A".repeat(1_000_000), 4)).toThrow(new RangeError("1000000 characters, over 4 bytes"));
    expect(() => decodeBase64("AAAA", 0)).toThrow(RangeError);
    expect(decodeBase64("", 0)).toHaveLength(0);
  });
});
