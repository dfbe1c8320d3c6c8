// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { FakeFlash, type FakeFlashOptions } from "../../fakes/flash.js";
import { Boot, numbersOf, range } from "./journal-boot.js";
import { FaultyFlash, type Operation } from "./journal-faulty-flash.js";

/** XS on a desk computes some thirty times slower than V8. */
const isOnXs = process.versions === undefined;

const small: FakeFlashOptions = { blocks: 4, blockLength: 2_048 };

describe("Journal, in a partition that is none", () => {
  test.each([
    ["zeros", () => 0],
    ["ones", () => 255],
    ["counting", (index: number) => index & 255],
    ["noise", (index: number) => Math.imul(index + 1, 0x9e37_79b1) >>> 13],
  ])("opens what is full of %s as empty", (_name, byteAt) => {
    const flash = new FakeFlash(small);
    flash.corrupt(
      0,
      Uint8Array.from({ length: flash.status.size }, (_, index) => byteAt(index)),
    );
    const boot = new Boot(flash);
    expect(boot.journal).toMatchObject({ count: 0, recovered: 0 });
    expect(boot.load()).toBe("empty");
    expect(boot.putNumbers(0, 500)).toBe(500);
    const { count } = boot.journal;
    expect(numbersOf(new Boot(flash).drain())).toEqual(range(500 - count, 500));
  });

  test("opens random bytes as empty", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 512 }), (bytes) => {
        const flash = new FakeFlash(small);
        for (let at = 0; at + bytes.length < flash.status.size; at += bytes.length) flash.corrupt(at, bytes);
        const boot = new Boot(flash);
        expect(boot.journal.count).toBe(0);
        expect(boot.put("a", 1)).toBe(true);
      }),
      { seed: 7, numRuns: 30 },
    );
  });

  test.each([
    [{ blocks: 3, blockLength: 4_096 }],
    [{ blocks: 0, blockLength: 4_096 }],
    [{ blocks: 8, blockLength: 1_024 }],
    [{ blocks: 4, blockLength: 131_072 }],
  ])("takes nothing in %j, and says so", (geometry) => {
    const boot = new Boot(new FakeFlash(geometry));
    expect(boot.failures.counts.of("storage-failed")).toBe(1);
    boot.journal.setClock(1e12);
    expect(boot.put("a", 1)).toBe(false);
    expect(boot.load()).toBe("empty");
    expect(boot.journal).toMatchObject({ count: 0, stored: 0, recovered: 0 });
  });

  test("remembers what is acknowledged in the largest block that it takes", () => {
    const flash = new FakeFlash({ blocks: 4, blockLength: 65_536, writeAlign: 32 });
    const boot = new Boot(flash, { maxKeys: 1 });
    // Frames of 32 bytes: the last one ends with its block, and so does what is acknowledged.
    const count = 65_536 / 32 - 2;
    for (let index = 0; index < count; index += 1) {
      boot.now = 1;
      boot.add("a", index % 60);
      if (boot.store() === 0) break;
    }
    boot.drain();
    expect(new Boot(flash).journal.count).toBe(0);
  });
});

describe("Journal, in flash that fails", () => {
  test("takes nothing while it fails, and everything afterwards", () => {
    const flash = new FakeFlash(small);
    const boot = new Boot(flash);
    boot.putNumbers(0, 100);
    flash.fail();
    // As often as there are blocks, several times over.
    for (let round = 0; round < 20; round += 1) expect(boot.put("a", 100 + round)).toBe(false);
    boot.journal.setClock(1e12);
    expect(boot.load()).toBe("failed");
    expect(boot.journal.count).toBe(100);
    flash.restore();
    expect(boot.store()).toBe(20);
    expect(numbersOf(boot.drain())).toEqual(range(0, 120));
    expect(boot.failures.counts.of("queue-full")).toBe(0);
  });

  test("gives up nothing for a block that it does not get", () => {
    const flash = new FaultyFlash(small);
    const boot = new Boot(flash);
    boot.putNumbers(0, 1_000);
    const { count } = boot.journal;
    flash.fails = (operation) => operation !== "read";
    for (let round = 0; round < 20; round += 1) boot.put("a", 1_000 + round);
    // Whatever it takes, the first block of all is the price.
    const kept = boot.journal.count;
    expect(kept).toBeGreaterThan(count / 2);
    flash.fails = () => false;
    boot.store();
    expect(numbersOf(boot.drain())).toEqual(range(1_020 - kept - 20, 1_020));
  });

  test("skips a block that is worn out", () => {
    const flash = new FaultyFlash({ blocks: 8, blockLength: 2_048 });
    const boot = new Boot(flash);
    flash.fails = (operation, byteOffset) => operation === "erase" && byteOffset === 3 * 2_048;
    let taken = 0;
    for (let number = 0; number < 800; number += 1) {
      boot.put("a", number);
      taken = number + 1;
    }
    expect(boot.store()).toBe(boot.queue.count);
    expect(boot.queue.count).toBe(0);
    expect(flash.failures).toBe(1);
    expect(numbersOf(boot.drain())).toEqual(range(0, taken));
  });

  test("opens later what could not be read at first", () => {
    const flash = new FakeFlash(small);
    new Boot(flash).putNumbers(0, 100);
    flash.fail();
    const boot = new Boot(flash);
    expect(boot.journal.count).toBe(0);
    expect(boot.put("a", 100)).toBe(false);
    expect(boot.load()).not.toBe("loaded");
    flash.restore();
    expect(boot.store()).toBe(1);
    expect(boot.journal).toMatchObject({ recovered: 100, stored: 1, count: 101 });
    expect(numbersOf(boot.drain())).toEqual(range(0, 101));
  });

  test.each<[Operation]>([["read"], ["write"], ["erase"]])(
    "delivers everything once when every now and then a %s fails",
    (faulty) => {
      fc.assert(
        fc.property(fc.infiniteStream(fc.nat(7)), fc.integer({ min: 20, max: 50 }), (chances, rounds) => {
          const flash = new FaultyFlash({ blocks: 256, blockLength: 2_048 });
          const boot = new Boot(flash);
          flash.fails = (operation) => operation === faulty && chances.next().value === 0;
          const read: unknown[] = [];
          for (let round = 0; round < rounds; round += 1) {
            boot.putNumbers(round * 10, round * 10 + 10);
            read.push(...numbersOf(boot.drain(chances.next().value ?? 0)));
          }
          flash.fails = () => false;
          boot.store();
          read.push(...numbersOf(boot.drain()));
          expect(read).toEqual(range(0, rounds * 10));
          expect(boot.journal.count).toBe(0);
          expect(new Boot(flash).journal.count).toBe(0);
        }),
        { seed: 7, numRuns: isOnXs ? 10 : 40 },
      );
    },
  );

  test("delivers once what was written although the flash said no", () => {
    const flash = new FaultyFlash({ blocks: 256, blockLength: 2_048 });
    flash.writesAllTheSame = true;
    const boot = new Boot(flash);
    let writes = 0;
    flash.fails = (operation) => {
      if (operation === "write") writes += 1;
      return operation === "write" && writes % 14 < 2;
    };
    const read: unknown[] = [];
    for (let round = 0; round < 30; round += 1) {
      boot.putNumbers(round * 10, round * 10 + 10);
      read.push(...numbersOf(boot.drain(8)));
    }
    flash.fails = () => false;
    boot.store();
    read.push(...numbersOf(boot.drain()));
    expect(read).toEqual(range(0, 300));
    expect(boot.journal.count).toBe(0);
  });
});

describe("Journal, damaged", () => {
  /** A datum a frame, 12 bytes each, so that damage hits one of them or a header. */
  function written(): FakeFlash {
    const flash = new FakeFlash(small);
    new Boot(flash).putNumbers(0, 400);
    return flash;
  }

  test("delivers the rest whichever byte is damaged, and counts the loss", () => {
    const whole = new Boot(written()).drain().length;
    const { size } = new FakeFlash(small).status;
    for (let at = 5; at < size; at += isOnXs ? 485 : 97) {
      const flash = written();
      // Nothing is there yet that could be lost.
      if (flash.contents[at] === 255) continue;
      const boot = new Boot(flash);
      expect(boot.journal.recovered).toBe(whole);
      flash.corrupt(at, [(flash.contents[at] as number) ^ 0x24]);
      boot.journal.window.invalidate();
      const read = boot.drain();
      expect(new Set(numbersOf(read)).size).toBe(read.length);
      expect(read.length).toBeGreaterThan(whole / 3);
      const { count } = boot.journal;
      expect(read.length + count).toBe(whole);
      if (count > 0) {
        expect(boot.load()).toBe("unreadable");
        expect(boot.journal.abandon()).toBe(count);
      }
      expect(boot.load()).toBe("empty");
      expect(boot.put("a", 1)).toBe(true);
      expect(boot.drain()).toHaveLength(1);
      expect(new Boot(flash).journal.count).toBe(0);
    }
  });

  test("opens, delivers and goes on whichever byte is damaged while the power is off", () => {
    const { size } = new FakeFlash(small).status;
    for (let at = 7; at < size; at += isOnXs ? 445 : 89) {
      const flash = written();
      new Boot(flash).drain(50);
      flash.corrupt(at, [(flash.contents[at] as number) ^ 0x42]);
      const boot = new Boot(flash);
      const { recovered } = boot.journal;
      expect(recovered).toBeGreaterThanOrEqual(0);
      const before = boot.drain();
      const lost = recovered - before.length;
      expect(lost).toBeGreaterThanOrEqual(0);
      if (lost > 0) expect(boot.journal.abandon()).toBe(lost);
      expect(boot.journal.count).toBe(0);
      expect(boot.putNumbers(1_000, 1_100)).toBe(100);
      expect(numbersOf(new Boot(flash).drain())).toEqual(range(1_000, 1_100));
    }
  });
});
