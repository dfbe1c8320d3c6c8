// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { makePackage, UpdateWorld } from "./update-world.js";

function begun(...options: ConstructorParameters<typeof UpdateWorld>): UpdateWorld {
  const world = new UpdateWorld(...options);
  world.boot();
  return world;
}

/** Lets the update of 20 chunks go on to a stage and no further. */
const stages: readonly (readonly [string, (world: UpdateWorld) => void])[] = [
  ["before the session", () => {}],
  [
    "while it waits for the download",
    (world) => {
      world.obstacle = "busy";
      world.run(1_000);
      world.obstacle = undefined;
    },
  ],
  ["before the first chunk", (world) => world.connect()],
  [
    "in the middle of the download",
    (world) => {
      world.connect();
      world.serve(7);
    },
  ],
  [
    "after a wrong answer",
    (world) => {
      world.connect();
      world.serve(2);
      world.link.deliver("v2/fw/error", "UNKNOWN");
    },
  ],
  [
    "before it is read back",
    (world) => {
      world.connect();
      world.serve();
      expect(world.requests).toHaveLength(20);
    },
  ],
  [
    "while it waits for the restart",
    (world) => {
      world.connect();
      while (world.serve(1)) if (world.requests.length === 10) world.obstacle = "busy";
      world.clock.advance(100);
      expect(world.state).toBe("VERIFIED");
      world.obstacle = undefined;
    },
  ],
];

describe.each(stages)("an update %s", (_, reach) => {
  const offered = makePackage({ version: "2.0", size: 20_000 });

  function reached(): UpdateWorld {
    const world = begun();
    world.offer(offered);
    reach(world);
    return world;
  }

  test("waits while the device is stopped, and goes on afterwards", () => {
    const world = reached();
    world.updater.suspend();
    world.updater.suspend();
    world.link.close();
    const { told, requests } = world;
    const before = [told.length, requests.length, world.board.operations];
    world.clock.advance(3_600_000);
    expect([told.length, requests.length, world.board.operations]).toEqual(before);
    world.updater.resume();
    world.run();
    expect([world.running, world.state]).toEqual(["2.0", "UPDATED"]);
    // Those whose answers were lost with the session, a window of them.
    expect(requests.length).toBeLessThanOrEqual(20 + 4);
  });

  test("goes on when the device is stopped and started without losing the session", () => {
    const world = reached();
    for (let times = 0; times < 3; times += 1) {
      world.updater.suspend();
      world.clock.advance(60_000);
      world.updater.resume();
    }
    world.run();
    expect([world.running, world.state]).toEqual(["2.0", "UPDATED"]);
  });

  test("goes on where it was after the power went", () => {
    const world = reached();
    world.reset("power-on");
    world.run();
    expect([world.running, world.state]).toEqual(["2.0", "UPDATED"]);
    expect(world.requests.length).toBeLessThanOrEqual(20 + 4 + 4);
  });

  test("ends where it is withdrawn, and is made where it is offered again", () => {
    const world = reached();
    world.connect();
    world.withdraw();
    world.answer();
    expect(world.state).toBe("FAILED package-withdrawn: the server offers it no longer");
    world.run();
    expect(world.boots).toEqual(["1.0"]);
    world.offer(offered);
    world.answer();
    world.run();
    expect([world.running, world.state]).toEqual(["2.0", "UPDATED"]);
  });

  test.each([1, 4_096, 20_001, 32_768])("gives way to another one, of %d bytes", (size) => {
    const world = reached();
    world.connect();
    world.offer(makePackage({ version: "3.0", size: Math.max(size, 6) }));
    world.answer();
    world.requests.length = 0;
    world.run();
    expect([world.boots, world.state]).toEqual([["1.0", "3.0"], "UPDATED"]);
  });

  test("gives way to another one that came while the power was off", () => {
    const world = reached();
    world.offer(makePackage({ version: "3.0", size: 12_000 }));
    world.reset("power-on");
    world.requests.length = 0;
    world.run();
    expect([world.running, world.state, world.requests.length]).toEqual(["3.0", "UPDATED", 12]);
  });

  test("gives way to none that is refused, and ends all the same", () => {
    const world = reached();
    world.connect();
    world.offer(makePackage({ version: "3.0", size: 12_000 }), { fw_title: "toaster" });
    world.answer();
    world.run();
    expect(world.state).toMatch(/^FAILED wrong-title/);
    expect(world.boots).toEqual(["1.0"]);
    expect(world.clock.pending).toBeUndefined();
  });

  test("waits for what is in its way, and says so once", () => {
    const world = reached();
    world.obstacle = "battery 12 %";
    world.run(120_000);
    expect(world.boots).toEqual(["1.0"]);
    expect(world.log.entries.filter(({ detail }) => detail.includes("battery")).length).toBeLessThanOrEqual(1);
    const { length } = world.requests;
    world.obstacle = "battery 13 %";
    world.run(120_000);
    expect(world.requests).toHaveLength(length);
    world.obstacle = undefined;
    world.run();
    expect([world.running, world.state]).toEqual(["2.0", "UPDATED"]);
  });
});

describe("an offer that is not complete", () => {
  test("is asked for three times, 5 s apart, and then has failed", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }), { fw_size: undefined });
    world.connect();
    const told = world.told.length;
    world.clock.advance(14_999);
    expect(world.told).toHaveLength(told);
    world.clock.advance(1);
    expect(world.state).toBe("FAILED package-incomplete: fw_size");
    world.clock.advance(3_600_000);
    expect(world.told).toHaveLength(told + 1);
  });

  test("has three times of its own after another one that failed by that", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }), { fw_size: undefined });
    world.run();
    expect(world.state).toMatch(/^FAILED package-incomplete/);
    world.offer(makePackage({ version: "3.0" }), { fw_checksum: undefined });
    world.answer();
    world.run(4_000);
    world.offer(makePackage({ version: "3.0" }));
    world.run();
    expect([world.running, world.told.some((line) => line.includes("fw_checksum"))]).toEqual(["3.0", false]);
  });

  test("has three times of its own after another one that was withdrawn", () => {
    const world = begun();
    world.offer(makePackage({ version: "2.0" }), { fw_size: undefined });
    world.run(12_000);
    world.withdraw();
    world.answer();
    world.offer(makePackage({ version: "2.0" }), { fw_size: undefined });
    world.answer();
    world.run(9_000);
    expect(world.state).toBe("");
    world.offer(makePackage({ version: "2.0" }));
    world.run();
    expect(world.running).toBe("2.0");
  });
});

describe("a chunk length that changes between two boots", () => {
  test.each([
    [512, 4_096],
    [4_096, 512],
    [1_024, 8_192],
    [8_192, 1_024],
    [16_384, 4_096],
    [2_048, 16_384],
  ])("from %d to %d costs no more than what was not whole", (from, to) => {
    const options = { chunkLength: from, window: 2 };
    const world = begun(options);
    world.offer(makePackage({ version: "2.0", size: 30_000 }));
    world.connect();
    while (world.requests.length * from < 15_000) {
      world.serve(1);
      world.clock.advance(10);
    }
    options.chunkLength = to;
    world.reset("power-on");
    world.requests.length = 0;
    world.run();
    expect([world.running, world.state]).toEqual(["2.0", "UPDATED"]);
    const bytes = world.requests.length * to;
    expect(bytes).toBeLessThan(30_000 - 15_000 + 2 * Math.max(from, to, 4_096) + to);
  });
});
