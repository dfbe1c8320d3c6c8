// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { ReceiveBuffer } from "../../../hosts/node/receive-buffer.js";

describe("receive buffer", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 20])("gives back what came, %d bytes at a time", (length) => {
    const buffer = new ReceiveBuffer();
    for (const piece of [[1], [2, 3, 4], [], [5, 6]]) buffer.append(new Uint8Array(piece));
    expect(buffer.unread).toBe(6);
    const read: number[] = [];
    const into = new Uint8Array(21);
    for (let count = buffer.read(into, 1, length); count > 0; count = buffer.read(into, 1, length)) {
      expect(count).toBeLessThanOrEqual(length);
      read.push(...into.subarray(1, 1 + count));
    }
    expect(read).toEqual([1, 2, 3, 4, 5, 6]);
    expect(buffer.unread).toBe(0);
  });

  test("reads nothing from nothing", () => {
    expect(new ReceiveBuffer().read(new Uint8Array(4), 0, 4)).toBe(0);
  });
});
