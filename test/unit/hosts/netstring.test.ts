// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { encodeNetstring, NetstringDecoder } from "../../../hosts/desktop/netstring.js";

describe("netstrings", () => {
  test("a message is its length, a colon, its prefix and bytes, and a comma", () => {
    expect(encodeNetstring("?", Buffer.from("ab")).toString()).toBe("3:?ab,");
    expect(encodeNetstring("/", new Uint8Array()).toString()).toBe("1:/,");
  });

  test("messages come out whole, wherever the stream is cut", () => {
    const stream = Buffer.from("3:a:,,0:,12:twelve bytes,");
    for (let cut = 0; cut <= stream.length; cut++) {
      const messages: string[] = [];
      const decoder = new NetstringDecoder((message) => messages.push(message.toString()));
      decoder.push(stream.subarray(0, cut));
      decoder.push(stream.subarray(cut));
      expect(messages).toEqual(["a:,", "", "twelve bytes"]);
    }
  });

  test("messages come out whole from single bytes", () => {
    const messages: string[] = [];
    const decoder = new NetstringDecoder((message) => messages.push(message.toString()));
    for (const byte of Buffer.from("3:abc,2:de,")) decoder.push(Buffer.from([byte]));
    expect(messages).toEqual(["abc", "de"]);
  });

  test.each(["x:,", "3:abcd", "12345678901"])("%j is refused", (text) => {
    expect(() => new NetstringDecoder(() => undefined).push(Buffer.from(text))).toThrow(RangeError);
  });
});
