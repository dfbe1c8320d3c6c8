// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { SoleTimer } from "../../../modules/core/sole-timer.js";
import { FakeClock } from "../../fakes/clock.js";

test("a sole timer is the latest one's who asked, until it is released, and there is only one", () => {
  const clock = new FakeClock();
  const sole = new SoleTimer(clock);
  const told: string[] = [];
  sole.timer(() => told.push("first")).start(1_000);
  sole.timer(() => told.push("second")).start(1_000);
  clock.advance(1_000);
  expect(told).toEqual(["second"]);
  sole.timer(() => told.push("third")).start(1_000);
  sole.release();
  clock.advance(1_000);
  expect(told).toEqual(["second"]);
  expect(clock.timers).toBe(1);
});
