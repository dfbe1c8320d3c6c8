// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { crcEnd, crcStart, crcSteps } from "../../../modules/core/crc32.js";
import { FailureLog } from "../../../modules/core/failure-log.js";
import { type Checkpoint, createCheckpoint, parseCheckpoint, unitLengthFor } from "../../../modules/ota/checkpoint.js";
import { CheckpointStore } from "../../../modules/ota/checkpoint-store.js";
import { digestAlgorithms, digestLength } from "../../../modules/ota/digest/algorithm.js";
import type { PackageIdentity } from "../../../modules/ota/package-identity.js";
import { FakeClock } from "../../fakes/clock.js";
import { PowerCut } from "../../fakes/flash.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeStorage } from "../../fakes/storage.js";
import { text } from "../../fakes/text.js";

const block = 4_096;
const megabyte = 1_048_576;
const key = "ota.fw";

const identity: PackageIdentity = {
  title: "thermostat",
  version: "1.10",
  size: 20 * block - 5,
  checksum: "2639f4cb",
  algorithm: "CRC32",
};

function create(changes: Partial<PackageIdentity> = {}): Checkpoint {
  const changed = { ...identity, ...changes };
  return createCheckpoint(text, "ota_1", changed, unitLengthFor(changed.size, block));
}

function parse(bytes: Uint8Array): Checkpoint | undefined {
  return parseCheckpoint(text, bytes.slice());
}

/** What a checkpoint says. */
function contentOf(checkpoint: Checkpoint | undefined): unknown {
  if (checkpoint === undefined) return undefined;
  const { slot, identity, unitLength, written } = checkpoint;
  return { slot, identity, unitLength, units: Array.from({ length: written.count }, (_, unit) => written.has(unit)) };
}

/** As if it had been written so. */
function sealed(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 4;
  new DataView(bytes.buffer).setUint32(end, crcEnd(crcSteps(crcStart, bytes, 0, end)));
  return bytes;
}

describe("Checkpoint", () => {
  test.each(digestAlgorithms)("is what it was after a power cut, with %s", (algorithm) => {
    const checksum = "0a".repeat(digestLength(algorithm));
    const checkpoint = create({ algorithm, checksum, title: "Thermostat für Ä😀", version: "" });
    for (const unit of [0, 7, 8, 19]) checkpoint.written.add(unit);
    const parsed = parse(checkpoint.seal());
    expect(contentOf(parsed)).toEqual(contentOf(checkpoint));
    expect(parsed?.written.hasAll(7, 9)).toBe(true);
    expect(parsed?.written.hasAll(7, 10)).toBe(false);
    parsed?.written.delete(7);
    expect(contentOf(parse((parsed as Checkpoint).seal()))).toEqual(contentOf(parsed));
  });

  test("has a bit for each block up to 4 MB, and for more of them beyond", () => {
    expect(unitLengthFor(1, block)).toBe(block);
    expect(unitLengthFor(4 * megabyte, block)).toBe(block);
    expect(unitLengthFor(4 * megabyte + 1, block)).toBe(2 * block);
    expect(unitLengthFor(16 * megabyte, block)).toBe(4 * block);
    for (const size of [1, block, block + 1, 4 * megabyte, 4 * megabyte + 1, 16 * megabyte])
      expect(create({ size }).written.count).toBeLessThanOrEqual(1_024);
  });

  test("fits any key-value store, whatever the package is called", () => {
    const longest = "x".repeat(255);
    const size = 4 * megabyte;
    const checksum = "ff".repeat(64);
    const checkpoint = createCheckpoint(
      text,
      "s".repeat(16),
      { title: longest, version: longest, size, checksum, algorithm: "SHA512" },
      block,
    );
    expect(checkpoint.seal()).toHaveLength(735);
    expect(parse(checkpoint.seal())?.identity.title).toBe(longest);
    expect(create().seal().length).toBeLessThan(64);
  });

  test("is not made of what does not fit", () => {
    expect(() => create({ title: "ü".repeat(128) })).toThrow(RangeError);
    expect(() => create({ version: "x".repeat(256) })).toThrow(RangeError);
    expect(() => create({ checksum: "2639f4" })).toThrow(RangeError);
    expect(() => create({ size: 0 })).toThrow(RangeError);
    expect(() => createCheckpoint(text, "", identity, block)).toThrow(RangeError);
    expect(() => createCheckpoint(text, "s".repeat(17), identity, block)).toThrow(RangeError);
    expect(() => createCheckpoint(text, "ota_1", identity, 64)).toThrow(RangeError);
  });

  test("is not there where a bit of it, or a byte, is another", () => {
    const bytes = create().seal();
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(parse(changed)).toBeUndefined();
    }
    for (let length = 0; length < bytes.length; length += 1) expect(parse(bytes.subarray(0, length))).toBeUndefined();
    expect(parse(Uint8Array.of(...bytes, 0))).toBeUndefined();
  });

  test.each<readonly [string, (bytes: Uint8Array) => void]>([
    ["another layout", (bytes) => bytes.set([2], 0)],
    ["an algorithm that there is not", (bytes) => bytes.set([7], 1)],
    ["an algorithm of another length", (bytes) => bytes.set([0], 1)],
    ["no size", (bytes) => bytes.set([0, 0, 0, 0], 2)],
    ["a size of too many units", (bytes) => bytes.set([0x7f], 2)],
    ["a size of more units than there are bits for", (bytes) => bytes.set([2], 3)],
    ["units of nothing", (bytes) => bytes.set([0, 0, 0, 0], 6)],
    ["a slot that reaches too far", (bytes) => bytes.set([255], 10)],
    ["a title that reaches too far", (bytes) => bytes.set([11], 11)],
    ["a version that reaches too far", (bytes) => bytes.set([255], 12)],
    ["units that there are not", (bytes) => bytes.set([0x10], bytes.length - 5)],
  ])("is not there where it says %s, though its checksum is right", (_, change) => {
    const bytes = create().seal().slice();
    expect(parse(sealed(bytes))).toBeDefined();
    change(bytes);
    expect(parse(sealed(bytes))).toBeUndefined();
  });

  test("is not there where anything else lies, and nothing is thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 80 }), fc.boolean(), (bytes, isLayout) => {
        if (isLayout) bytes[0] = 1;
        const parsed = parse(sealed(bytes));
        // What passes all checks is one indeed.
        if (parsed !== undefined) expect([...parsed.seal()]).toEqual([...bytes]);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});

describe("CheckpointStore", () => {
  function createStore() {
    const storage = new FakeStorage();
    const failures = new FailureLog(new FakeClock(), new FakeLog(), "ota.checkpoint");
    return { storage, failures, store: new CheckpointStore({ storage, text, key, failures }) };
  }

  test("gives back what was saved last, until it is cleared", () => {
    const { storage, failures, store } = createStore();
    expect(store.load()).toBeUndefined();
    const checkpoint = create();
    expect(store.save(checkpoint)).toBe(true);
    checkpoint.written.add(3);
    expect(store.load()?.written.has(3)).toBe(false);
    expect(store.save(checkpoint)).toBe(true);
    expect(contentOf(store.load())).toEqual(contentOf(checkpoint));
    expect(store.clear()).toBe(true);
    expect(store.clear()).toBe(true);
    expect(store.load()).toBeUndefined();
    expect(storage.operations).toEqual([key, key, `-${key}`]);
    expect(failures.counts.total).toBe(0);
  });

  test("counts what it does not understand", () => {
    const { storage, failures, store } = createStore();
    storage.values.set(key, Uint8Array.of(1, 2, 3));
    expect(store.load()).toBeUndefined();
    expect(failures.counts.of("storage-failed")).toBe(1);
  });

  test("counts what the storage does not do, and lets nothing else pass", () => {
    const { storage, failures, store } = createStore();
    store.save(create());
    storage.isFull = true;
    expect(store.save(create({ version: "2" }))).toBe(false);
    expect(store.clear()).toBe(false);
    expect(store.load()?.identity.version).toBe("1.10");
    storage.isBroken = true;
    expect(store.load()).toBeUndefined();
    expect(failures.counts.of("storage-failed")).toBe(3);
    storage.isFull = false;
    storage.isBroken = false;
    storage.cutAt(1, false);
    expect(() => store.save(create())).toThrow(PowerCut);
  });
});
