// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { WireReader, WireWriter } from "../../../hosts/desktop/wire.js";

describe("wire between board and machine", () => {
  test("fields come back in order, whatever their kind", () => {
    const writer = new WireWriter();
    writer
      .byte(255)
      .integer(-2)
      .number(0.1)
      .text("h\u00e4")
      .bytes(new Uint8Array([0, 1]))
      .optional(undefined)
      .optional(7);
    const reader = new WireReader(writer.take());
    expect([reader.byte(), reader.integer(), reader.number(), reader.text()]).toEqual([255, -2, 0.1, "h\u00e4"]);
    expect(reader.bytes()).toEqual(new Uint8Array([0, 1]));
    expect([reader.optional(), reader.optional(), reader.isAtEnd]).toEqual([undefined, 7, true]);
  });

  test("a writer grows with what is written and is empty after take", () => {
    const writer = new WireWriter();
    const large = new Uint8Array(5_000).fill(3);
    writer.byte(1).bytes(large);
    const message = writer.take();
    expect(message.length).toBe(5_005);
    expect(writer.isEmpty).toBe(true);
    writer.byte(9);
    expect(writer.take()).toEqual(new Uint8Array([9]));
    expect(new WireReader(message.subarray(1)).bytes()).toEqual(large);
  });

  test("a message that ends early throws", () => {
    expect(() => new WireReader(new Uint8Array([1, 2])).integer()).toThrow(RangeError);
  });
});
