// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { describeError, FailureLog } from "../../../modules/core/failure-log.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";

describe("FailureLog", () => {
  test("counts every failure and logs the first of each reason in a minute", () => {
    const clock = new FakeClock(0x7fff_fff0);
    const log = new FakeLog();
    const failures = new FailureLog(clock, log, "room.failed");
    for (const detail of ["one", "two"]) failures.add("malformed-json", detail);
    failures.add("unknown-topic", "three");
    clock.advance(59_999);
    failures.add("malformed-json", "four");
    clock.advance(1);
    failures.add("malformed-json", "five");
    expect(failures.counts.of("malformed-json")).toBe(4);
    expect(log.entries).toEqual([
      { level: "warning", event: "room.failed", detail: "one, count 1", reason: "malformed-json" },
      { level: "warning", event: "room.failed", detail: "three, count 1", reason: "unknown-topic" },
      { level: "warning", event: "room.failed", detail: "five, count 4", reason: "malformed-json" },
    ]);
  });

  test("logs the beginning of a long detail", () => {
    const log = new FakeLog();
    new FailureLog(new FakeClock(), log, "room.failed").add("unknown-topic", "x".repeat(60_000));
    expect(log.entries[0]?.detail).toBe(`${"x".repeat(120)}, count 1`);
  });
});

test.each([
  [new TypeError("wrong"), "wrong"],
  ["text", "text"],
  [undefined, "threw undefined"],
  [Object.create(null), "threw object"],
])("describeError tells %p without throwing", (error, description) => {
  expect(describeError(error)).toBe(description);
});

test("describeError does not throw for an error whose message does", () => {
  const error = Object.defineProperty(new Error(), "message", {
    get: () => {
      throw new Error("no text");
    },
  });
  expect(describeError(error)).toBe("threw an error without a text");
});
