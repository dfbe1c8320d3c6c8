// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  Datum,
  Kind,
  kindOf,
  readRecord,
  recordLength,
  unitsOf,
  writeRecord,
} from "../../../modules/telemetry/record.js";
import { Ring, readVarint, varintLength } from "../../../modules/telemetry/ring.js";

/** Writes a number at a position of a ring and reads it back. */
function throughRing(
  ring: Ring,
  position: number,
  value: number,
  delta: number,
  source = 0,
): { datum: Datum; length: number } {
  const kind = kindOf(value);
  const units = unitsOf(value, kind);
  const length = recordLength(kind, units, delta, 0, source);
  writeRecord(ring, position, kind, 200, delta, units, 0, source);
  const datum = new Datum();
  datum.source = 77;
  readRecord(ring, position, 1_000, datum);
  expect(datum.end).toBe(position + length);
  expect(datum.key).toBe(200);
  expect(datum.source).toBe(source);
  expect(datum.time).toBe(1_000 + delta);
  expect(datum.kind).toBe(kind);
  return { datum, length };
}

function numberIn({ kind, value }: Datum): number {
  return kind < Kind.number ? value / 10 ** kind : value;
}

describe("a record", () => {
  test.each([
    // value, milliseconds since the datum before, kind, bytes
    [0, 0, Kind.integer, 3],
    [-0, 0, Kind.integer, 3],
    [63, 0, Kind.integer, 3],
    [64, 0, Kind.integer, 4],
    [-64, 0, Kind.integer, 3],
    [-65, 0, Kind.integer, 4],
    [1013.25, 0, Kind.hundredths, 5],
    [21.5, 1, Kind.tenths, 5],
    [21.5, 127, Kind.tenths, 5],
    [21.5, 128, Kind.tenths, 6],
    [21.5, 5_000, Kind.tenths, 6],
    [21.5, 86_400_000, Kind.tenths, 8],
    [-0.001, 0, Kind.thousandths, 3],
    [0.0001, 0, Kind.number, 10],
    [Math.PI, 0, Kind.number, 10],
    [Math.PI, 2 ** 42 - 1, Kind.number, 16],
    [2 ** 48 - 1, 0, Kind.integer, 9],
    [2 ** 48, 0, Kind.number, 10],
    [1e300, 0, Kind.number, 10],
    [5e-324, 0, Kind.number, 10],
    [Number.MAX_VALUE, 0, Kind.number, 10],
  ])("of %d after %d ms is of kind %d and has %d bytes", (value, delta, kind, bytes) => {
    const { datum, length } = throughRing(new Ring(64), 7, value, delta);
    expect(datum.kind).toBe(kind);
    expect(length).toBe(bytes);
    expect(numberIn(datum)).toBe(value === 0 ? 0 : value);
  });

  test("gives back every number and time exactly, at every offset of the ring", () => {
    const ring = new Ring(19);
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.integer(),
      fc.tuple(fc.integer(), fc.integer({ min: 0, max: 4 })).map(([units, decimals]) => units / 10 ** decimals),
    );
    const deltas = fc.oneof(fc.constant(0), fc.nat(300), fc.nat(), fc.integer({ min: 0, max: 2 ** 42 - 1 }));
    fc.assert(
      fc.property(numbers, deltas, fc.nat(1_000_000), (value, delta, position) => {
        const { datum, length } = throughRing(ring, position, value, delta);
        expect(numberIn(datum)).toBe(value === 0 ? 0 : value);
        expect(length).toBeLessThanOrEqual(16);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });

  test.each([1, 128, 255])("of sub-device %d is one byte longer", (source) => {
    const ring = new Ring(64);
    for (const [value, delta] of [
      [21.5, 0],
      [21.5, 300],
      [Math.PI, 7],
    ] as const) {
      const own = throughRing(ring, 60, value, delta);
      const { datum, length } = throughRing(ring, 60, value, delta, source);
      expect(length).toBe(own.length + 1);
      expect(numberIn(datum)).toBe(value);
    }
  });

  test("of a truth value has no bytes for it", () => {
    const ring = new Ring(16);
    const datum = new Datum();
    for (const kind of [Kind.true, Kind.false]) {
      writeRecord(ring, 0, kind, 1, 0, 0, 0, 0);
      readRecord(ring, 0, 0, datum);
      expect(datum).toMatchObject({ kind, end: 2 });
      expect(recordLength(kind, 0, 0, 0, 0)).toBe(2);
    }
  });

  test.each([0, 1, 127, 128, 1_024])("of a text of %d bytes says where the text is", (textLength) => {
    const ring = new Ring(2_048);
    const datum = new Datum();
    const at = writeRecord(ring, 2_000, Kind.json, 3, 300, 0, textLength, 9);
    readRecord(ring, 2_000, 0, datum);
    expect(datum).toMatchObject({ kind: Kind.json, key: 3, source: 9, time: 300, textPosition: at, textLength });
    expect(datum.end).toBe(at + textLength);
    expect(datum.end - 2_000).toBe(recordLength(Kind.json, 0, 300, textLength, 9));
  });
});

describe("Ring", () => {
  test("keeps integers of any size that a double holds, at every offset", () => {
    const ring = new Ring(11);
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(100), (value, position) => {
        const end = ring.setVarint(position, value);
        expect(end - position).toBe(varintLength(value));
        expect(readVarint(ring, position)).toBe(value);
      }),
      { seed: 7 },
    );
    for (let bits = 0; bits <= 52; bits += 1) {
      for (const value of [2 ** bits - 1, 2 ** bits]) {
        expect(ring.setVarint(5, value)).toBe(5 + varintLength(value));
        expect(readVarint(ring, 5)).toBe(value);
      }
    }
  });

  test("copies in and out around its end, touching nothing else", () => {
    for (let position = 0; position < 8; position += 1) {
      const ring = new Ring(8);
      for (let at = 0; at < 8; at += 1) ring.set(at, 99);
      ring.copyIn(position, new Uint8Array([1, 2, 3, 4, 5]), 5);
      const out = new Uint8Array(6);
      ring.copyOut(position, out, 5);
      expect([...out]).toEqual([1, 2, 3, 4, 5, 0]);
      expect([5, 6, 7].map((offset) => ring.get(position + offset))).toEqual([99, 99, 99]);
    }
  });
});
