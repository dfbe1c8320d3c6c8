// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Boot, numbersOf, range } from "./journal-boot.js";
import { FaultyFlash } from "./journal-faulty-flash.js";

/** XS on a desk computes some thirty times slower than V8. */
const isOnXs = process.versions === undefined;

describe("Journal, after a read that failed", () => {
  test("gives every datum once, when the next read but a few fails too", () => {
    const wrong: string[] = [];
    for (let first = 1; first < 40; first += isOnXs ? 9 : 3) {
      for (const second of [1, 2, 3, 5, 8, 13]) {
        const flash = new FaultyFlash({ blocks: 8, blockLength: 2_048 });
        new Boot(flash).putNumbers(0, 400);
        const boot = new Boot(flash);
        const read = numbersOf(boot.drain(100));
        let reads = 0;
        flash.fails = (operation) => {
          if (operation === "read") reads += 1;
          return operation === "read" && (reads === first || reads === first + second);
        };
        for (let round = 0; round < 8; round += 1) read.push(...numbersOf(boot.drain(20)));
        flash.fails = () => false;
        read.push(...numbersOf(boot.drain()));
        if (boot.journal.count !== 0 || read.join() !== range(0, 400).join()) wrong.push(`${first} and ${second}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("at an acknowledgement goes on in the same sector, so that nothing gives way", () => {
    const flash = new FaultyFlash({ blocks: 8, blockLength: 4_096 });
    new Boot(flash).putNumbers(0, 700);
    const boot = new Boot(flash);
    for (let round = 0; round < 12; round += 1) {
      expect(boot.load()).toBe("loaded");
      flash.fails = (operation) => operation === "read";
      boot.journal.acknowledge(1);
      flash.fails = () => false;
      boot.reader.rewind();
      boot.put("a", 700 + round);
    }
    expect(boot.journal.count).toBe(700);
    expect(boot.failures.counts.of("queue-full")).toBe(0);
    expect(numbersOf(boot.drain())).toEqual(range(12, 712));
  });
});

describe("Journal, after a write that was done although the flash said no", () => {
  /** The first write says no, and so does the read that looks what became of it. */
  function doubt(flash: FaultyFlash): void {
    flash.writesAllTheSame = true;
    let step = 0;
    flash.fails = (operation) => {
      const isFailing = operation === ["write", "read"][step];
      if (isFailing) step += 1;
      return isFailing;
    };
  }

  test("and cannot be looked at: gives its data once when they are stored again", () => {
    const flash = new FaultyFlash({ blocks: 4, blockLength: 2_048 });
    const boot = new Boot(flash);
    boot.putNumbers(0, 10);
    doubt(flash);
    boot.put("key 0", 10);
    expect(boot.store()).toBe(1);
    expect(boot.journal).toMatchObject({ count: 11, stored: 11, recovered: 0 });
    boot.putNumbers(11, 15);
    expect(numbersOf(boot.drain())).toEqual(range(0, 15));
    expect(boot.journal.count).toBe(0);
  });

  test("and cannot be looked at: is found although another sector was begun meanwhile", () => {
    const flash = new FaultyFlash({ blocks: 6, blockLength: 2_048 });
    const boot = new Boot(flash);
    boot.putNumbers(0, 10);
    doubt(flash);
    boot.put("key 0", 10);
    const { newest } = boot.journal;
    boot.journal.setClock(1);
    expect(boot.journal.newest).toBe(newest + 1);
    expect(boot.store()).toBe(1);
    expect(boot.journal).toMatchObject({ count: 11, stored: 11, recovered: 0 });
    boot.putNumbers(11, 15);
    expect(numbersOf(boot.drain())).toEqual(range(0, 15));
    expect(boot.journal.count).toBe(0);
  });

  test("and cannot be looked at: counts its data when they went another way", () => {
    const flash = new FaultyFlash({ blocks: 4, blockLength: 2_048 });
    const boot = new Boot(flash);
    boot.putNumbers(0, 10);
    doubt(flash);
    boot.put("key 0", 10);
    boot.queue.release(boot.queue.tail, 1);
    boot.putNumbers(11, 15);
    expect(boot.journal).toMatchObject({ count: 15, stored: 14, recovered: 1 });
    expect(numbersOf(boot.drain())).toEqual(range(0, 15));
    expect(boot.journal.count).toBe(0);
  });
});
