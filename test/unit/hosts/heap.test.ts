// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { HeapReader } from "../../../hosts/desktop/heap.js";

function section(name: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(name, 4, "latin1");
  return Buffer.concat([head, body]);
}

const snapshot = section(
  "XS_M",
  section("VERS", Buffer.from([13, 3, 0, 32])),
  section("BLOC", Buffer.alloc(1_000)),
  section("HEAP", Buffer.alloc(32 * 70)),
  section("STAC"),
  section("KEYS", Buffer.alloc(8 * 9)),
);
const figures = { slots: 70, chunks: 1_000, keys: 9 };

describe("heap reader", () => {
  test("measures the sections of a snapshot, wherever its stream is cut", async () => {
    for (const cut of [1, 7, 8, 9, 15, 16, 500, snapshot.length - 1]) {
      const reader = new HeapReader();
      const measured = reader.next();
      reader.push(snapshot.subarray(0, cut));
      reader.expect(snapshot.length);
      reader.push(snapshot.subarray(cut));
      await expect(measured).resolves.toEqual(figures);
    }
  });

  test("measures one snapshot after another, told of the length late", async () => {
    const reader = new HeapReader();
    for (let round = 0; round < 2; round++) {
      const measured = reader.next();
      reader.push(snapshot);
      reader.expect(snapshot.length);
      await expect(measured).resolves.toEqual(figures);
    }
  });

  test("fails with the engine", async () => {
    const reader = new HeapReader();
    const measured = reader.next();
    reader.fail(new Error("gone"));
    await expect(measured).rejects.toThrow("gone");
  });
});
