// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { FailureLog } from "../../../modules/core/failure-log.js";
import { FailedBoots } from "../../../modules/health/failed-boots.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";
import { FakeStorage } from "../../fakes/storage.js";

/** A device over all its boots. */
class Boots {
  readonly clock = new FakeClock();
  readonly storage = new FakeStorage();
  readonly log = new FakeLog();

  /** True where the application does not run. The boot lasts for `span`. */
  boot(resetReason: string, span = 1_000): boolean {
    const { storage, log } = this;
    const clock = new FakeClock();
    const failures = new FailureLog(this.clock, log, "health.storage-failed");
    const boots = new FailedBoots({ clock, storage, resetReason, failures });
    boots.start();
    clock.advance(span);
    return boots.isSafeMode;
  }
}

const minute = 60_000;

describe("FailedBoots", () => {
  test.each(["panic", "watchdog"])("has the application left out after three boots that ended by %s", (reason) => {
    const boots = new Boots();
    expect([boots.boot("power-on"), boots.boot(reason), boots.boot(reason)]).toEqual([false, false, false]);
    expect(boots.boot(reason)).toBe(true);
    expect([boots.boot(reason), boots.boot(reason, minute), boots.boot("panic")]).toEqual([true, true, true]);
  });

  test.each(["software", "power-on", "brown-out", "deep-sleep", "unknown", ""])(
    "gives one more chance after a reset by %j",
    (reason) => {
      const boots = new Boots();
      for (let boot = 0; boot < 5; boot += 1) boots.boot("panic");
      expect(boots.boot(reason)).toBe(false);
      expect(boots.boot("panic")).toBe(true);
      expect(boots.boot(reason)).toBe(false);
      expect(boots.boot(reason)).toBe(false);
      expect(boots.boot("panic")).toBe(true);
    },
  );

  test("forgets all after a boot of a minute", () => {
    const boots = new Boots();
    boots.boot("panic");
    boots.boot("panic", minute);
    expect([boots.boot("panic"), boots.boot("panic"), boots.boot("panic")]).toEqual([false, false, true]);
    boots.boot("software", minute);
    expect([boots.boot("panic"), boots.boot("panic"), boots.boot("panic")]).toEqual([false, false, true]);
  });

  test("does not forget after less than that, nor in safe mode", () => {
    const boots = new Boots();
    boots.boot("panic", minute - 1);
    boots.boot("panic", minute - 1);
    expect(boots.boot("panic", 10 * minute)).toBe(true);
    expect(boots.boot("panic")).toBe(true);
  });

  test("does not forget before the application has run", () => {
    const boots = new Boots();
    boots.boot("panic");
    const { storage } = boots;
    const clock = new FakeClock();
    const failures = new FailureLog(clock, boots.log, "health.storage-failed");
    new FailedBoots({ clock, storage, resetReason: "panic", failures });
    clock.advance(10 * minute);
    expect(boots.boot("panic")).toBe(true);
  });

  test("survives any number of panics that are far apart", () => {
    const boots = new Boots();
    for (let boot = 0; boot < 20; boot += 1) expect(boots.boot("panic", minute)).toBe(false);
  });

  test("writes nothing while all is well", () => {
    const boots = new Boots();
    for (const reason of ["power-on", "software", "brown-out", "software"]) boots.boot(reason, 2 * minute);
    expect(boots.storage.operations).toEqual([]);
    boots.boot("panic", 2 * minute);
    expect(boots.storage.operations).toHaveLength(2);
    for (let boot = 0; boot < 5; boot += 1) boots.boot("software", 2 * minute);
    expect(boots.storage.operations).toHaveLength(2);
  });

  test("writes nothing in safe mode, however long that goes on", () => {
    const boots = new Boots();
    for (let boot = 0; boot < 30; boot += 1) boots.boot("panic");
    expect(boots.storage.operations).toHaveLength(3);
  });

  test.each([[[]], [[4]], [[255, 1]], [[123, 125]]])("takes %j in the store for none", (bytes) => {
    const boots = new Boots();
    boots.storage.values.set("failedBoots", Uint8Array.from(bytes));
    expect([boots.boot("panic"), boots.boot("panic"), boots.boot("panic")]).toEqual([false, false, true]);
  });

  test.each(["isBroken", "isFull"] as const)("lets the application run while the store %s, and says so", (fault) => {
    const boots = new Boots();
    boots.storage[fault] = true;
    for (let boot = 0; boot < 5; boot += 1) expect(boots.boot("panic", minute)).toBe(false);
    expect(boots.log.reasons("health.storage-failed")).toEqual(Array(5).fill("storage-failed"));
    boots.storage[fault] = false;
    expect([boots.boot("panic"), boots.boot("panic"), boots.boot("panic")]).toEqual([false, false, true]);
  });

  test("leaves the application out where the store can be read only", () => {
    const boots = new Boots();
    for (let boot = 0; boot < 3; boot += 1) boots.boot("panic");
    boots.storage.isFull = true;
    expect([boots.boot("panic"), boots.boot("panic")]).toEqual([true, true]);
    expect(boots.boot("software")).toBe(false);
  });
});
