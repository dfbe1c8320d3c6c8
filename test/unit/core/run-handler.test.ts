// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { FailureLog } from "../../../modules/core/failure-log.js";
import { runHandler } from "../../../modules/core/run-handler.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";

test.each<[string, () => unknown, number]>([
  ["that returns", () => 1, 0],
  ["that throws", () => fail(), 1],
  ["whose promise is rejected", async () => fail(), 1],
  ["whose promise is kept", async () => 1, 0],
  // biome-ignore lint/suspicious/noThenProperty: that is what is tried
  ["whose result has a bad then", () => Object.defineProperty({}, "then", { get: () => fail() }), 1],
])("a handler %s goes no further", async (_, handler, count) => {
  const failures = new FailureLog(new FakeClock(), new FakeLog(), "app.failed");
  runHandler(failures, handler);
  await Promise.resolve();
  await Promise.resolve();
  expect(failures.counts.of("handler-failed")).toBe(count);
});

function fail(): never {
  throw new Error("the handler failed");
}
