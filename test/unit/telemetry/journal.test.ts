// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { FakeFlash, type FakeFlashOptions } from "../../fakes/flash.js";
import { Boot, numbersOf, range } from "./journal-boot.js";

const alignments = [1, 4, 16, 32];

/** Four blocks of the smallest size: the sectors of a journal that is soon full. */
const small: FakeFlashOptions = { blocks: 4, blockLength: 2_048 };

describe("Journal", () => {
  test.each(alignments)(
    "gives back every kind of datum as it was, in the next boot, with a write alignment of %d",
    (writeAlign) => {
      const flash = new FakeFlash({ writeAlign });
      const first = new Boot(flash);
      const values = [0, -1, 21.5, -0.25, 1_234.567, Math.PI, 2 ** 48, -(2 ** 53), 1e300, 5e-324, true, false];
      const texts = ['"text"', '{"a":[1,2]}', '"é 😀"', `"${"x".repeat(1_022)}"`];
      const expected = [...values, ...texts].map((value, index) => {
        first.now += index % 3 === 0 ? 0 : 10 ** (index % 8);
        first.add(`key ${index % 4}`, value);
        return { key: `key ${index % 4}`, time: first.now, value };
      });
      expect(first.store()).toBe(expected.length);
      expect(first.journal).toMatchObject({ count: expected.length, stored: expected.length, recovered: 0 });
      const second = new Boot(flash);
      expect(second.journal).toMatchObject({ count: expected.length, stored: 0, recovered: expected.length });
      expect(second.drain()).toEqual(expected);
      expect(second.journal.count).toBe(0);
      expect(first.failures.counts.total + second.failures.counts.total).toBe(0);
    },
  );

  test.each(alignments)(
    "keeps the keys of every boot apart, across sectors, with a write alignment of %d",
    (writeAlign) => {
      const flash = new FakeFlash({ writeAlign, blockLength: 2_048, blocks: 16 });
      const expected: string[] = [];
      for (let boot = 0; boot < 6; boot += 1) {
        const life = new Boot(flash);
        for (let index = 0; index < 100; index += 1) {
          const key = `boot ${boot} key ${(index * 7) % 10}`;
          life.put(key, index);
          expected.push(`${key}=${index}`);
        }
      }
      const last = new Boot(flash);
      expect(last.drain().map(({ key, value }) => `${key}=${value}`)).toEqual(expected);
    },
  );

  test("keeps 255 keys apart, each as long as a key can be", () => {
    const flash = new FakeFlash({ blocks: 40, blockLength: 4_096 });
    const boot = new Boot(flash);
    const keys = range(0, 255).map((number) => `${number}`.padEnd(255, "k"));
    for (const key of keys) boot.add(key, key.length);
    expect(boot.store()).toBe(255);
    const next = new Boot(flash);
    next.now = 5;
    for (const key of keys) next.add(key, true);
    expect(next.store()).toBe(255);
    const read = new Boot(flash).drain();
    expect(read.map(({ key }) => key)).toEqual([...keys, ...keys]);
    expect(new Set(numbersOf(read))).toEqual(new Set([255, true]));
  });

  test("takes the longest text under the longest key into the smallest block", () => {
    for (const writeAlign of alignments) {
      const flash = new FakeFlash({ ...small, writeAlign });
      const value = `"${"y".repeat(1_022)}"`;
      const key = "k".repeat(255);
      expect(new Boot(flash).put(key, value)).toBe(true);
      expect(new Boot(flash).put(key, value)).toBe(true);
      const read = new Boot(flash).drain();
      expect(read.map((datum) => [datum.key, datum.value])).toEqual([
        [key, value],
        [key, value],
      ]);
    }
  });

  test("reads while it is written, and wraps around its blocks many times", () => {
    const flash = new FakeFlash(small);
    let boot = new Boot(flash);
    let next = 0;
    for (let round = 0; round < 60; round += 1) {
      expect(boot.putNumbers(next, next + 40)).toBe(40);
      if (round % 7 === 0) boot = new Boot(flash);
      expect(numbersOf(boot.drain(40))).toEqual(range(next, next + 40));
      next += 40;
    }
    expect(boot.failures.counts.total).toBe(0);
  });

  test("never gives again what was acknowledged, also in the middle of a frame", () => {
    const flash = new FakeFlash();
    const boot = new Boot(flash);
    for (const value of range(0, 200)) boot.add("a", value);
    expect(boot.store()).toBe(200);
    let next = 0;
    for (const count of [1, 3, 50, 1, 77, 68]) {
      const life = new Boot(flash);
      expect(life.journal.recovered).toBe(200 - next);
      expect(numbersOf(life.drain(count))).toEqual(range(next, next + count));
      expect(life.journal.count).toBe(200 - next - count);
      next += count;
    }
    expect(new Boot(flash).journal.recovered).toBe(0);
  });

  test("reads what is not acknowledged again after a rewind", () => {
    const flash = new FakeFlash();
    const boot = new Boot(flash);
    boot.putNumbers(0, 30);
    expect(boot.load()).toBe("loaded");
    expect(numbersOf(boot.staged())).toEqual(range(0, 30));
    boot.journal.acknowledge(7);
    boot.reader.rewind();
    boot.load();
    expect(numbersOf(boot.staged())).toEqual(range(7, 30));
  });

  test("fills a queue as far as it goes, and goes on from there", () => {
    const boot = new Boot(new FakeFlash(), { stage: 64 });
    for (const value of range(0, 100)) boot.add("a", value);
    boot.store();
    boot.putNumbers(100, 150);
    expect(numbersOf(boot.drain())).toEqual(range(0, 150));
  });

  test("opens without reading what it holds: the headers, and the first and the last of its sectors", () => {
    const flash = new FakeFlash({ blocks: 32, blockLength: 4_096 });
    expect(new Boot(flash).putNumbers(0, 8_000)).toBe(8_000);
    const { reads } = flash;
    const { recovered } = new Boot(flash).journal;
    expect(recovered).toBeGreaterThan(7_000);
    // 256 bytes at a time: a sector is 16 reads.
    expect(flash.reads - reads).toBeLessThanOrEqual(32 + 3 * 17);
    expect(new Boot(flash).drain()).toHaveLength(recovered);
  });

  test("does not write before there is something to store", () => {
    const flash = new FakeFlash();
    new Boot(flash);
    new Boot(flash).putNumbers(0, 3);
    const { operations } = flash;
    const next = new Boot(flash);
    next.journal.setClock(1e12);
    next.load();
    expect(flash.operations).toBe(operations);
  });
});

describe("Journal, full", () => {
  test("gives up a block of the oldest data at a time, and counts them", () => {
    const flash = new FakeFlash(small);
    const boot = new Boot(flash);
    let dropped = 0;
    boot.journal.onDropped = (_sequence, count) => {
      dropped += count;
    };
    expect(boot.putNumbers(0, 2_000)).toBe(2_000);
    const { count } = boot.journal;
    expect(dropped).toBeGreaterThan(0);
    expect(count).toBe(2_000 - dropped);
    // Of four blocks one is kept free, one was given up as a whole, and one may just have begun.
    expect(count).toBeGreaterThan(2_000 / 16);
    expect(boot.failures.counts.of("queue-full")).toBeGreaterThan(0);
    expect(numbersOf(boot.drain())).toEqual(range(dropped, 2_000));
  });

  test("refuses the newest datum where it is told to, until there is room again", () => {
    const flash = new FakeFlash(small);
    const boot = new Boot(flash, { whenFull: "drop-newest" });
    boot.journal.onDropped = () => expect("this").toBe("never called");
    const taken = boot.putNumbers(0, 2_000);
    expect(taken).toBeLessThan(1_000);
    expect(boot.journal.count).toBe(taken);
    // Refused data stay in the queue.
    expect(boot.queue.count).toBe(2_000 - taken);
    expect(numbersOf(boot.drain(taken - 1))).toEqual(range(0, taken - 1));
    expect(boot.store()).toBeGreaterThan(0);
    const next = new Boot(flash, { whenFull: "drop-newest" });
    expect(numbersOf(next.drain())).toEqual(range(taken - 1, taken + boot.journal.stored - taken));
  });

  test.each(["drop-oldest", "drop-newest"] as const)("stores acknowledgements all the same, with %s", (whenFull) => {
    const flash = new FakeFlash(small);
    const boot = new Boot(flash, { whenFull });
    boot.putNumbers(0, 1_000);
    let acknowledged = boot.drain(16).length;
    const first = new Boot(flash, { whenFull }).drain(1)[0]?.value as number;
    // The queue of the first boot is gone with it.
    for (let round = 0; round < 20; round += 1) {
      const life = new Boot(flash, { whenFull });
      expect(numbersOf(life.drain(8))).toEqual(range(first + 1 + round * 8, first + 9 + round * 8));
      acknowledged += 8;
    }
    expect(acknowledged).toBe(176);
  });

  test("uses all of its blocks again after everything was acknowledged", () => {
    const flash = new FakeFlash(small);
    const capacities: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const boot = new Boot(flash, { whenFull: "drop-newest" });
      capacities.push(boot.putNumbers(0, 1_000));
      boot.drain();
      // Moves on, so that every round begins elsewhere in a block.
      for (let index = 0; index < 15; index += 1) if (boot.put("a", index)) boot.drain();
    }
    const [first = 0] = capacities;
    for (const capacity of capacities) expect(capacity).toBeGreaterThan(first * 0.6);
  });

  test("says nothing of data that gave way where none did", () => {
    const flash = new FakeFlash(small);
    const boot = new Boot(flash);
    const counts: number[] = [];
    boot.journal.onDropped = (_sequence, count) => counts.push(count);
    for (let round = 0; round < 40; round += 1) {
      boot.putNumbers(0, 100);
      boot.drain();
    }
    expect(counts).toEqual([]);
    expect(boot.failures.counts.total).toBe(0);
  });
});

describe("Journal, its wear", () => {
  test("spreads evenly, and is bounded by the data", () => {
    const flash = new FakeFlash({ blocks: 7, blockLength: 2_048 });
    let data = 0;
    for (let round = 0; round < 40; round += 1) {
      const boot = new Boot(flash);
      data += boot.putNumbers(0, 150);
      while (boot.drain(50).length > 0);
    }
    const erases = [...flash.erasesByBlock];
    expect(Math.max(...erases) - Math.min(...erases)).toBeLessThanOrEqual(1);
    expect(flash.erases).toBeGreaterThan(7 * 3);
    // A datum of 16 bytes: 8 blocks of 2,048 bytes for every 1,000.
    expect((flash.erases * 1_000) / data).toBeLessThan(8);
  });

  /** Bytes of flash for each datum, everything included. */
  function cost(writeAlign: number, fill: (boot: Boot) => number): number {
    const flash = new FakeFlash({ blocks: 40, writeAlign });
    const boot = new Boot(flash);
    const data = fill(boot);
    expect(boot.journal.count).toBe(data);
    expect(boot.drain()).toHaveLength(data);
    return (flash.erases * 4_096) / data;
  }

  /** Five keys a second, stored every two seconds. */
  function fiveKeys(boot: Boot): number {
    for (let second = 0; second < 1_000; second += 1) {
      boot.now += 1_000;
      for (let key = 0; key < 5; key += 1) boot.add(`temperature ${key}`, 20 + key + (second % 90) / 10);
      if (second % 2 === 1) boot.store();
    }
    return boot.journal.stored;
  }

  /** One number every five seconds, each stored by itself. */
  function single(boot: Boot): number {
    for (let sample = 0; sample < 4_000; sample += 1) {
      boot.now += 5_000;
      boot.add("temperature", 20 + (sample % 90) / 10);
      boot.store();
    }
    return boot.journal.stored;
  }

  test.each([1, 4, 16, 32])(
    "takes 16 bytes or less for a number of five keys, with a write alignment of %d",
    (writeAlign) => {
      expect(cost(writeAlign, fiveKeys)).toBeLessThanOrEqual(16);
    },
  );

  // The ESP32 writes single bytes.
  test("takes 16 bytes or less for a number that comes by itself, with a write alignment of 1", () => {
    expect(cost(1, single)).toBeLessThanOrEqual(16);
  });
});
