// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Turn } from "../../../modules/ota/turn.js";
import { own, SoftwareWorld } from "./software-world.js";
import { makePackage } from "./update-world.js";

const image = makePackage({ version: "1.5", size: 6_000 });
const application = makePackage({ version: "2.0", size: 2_500 });

function begun(): SoftwareWorld {
  const world = new SoftwareWorld();
  world.boot();
  return world;
}

/** Kinds in the order in which chunks of them were asked for. */
function order(world: SoftwareWorld): string[] {
  const kinds = world.requests.map((request) => request.slice(0, 2));
  return kinds.filter((kind, index) => kind !== kinds[index - 1]);
}

describe("a turn", () => {
  test("is one's own until it is given back", () => {
    const turn = new Turn();
    const [one, other] = [{}, {}];
    expect([turn.take(one), turn.take(one), turn.take(other)]).toEqual([true, true, false]);
    turn.release(other);
    expect(turn.take(other)).toBe(false);
    turn.release(one);
    turn.release(one);
    expect([turn.take(other), turn.take(one)]).toEqual([true, false]);
  });
});

describe("packages of both kinds that are offered at once", () => {
  test("come one after the other, and both run in the end", () => {
    const world = begun();
    world.offer("fw", image);
    world.offer("sw", application);
    world.run(40_000);
    expect(world.running).toBe("2.0 on 1.5");
    expect([world.stateOf("fw"), world.stateOf("sw")]).toEqual(["UPDATED", "UPDATED"]);
    expect(order(world)).toEqual(["fw", "sw"]);
    expect(world.requests).toHaveLength(12 + 5);
    expect(world.boots).toEqual([own, `${own} on 1.5`, "2.0 on 1.5"]);
  });

  test("come one after the other when the power goes now and then", () => {
    for (let operation = 1; operation <= 60; operation += process.versions === undefined ? 20 : 3) {
      const world = begun();
      world.offer("fw", image);
      world.offer("sw", application);
      world.board.cutAt(operation, operation);
      world.survive(40_000);
      expect([operation, world.running]).toEqual([operation, "2.0 on 1.5"]);
      expect([world.stateOf("fw"), world.stateOf("sw")]).toEqual(["UPDATED", "UPDATED"]);
    }
  });

  test("do not hinder each other where one has failed", () => {
    const world = begun();
    world.offer("fw", image, { fw_checksum: "00000000" });
    world.offer("sw", application);
    world.run(60_000);
    expect(world.stateOf("fw")).toMatch(/^FAILED checksum-mismatch/);
    expect([world.running, world.stateOf("sw")]).toEqual(["2.0", "UPDATED"]);
  });

  test("do not hinder each other where one is withdrawn", () => {
    const world = begun();
    world.offer("fw", image);
    world.offer("sw", application);
    world.link.open();
    world.link.live();
    world.answer();
    for (const name of [...world.attributes.keys()]) if (name.startsWith("fw")) world.attributes.delete(name);
    world.answer();
    world.run(40_000);
    expect(world.stateOf("fw")).toMatch(/^FAILED package-withdrawn/);
    expect([world.running, world.stateOf("sw")]).toEqual(["2.0", "UPDATED"]);
  });

  test("do not hinder each other where one must not be downloaded", () => {
    const world = begun();
    world.obstacles.set("fw download", "the application says no");
    world.offer("fw", image);
    world.offer("sw", application);
    world.run(60_000);
    expect([world.running, world.stateOf("sw"), world.stateOf("fw")]).toEqual(["2.0", "UPDATED", ""]);
    world.obstacles.clear();
    world.run(60_000);
    expect([world.running, world.stateOf("fw")]).toEqual(["2.0 on 1.5", "UPDATED"]);
  });

  test("wait for each other where one must not restart yet", () => {
    const world = begun();
    world.obstacles.set("fw restart", "the application says no");
    world.offer("fw", image);
    world.offer("sw", application);
    world.run(60_000);
    expect([world.running, world.stateOf("fw"), world.stateOf("sw")]).toEqual([own, "VERIFIED", ""]);
    world.obstacles.clear();
    world.run(60_000);
    expect([world.running, world.stateOf("fw"), world.stateOf("sw")]).toEqual(["2.0 on 1.5", "UPDATED", "UPDATED"]);
  });

  test("keep apart what they note", () => {
    const world = begun();
    world.offer("fw", image);
    world.offer("sw", makePackage({ version: "2.0t", size: 2_500 }));
    world.run(60_000);
    expect([world.stateOf("fw"), world.stateOf("sw")]).toEqual(["UPDATED", "FAILED application-failed: it threw"]);
    expect(world.running).toBe(`${own} on 1.5`);
  });

  test("are trials of their own: while the firmware's cannot be confirmed no application restarts it", () => {
    const world = begun();
    world.offer("fw", image);
    world.offer("sw", application);
    while (world.stateOf("fw") !== "UPDATING") world.run(100);
    world.board.isOtaDataBroken = true;
    world.run(60_000);
    expect(world.boots).toEqual([own, `${own} on 1.5`]);
    world.board.isOtaDataBroken = false;
    world.run(60_000);
    expect([world.running, world.stateOf("fw"), world.stateOf("sw")]).toEqual(["2.0 on 1.5", "UPDATED", "UPDATED"]);
  });
});
