// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { makePackage, UpdateWorld } from "./update-world.js";

const second = makePackage({ version: "2.0" });
const third = makePackage({ version: "3.0", size: 12_000 });

/** 2.0 is on trial, and has not reached the server. */
function onTrial(trialDeadline = 60_000): UpdateWorld {
  const world = new UpdateWorld({ trialDeadline });
  world.boot();
  world.offer(second);
  world.connect();
  while (world.state !== "UPDATING") {
    world.serve();
    world.clock.advance(50);
  }
  world.reset("software");
  expect([world.running, world.updater.isOnTrial]).toEqual(["2.0", true]);
  world.told.length = 0;
  world.requests.length = 0;
  return world;
}

describe("during a trial", () => {
  test("that cannot be confirmed yet another offer waits, and is followed afterwards", () => {
    const world = onTrial();
    world.board.isOtaDataBroken = true;
    world.offer(third);
    world.run(30_000);
    expect([world.told, world.requests]).toEqual([[], []]);
    expect(world.boots).toEqual(["1.0", "2.0"]);
    world.board.isOtaDataBroken = false;
    world.run();
    expect(world.boots).toEqual(["1.0", "2.0", "3.0"]);
    expect(world.told).toContain("UPDATED");
  });

  test("that cannot be confirmed at all the image goes, and the one before follows the other offer", () => {
    const world = onTrial();
    world.board.isOtaDataBroken = true;
    world.offer(third);
    world.run(59_000);
    expect(world.running).toBe("2.0");
    world.run(2_000);
    expect(world.boots.slice(0, 3)).toEqual(["1.0", "2.0", "1.0"]);
    world.board.isOtaDataBroken = false;
    world.run(100_000);
    expect(world.state).toMatch(/^FAILED|^UPDATED$/);
    expect(world.told.some((line) => line.startsWith("FAILED trial-timeout"))).toBe(true);
  });

  test("that no record tells of the image stays when it reaches the server, and another offer is followed", () => {
    const world = onTrial();
    world.board.stored.values.delete("fw.update");
    world.board.states.set("ota_1", "new");
    world.reset("software");
    expect([world.running, world.updater.isOnTrial]).toEqual(["2.0", true]);
    world.board.isOtaDataBroken = true;
    world.offer(third);
    world.run(30_000);
    expect([world.told, world.requests]).toEqual([[], []]);
    world.board.isOtaDataBroken = false;
    world.run();
    expect(world.running).toBe("3.0");
  });

  test("the first reason to give up is the one that is told", () => {
    const world = onTrial();
    world.updater.giveUpTrial("wrong-framework", "built for 7");
    world.updater.giveUpTrial("application-failed", "what else");
    world.clock.advance(3_600_000);
    world.run();
    expect(world.state).toBe("FAILED wrong-framework: built for 7");
    expect(world.boots).toEqual(["1.0", "2.0", "1.0"]);
  });

  test("what gives up is not confirmed by an answer that comes before the restart", () => {
    const world = onTrial();
    world.updater.giveUpTrial("application-failed", "boom");
    world.answer();
    expect([world.updater.isOnTrial, world.told]).toEqual([true, []]);
    world.run();
    expect(world.state).toBe("FAILED application-failed: boom");
  });

  test("the deadline passes while the device is stopped, too", () => {
    const world = onTrial();
    world.updater.suspend();
    world.clock.advance(60_000);
    world.run(1_000);
    expect(world.boots).toEqual(["1.0", "2.0", "1.0"]);
  });

  test("the deadline is gone once the image is confirmed", () => {
    const world = onTrial();
    world.run(1_000);
    expect(world.state).toBe("UPDATED");
    world.clock.advance(3_600_000);
    world.run();
    expect(world.boots).toEqual(["1.0", "2.0"]);
  });

  test("giving up is of no effect without a trial", () => {
    const world = onTrial();
    world.run(1_000);
    world.updater.giveUpTrial("application-failed", "later");
    world.run();
    expect([world.boots, world.state]).toEqual([["1.0", "2.0"], "UPDATED"]);
  });

  test("the offer is withdrawn: the image stays, and is known for what it is", () => {
    const world = onTrial();
    world.withdraw();
    world.run();
    expect([world.running, world.updater.current.version]).toEqual(["2.0", "2.0"]);
    expect(world.told.join()).not.toContain("FAILED");
    world.offer(second);
    world.answer();
    world.run();
    expect([world.requests.length, world.state]).toEqual([0, "UPDATED"]);
  });
});

describe("between the choice and the restart", () => {
  function leaving(): UpdateWorld {
    const world = new UpdateWorld();
    world.boot();
    world.offer(second);
    world.connect();
    while (world.state !== "UPDATING") {
      world.serve();
      world.clock.advance(10);
    }
    return world;
  }

  test("nothing is begun, whatever is offered or asked for", () => {
    const world = leaving();
    const { length } = world.told;
    world.offer(third);
    world.answer();
    world.withdraw();
    world.answer();
    world.updater.suspend();
    world.updater.resume();
    world.clock.advance(60_000);
    expect(() => world.updater.rollBack()).toThrow("image-refused");
    expect(world.link.published).toEqual([]);
    expect(world.told).toHaveLength(length);
    world.offer(second);
    world.run();
    expect([world.boots, world.state]).toEqual([["1.0", "2.0"], "UPDATED"]);
  });
});
