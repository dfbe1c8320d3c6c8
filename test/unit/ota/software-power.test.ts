// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { own, SoftwareWorld } from "./software-world.js";
import { makePackage, type Package } from "./update-world.js";

/** XS on a desk computes some thirty times slower than V8. */
const isOnXs = process.versions === undefined;
const step = isOnXs ? 11 : 1;
const tears = [0, 1, 2, 3, 4, 5, 6, 7];

const first = makePackage({ version: "1.8", size: 3_500 });
const good = makePackage({ version: "2.0", size: 2_500 });

/** A device that runs an application that came before, and is offered another. */
function begun(chosen: Package): SoftwareWorld {
  const world = new SoftwareWorld({ trialDeadline: 3_000 });
  world.boot();
  world.offer("sw", first);
  settle(world);
  expect(world.running).toBe(first.version);
  world.offer("sw", chosen);
  world.answer();
  world.requests.length = 0;
  world.told.length = 0;
  return world;
}

/** Lets everything happen until the update has ended, and a little longer. */
function settle(world: SoftwareWorld): void {
  for (let count = 0; count < 30 && !isOver(world); count += 1) world.survive(200);
  world.survive(300);
}

function isOver(world: SoftwareWorld): boolean {
  return world.stateOf() === "UPDATED" || world.stateOf().startsWith("FAILED");
}

function operationsOf(chosen: Package): number {
  const world = begun(chosen);
  const { operations } = world.board;
  settle(world);
  return world.board.operations - operations;
}

/** No world runs an application that is not whole: it throws. */
function sweep(chosen: Package, judge: (world: SoftwareWorld, where: string) => void): void {
  const operations = operationsOf(chosen);
  expect(operations).toBeGreaterThan(20);
  for (const tear of tears)
    for (let operation = 1 + (tear % step); operation <= operations; operation += step) {
      const world = begun(chosen);
      const where = `cut at ${operation} of ${operations}, tear ${tear}`;
      world.board.cutAt(operation, tear);
      try {
        settle(world);
      } catch (error) {
        throw new Error(where, { cause: error });
      }
      judge(world, where);
    }
}

describe("the power goes at every operation", () => {
  test("of an update of the application: it is made all the same, and little is fetched again", () => {
    sweep(good, (world, where) => {
      expect([where, world.running, world.stateOf()]).toEqual([where, "2.0", "UPDATED"]);
      expect(world.updater.current.version).toBe("2.0");
      expect(world.requests.length).toBeLessThanOrEqual(5 + 4);
    });
  });

  test("of an update to an application that crashes: the firmware's own runs", () => {
    sweep(makePackage({ version: "2.0", size: 2_500, behaviour: "crashes" }), (world, where) => {
      expect([where, world.running]).toEqual([where, own]);
      expect(world.stateOf()).toMatch(/^FAILED trial-crashed/);
      expect(world.told).not.toContain("sw UPDATED");
    });
  });

  test("of an update to an application that throws: the firmware's own runs, and says why", () => {
    sweep(makePackage({ version: "2.0t", size: 2_500 }), (world, where) => {
      expect([where, world.running]).toEqual([where, own]);
      expect(world.stateOf()).toBe("FAILED application-failed: it threw");
    });
  });

  test("of giving an application back", () => {
    let operations = 1;
    for (const tear of [0, 1])
      for (let operation = 1; operation <= operations; operation += 1) {
        const world = begun(first);
        const before = world.board.operations;
        if (operation > 1) world.board.cutAt(operation - 1, tear);
        try {
          world.updater.rollBack();
        } catch {
          world.reset("power-on");
        }
        settle(world);
        if (operation === 1) operations = world.board.operations - before + 1;
        const isDone = world.running === own;
        expect([operation, world.running, world.stateOf()]).toEqual(
          isDone ? [operation, own, "FAILED rolled-back: to thermostat own"] : [operation, first.version, "UPDATED"],
        );
      }
  });
});

test("The power goes again and again: no half application runs, and the update is made or has failed with a reason", () => {
  let seed = 1;
  const random = (bound: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 0x1_0000_0000) * bound);
  };
  for (let life = 0; life < (isOnXs ? 5 : 60); life += 1) {
    const world = begun(good);
    for (let cut = 0; cut < 8; cut += 1) {
      world.board.cutAt(1 + random(12), random(8));
      world.survive(1_000);
    }
    settle(world);
    expect(world.stateOf()).toMatch(/^UPDATED$|^FAILED trial-interrupted/);
    expect(world.running).toBe(world.stateOf() === "UPDATED" ? "2.0" : own);
  }
});
