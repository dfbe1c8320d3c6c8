// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import { makePackage, type Package, UpdateWorld } from "./update-world.js";

/** XS on a desk computes some thirty times slower than V8. */
const isOnXs = process.versions === undefined;

const window = 4;
const image = makePackage({ version: "2.0", size: 9_500 });

function begun(chosen: Package = image): UpdateWorld {
  const world = new UpdateWorld({ window, trialDeadline: 20_000 });
  world.boot();
  world.offer(chosen);
  return world;
}

/** Lets everything happen until the update has ended, and a little longer. */
function settle(world: UpdateWorld): void {
  for (let count = 0; count < 120 && !isOver(world); count += 1) world.survive(250);
  world.survive(500);
}

function isOver({ state }: UpdateWorld): boolean {
  return state === "UPDATED" || state.startsWith("FAILED");
}

/** Cuts at each operation of an update: with every tear where it is one of the flash, before and after it where it is none. */
function cutsOf(chosen: Package): readonly (readonly [operation: number, tear: number])[] {
  const world = begun(chosen);
  const before = world.board.operations;
  const inFlash = new Set<number>();
  world.wrapFlash = (flash) => ({
    status: flash.status,
    read: (into, byteOffset) => flash.read(into, byteOffset),
    write: (from, byteOffset) => {
      inFlash.add(world.board.operations + 1);
      flash.write(from, byteOffset);
    },
    eraseBlock: (block) => {
      inFlash.add(world.board.operations + 1);
      flash.eraseBlock(block);
    },
  });
  settle(world);
  const cuts: [number, number][] = [];
  for (let operation = before + 1; operation <= world.board.operations; operation += 1)
    for (let tear = 0; tear < (inFlash.has(operation) ? 8 : 2); tear += 1) cuts.push([operation - before, tear]);
  return cuts;
}

describe("the power goes", () => {
  test("at every operation of an update: it is made all the same, and at most a window is fetched again", () => {
    const cuts = cutsOf(image);
    expect(cuts.length).toBeGreaterThan(100);
    for (let index = 0; index < cuts.length; index += isOnXs ? 7 : 1) {
      const [operation, tear] = cuts[index] as [number, number];
      const world = begun();
      world.cutAt(operation, tear);
      settle(world);
      const where = `cut at ${operation}, tear ${tear}`;
      expect([where, world.running, world.state]).toEqual([where, "2.0", "UPDATED"]);
      expect(world.requests.length).toBeLessThanOrEqual(10 + window);
    }
  });

  test("at every operation of an update to an image that crashes: the one before runs, and says why", () => {
    const bad = makePackage({ version: "3.0", size: 5_000, behaviour: "crashes" });
    const cuts = cutsOf(bad);
    for (let index = 0; index < cuts.length; index += isOnXs ? 7 : 1) {
      const [operation, tear] = cuts[index] as [number, number];
      const world = begun(bad);
      world.cutAt(operation, tear);
      settle(world);
      const where = `cut at ${operation}, tear ${tear}`;
      expect([where, world.running]).toEqual([where, "1.0"]);
      expect(world.state).toMatch(/^FAILED trial-crashed/);
      expect(world.told).not.toContain("UPDATED");
    }
  });

  test("again and again: it is made in the end, or has failed with a reason", () => {
    let seed = 1;
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 0x1_0000_0000;
    };
    for (let life = 0; life < (isOnXs ? 8 : 200); life += 1) {
      const world = begun();
      for (let cut = 0; cut < 8; cut += 1) {
        world.cutAt(1 + Math.floor(random() * 12), Math.floor(random() * 8));
        world.survive(1_000);
      }
      settle(world);
      expect(world.state).toMatch(/^UPDATED$|^FAILED trial-interrupted/);
      expect(world.running).toBe(world.state === "UPDATED" ? "2.0" : "1.0");
    }
  });
});

describe("the flash fails", () => {
  test("at every single write and erase: the update is made", () => {
    for (let failing = 1; failing <= 13; failing += isOnXs ? 4 : 1) {
      const world = begun();
      let count = 0;
      const step = (): void => {
        count += 1;
        if (count === failing) throw new DeviceError("storage-failed");
      };
      world.wrapFlash = (flash) => ({
        status: flash.status,
        read: (into, byteOffset) => flash.read(into, byteOffset),
        write: (from, byteOffset) => {
          step();
          flash.write(from, byteOffset);
        },
        eraseBlock: (block) => {
          step();
          flash.eraseBlock(block);
        },
      });
      world.reset("software");
      world.run();
      expect([failing, world.running]).toEqual([failing, "2.0"]);
    }
  });

  test("for good: the update has failed, and says so", () => {
    const world = begun();
    world.wrapFlash = (flash) => ({
      status: flash.status,
      read: (into, byteOffset) => flash.read(into, byteOffset),
      write: () => {
        throw new DeviceError("storage-failed", "worn out");
      },
      eraseBlock: (block) => flash.eraseBlock(block),
    });
    world.reset("software");
    world.run();
    expect(world.state).toBe("FAILED storage-failed: worn out");
    expect(world.running).toBe("1.0");
  });

  test("when it is read back: the update has failed, and says so", () => {
    const world = begun();
    world.wrapFlash = (flash) => ({
      status: flash.status,
      read: () => {
        throw new DeviceError("storage-failed", "unreadable");
      },
      write: (from, byteOffset) => flash.write(from, byteOffset),
      eraseBlock: (block) => flash.eraseBlock(block),
    });
    world.reset("software");
    world.run();
    expect(world.state).toBe("FAILED storage-failed: unreadable");
  });
});

describe("the key-value store fails", () => {
  test("for good: nothing is begun that the next boot would not know of", () => {
    const world = begun();
    world.board.stored.isBroken = true;
    world.run();
    expect(world.boots).toEqual(["1.0"]);
    expect(world.state).toMatch(/^FAILED storage-failed/);
  });
});
