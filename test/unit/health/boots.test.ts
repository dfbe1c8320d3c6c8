// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { FailureLog } from "../../../modules/core/failure-log.js";
import { countBoot } from "../../../modules/health/boots.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";

function setUp() {
  const values = new Map<string, Uint8Array>();
  const log = new FakeLog();
  const failures = new FailureLog(new FakeClock(), log, "health.failed");
  const store = {
    writes: 0,
    read: (key: string) => values.get(key),
    write(key: string, value: Uint8Array) {
      this.writes += 1;
      values.set(key, value.slice());
    },
    delete: (key: string) => values.delete(key),
  };
  return { values, log, store, count: () => countBoot(store, failures) };
}

describe("countBoot", () => {
  test("counts from 1 on, with one write per boot", () => {
    const { store, count } = setUp();
    for (let boot = 1; boot <= 300; boot += 1) expect(count()).toBe(boot);
    expect(store.writes).toBe(300);
  });

  test("wraps around after 2^32 boots", () => {
    const { values, count } = setUp();
    values.set("boots", Uint8Array.of(254, 255, 255, 255));
    expect(count()).toBe(4_294_967_295);
    expect(count()).toBe(0);
    expect(count()).toBe(1);
  });

  test("begins anew with what is no count", () => {
    const { values, count } = setUp();
    values.set("boots", Uint8Array.of(1, 2));
    expect(count()).toBe(1);
  });

  test.each(["read", "write"] as const)("knows no count when the store cannot %s, and says so", (step) => {
    const { store, log, count } = setUp();
    store[step] = () => {
      throw new Error("worn out");
    };
    expect(count()).toBeUndefined();
    expect(log.reasons("health.failed")).toEqual(["storage-failed"]);
  });
});
