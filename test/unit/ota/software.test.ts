// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { DeviceError } from "../../../modules/core/errors.js";
import { own, SoftwareWorld } from "./software-world.js";
import { makePackage, type PackageOptions } from "./update-world.js";

function begun(...options: ConstructorParameters<typeof SoftwareWorld>): SoftwareWorld {
  const world = new SoftwareWorld(...options);
  world.boot();
  return world;
}

function application(version: string, options: Partial<PackageOptions> = {}) {
  return makePackage({ size: 2_500, ...options, version });
}

describe("an application that comes as a package", () => {
  test("runs after a restart, and stays", () => {
    const world = begun();
    world.offer("sw", application("2.0"));
    world.run();
    expect(world.boots).toEqual([own, "2.0"]);
    expect(world.told.filter((line) => line.startsWith("sw"))).toEqual([
      ...["sw runs own", "sw DOWNLOADING", "sw DOWNLOADED", "sw VERIFIED", "sw UPDATING", "sw runs 2.0", "sw UPDATED"],
    ]);
    world.reset("power-on");
    world.run();
    expect(world.boots).toEqual([own, "2.0", "2.0"]);
    expect(world.requests).toHaveLength(5);
    expect(world.updater.current.version).toBe("2.0");
  });

  test("takes the place of the one before, whatever its size", () => {
    const world = begun();
    for (const [version, size] of [
      ["2.0", 4_096],
      ["2.1", 1],
      ["2.2", 1_024],
      ["2.3", 4_095],
    ] as const) {
      world.offer("sw", application(version, { size: Math.max(size, 6) }));
      world.answer();
      world.run();
      expect([world.running, world.stateOf()]).toEqual([version, "UPDATED"]);
    }
  });

  test("takes the place of one that came over the cable", () => {
    const world = new SoftwareWorld();
    world.flash(application("0.1"));
    world.boot();
    expect(world.running).toBe("0.1");
    world.offer("sw", application("2.0"));
    world.run();
    expect(world.boots).toEqual(["0.1", "2.0"]);
  });

  test("that throws at its start is not run again: the firmware's own is, and says why", () => {
    const world = begun();
    world.offer("sw", application("2.0t"));
    world.run();
    expect(world.boots).toEqual([own, "2.0t", own]);
    expect(world.stateOf()).toBe("FAILED application-failed: it threw");
    world.reset("power-on");
    world.run();
    expect(world.running).toBe(own);
    expect(world.requests).toHaveLength(5);
    expect(world.updater.current.version).toBe(own);
  });

  test("that crashes is not run again", () => {
    const world = begun();
    world.offer("sw", application("2.0", { behaviour: "crashes" }));
    world.run();
    expect(world.boots).toEqual([own, "2.0", own]);
    expect(world.stateOf()).toBe("FAILED trial-crashed: thermostat 2.0 ended by panic: boom");
  });

  test("that never reaches the server gives itself up", () => {
    const world = begun({ trialDeadline: 10_000 });
    world.offer("sw", application("2.0", { behaviour: "mute" }));
    world.run();
    expect(world.boots).toEqual([own, "2.0", own]);
    expect(world.stateOf()).toBe("FAILED trial-timeout: no answer in 10000 ms");
  });

  test("that loses its power is tried three times", () => {
    const world = begun();
    world.offer("sw", application("2.0", { behaviour: "mute" }));
    world.run(3_000);
    for (let cut = 0; cut < 5; cut += 1) world.reset("power-on");
    world.run();
    expect(world.boots.filter((version) => version === "2.0")).toHaveLength(3);
    expect(world.stateOf()).toMatch(/^FAILED trial-interrupted/);
    expect(world.running).toBe(own);
    expect(world.requests).toHaveLength(5);
  });

  test("is followed by another one after it has failed", () => {
    const world = begun();
    world.offer("sw", application("2.0t"));
    world.run();
    world.offer("sw", application("2.1"));
    world.answer();
    world.run();
    expect(world.boots).toEqual([own, "2.0t", own, "2.1"]);
  });

  test("that was good is gone when the next one fails", () => {
    const world = begun();
    world.offer("sw", application("2.0"));
    world.run();
    world.offer("sw", application("2.1t"));
    world.answer();
    world.run();
    expect(world.boots).toEqual([own, "2.0", "2.1t", own]);
    expect(world.updater.current.version).toBe(own);
  });

  test("is given back for the firmware's own, and is not fetched again", () => {
    const world = begun();
    world.offer("sw", application("2.0"));
    world.run();
    world.updater.rollBack();
    world.run();
    expect(world.boots).toEqual([own, "2.0", own]);
    expect(world.stateOf()).toBe("FAILED rolled-back: to thermostat own");
    expect(() => world.updater.rollBack()).toThrow("nothing to return to");
    world.reset("power-on");
    world.run();
    expect([world.running, world.requests.length]).toEqual([own, 5]);
    world.offer("sw", application("2.2"));
    world.answer();
    world.run();
    expect(world.running).toBe("2.2");
  });

  test("is not given back during its trial", () => {
    const world = begun();
    world.offer("sw", application("2.0", { behaviour: "mute" }));
    world.run(3_000);
    expect(world.updater.isOnTrial).toBe(true);
    expect(() => world.updater.rollBack()).toThrow("not during a trial");
  });

  test("outlives an update of the firmware", () => {
    const world = begun();
    world.offer("sw", application("2.0"));
    world.run();
    world.offer("fw", makePackage({ version: "1.5", size: 6_000 }));
    world.answer();
    world.run();
    expect(world.boots).toEqual([own, "2.0", "2.0 on 1.5"]);
    expect([world.stateOf("fw"), world.stateOf("sw")]).toEqual(["UPDATED", "UPDATED"]);
  });
});

describe("the store fails", () => {
  test("when a trial has ended: the application does not run again", () => {
    const world = begun();
    world.offer("sw", application("2.0", { behaviour: "mute" }));
    world.run(3_000);
    expect(world.running).toBe("2.0");
    world.board.stored.isFull = true;
    for (let boot = 0; boot < 3; boot += 1) {
      world.reset("panic");
      expect([world.running, world.updater.isOnTrial]).toEqual([own, false]);
    }
    world.board.stored.isFull = false;
    world.reset("panic");
    world.run();
    expect([world.running, world.stateOf()]).toMatchObject([
      own,
      "FAILED trial-crashed: thermostat 2.0 ended by panic: boom",
    ]);
  });

  test.each(["", "{}", "[]", '{"state":7}', '{"state":"half"}', "\u{0}", '{"state":"trial"'])(
    "and holds %j: what is in the partition may be half of something",
    (words) => {
      const world = begun();
      world.offer("sw", application("2.0"));
      world.run();
      world.board.stored.values.set("sw.state", new TextEncoder().encode(words));
      world.reset("power-on");
      expect(world.running).toBe(own);
      expect(() => world.run()).not.toThrow();
      expect(world.running).toBe(own);
      world.offer("sw", application("2.1"));
      world.answer();
      world.run();
      expect(world.running).toBe("2.1");
    },
  );

  test("to be read: what is in the partition may be half of something", () => {
    const world = begun();
    world.offer("sw", application("2.0"));
    world.run();
    world.board.stored.isBroken = true;
    world.reset("power-on");
    expect(world.running).toBe(own);
    world.board.stored.isBroken = false;
    world.reset("power-on");
    expect(world.running).toBe("2.0");
  });
});

describe("bringing an application in", () => {
  /** Lets the first `failing` writes and erases of "xs" from the `first` on fail. */
  function breakFlash(world: SoftwareWorld, first: number, failing: number): void {
    let count = 0;
    const step = (): void => {
      count += 1;
      if (count >= first && count < first + failing) throw new DeviceError("storage-failed", "worn out");
    };
    world.wrapFlash = (flash, path) => {
      if (path !== "xs") return flash;
      return {
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
      };
    };
  }

  test("is done again where the flash fails at any step", () => {
    for (let failing = 1; failing <= 8; failing += 1) {
      const world = begun();
      breakFlash(world, failing, 1);
      world.offer("sw", application("2.0"));
      world.run();
      expect([failing, world.running, world.stateOf()]).toEqual([failing, "2.0", "UPDATED"]);
      expect(world.requests).toHaveLength(5);
    }
  });

  test("is given up where the flash fails for good: the firmware's own application runs, also when the flash has come to itself", () => {
    const world = new SoftwareWorld();
    world.flash(application("0.1"));
    world.boot();
    breakFlash(world, 4, 1_000);
    world.offer("sw", application("2.0"));
    world.run();
    expect(world.stateOf()).toBe("FAILED storage-failed: it could not be selected");
    expect(world.running).toBe(own);
    const boots = world.boots.length;
    const { erases } = world.board.partition("xs");
    world.wrapFlash = (flash) => flash;
    for (let boot = 0; boot < 4; boot += 1) world.reset("power-on");
    world.run();
    expect(world.boots.slice(boots)).toEqual([own, own, own, own]);
    expect(world.board.partition("xs").erases).toBe(erases);
    expect(world.board.resets).toBeLessThan(12);
  });

  test("is given up where what was downloaded cannot be read", () => {
    const world = begun();
    world.offer("sw", application("2.0"));
    while (world.stateOf() !== "UPDATING") world.run(100);
    world.wrapFlash = (flash, path) => ({
      ...flash,
      status: flash.status,
      read: (into, byteOffset) => {
        if (path === "xs_next") throw new DeviceError("storage-failed", "unreadable");
        flash.read(into, byteOffset);
      },
      write: (from, byteOffset) => flash.write(from, byteOffset),
      eraseBlock: (block) => flash.eraseBlock(block),
    });
    world.run();
    expect([world.running, world.stateOf()]).toEqual([own, "FAILED storage-failed: it could not be selected"]);
  });
});
