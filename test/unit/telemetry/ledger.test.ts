// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Ledger, type Place } from "../../../modules/telemetry/ledger.js";

function at(position: number): Place {
  return { position, time: position * 10 };
}

/** A ledger with ranges of ten bytes and two data each, begun at the given positions. */
function ledgerOf(window: number, ...starts: readonly number[]): { ledger: Ledger; tokens: number[] } {
  const ledger = new Ledger(window);
  return { ledger, tokens: starts.map((start) => ledger.add(at(start), at(start + 10), 2)) };
}

/** Positions that are released, with their counts. */
function settled(ledger: Ledger, head: number): [number, number][] {
  const released: [number, number][] = [];
  ledger.settle({ head: at(head), release: (end, count) => released.push([end.position, count]) });
  return released;
}

function nextAfter(ledger: Ledger, from: number): [number, number] {
  const place = at(from);
  const limit = ledger.advance(place);
  expect(place.time).toBe(place.position * 10);
  return [place.position, limit];
}

describe("Ledger", () => {
  test("is full with a window of ranges, and refuses another", () => {
    const { ledger } = ledgerOf(2, 0, 10);
    expect(ledger.isFull).toBe(true);
    expect(() => ledger.add(at(20), at(30), 1)).toThrow(RangeError);
  });

  test("releases acknowledged ranges from the front only", () => {
    const { ledger, tokens } = ledgerOf(3, 0, 10);
    ledger.acknowledge(tokens[1] ?? -1);
    expect(settled(ledger, 0)).toEqual([]);
    expect(ledger).toMatchObject({ messages: 1, data: 2, kept: 4 });
    ledger.acknowledge(tokens[0] ?? -1);
    const released: number[] = [];
    const head = at(0);
    const release = (end: Readonly<Place>, count: number): void => {
      Object.assign(head, end);
      released.push(count);
    };
    ledger.settle({ head, release });
    expect(head.position).toBe(20);
    expect(released).toEqual([2, 2]);
    expect(ledger).toMatchObject({ messages: 0, data: 0, kept: 0, isFull: false });
  });

  test("tells how many data an acknowledgement is for, once", () => {
    const { ledger, tokens } = ledgerOf(2, 0);
    expect(ledger.acknowledge(99)).toBe(-1);
    expect(ledger.acknowledge(tokens[0] ?? -1)).toBe(2);
    expect(ledger.acknowledge(tokens[0] ?? -1)).toBe(-1);
    expect(ledger.forget(tokens[0] ?? -1)).toBe(0);
    expect(settled(ledger, 0)).toEqual([[10, 2]]);
  });

  test("leads around what is published, up to the next range", () => {
    const { ledger } = ledgerOf(4, 10, 20, 40);
    expect(nextAfter(ledger, 0)).toEqual([0, 10]);
    expect(nextAfter(ledger, 10)).toEqual([30, 40]);
    expect(nextAfter(ledger, 15)).toEqual([30, 40]);
    expect(nextAfter(ledger, 30)).toEqual([30, 40]);
    expect(nextAfter(ledger, 45)).toEqual([50, Number.POSITIVE_INFINITY]);
    expect(nextAfter(ledger, 60)).toEqual([60, Number.POSITIVE_INFINITY]);
  });

  test("opens a gap for what was lost, and takes it in again in its place", () => {
    const { ledger, tokens } = ledgerOf(4, 0, 10, 20);
    ledger.forget(tokens[1] ?? -1);
    expect(nextAfter(ledger, 0)).toEqual([10, 20]);
    ledger.add(at(10), at(15), 1);
    expect(nextAfter(ledger, 0)).toEqual([15, 20]);
    ledger.add(at(15), at(20), 1);
    expect(nextAfter(ledger, 0)).toEqual([30, Number.POSITIVE_INFINITY]);
  });

  test("counts published data that the queue gives up, and says how many of the lost are gone", () => {
    const { ledger, tokens } = ledgerOf(4, 10, 30);
    expect([0, 9, 20, 29, 40].map((position) => ledger.giveUp(position))).toEqual(new Array(5).fill(false));
    expect([ledger.giveUp(10), ledger.giveUp(39)]).toEqual([true, true]);
    expect(ledger).toMatchObject({ data: 4, kept: 2 });
    expect(ledger.forget(tokens[0] ?? -1)).toBe(1);
    expect(ledger.acknowledge(tokens[1] ?? -1)).toBe(2);
    expect(settled(ledger, 35)).toEqual([[40, 1]]);
  });

  test("keeps its books through every order of acknowledgement", () => {
    const orders = [0, 1, 2].flatMap((a) => [0, 1, 2].filter((b) => b !== a).map((b) => [a, b, 3 - a - b]));
    for (const order of orders) {
      const { ledger, tokens } = ledgerOf(3, 0, 10, 20);
      const head = at(0);
      for (const index of order) {
        expect(ledger.acknowledge(tokens[index] ?? -1)).toBe(2);
        ledger.settle({ head, release: (end) => Object.assign(head, end) });
      }
      expect(head.position).toBe(30);
      expect(ledger.kept).toBe(0);
    }
  });
});
