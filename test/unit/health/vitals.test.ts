// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { FailureLog } from "../../../modules/core/failure-log.js";
import { Vitals } from "../../../modules/health/vitals.js";
import { VitalsReport } from "../../../modules/health/vitals-report.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLog } from "../../fakes/log.js";

function setUp() {
  const clock = new FakeClock();
  const vitals = new Vitals();
  const samples: object[] = [];
  let value = 0;
  vitals.join((report) => {
    value += 1;
    report("a", value);
  });
  vitals.join((report) => report("b", 0));
  const failures = new FailureLog(clock, new FakeLog(), "health.failed");
  const report = new VitalsReport(vitals, clock, failures, (sample) => samples.push({ ...sample }));
  return { clock, vitals, samples, report, failures };
}

describe("VitalsReport", () => {
  test("is silent until it is started", () => {
    const { clock, samples } = setUp();
    clock.advance(100_000_000);
    expect(samples).toEqual([]);
  });

  test("records all vital signs of one instant together: soon, and then at the period", () => {
    const { clock, samples, report } = setUp();
    report.start(1_000);
    expect(samples).toEqual([]);
    clock.advance(0);
    expect(samples).toEqual([{ a: 1, b: 0 }]);
    clock.advance(1_999);
    expect(samples).toHaveLength(2);
    clock.advance(1);
    expect(samples).toHaveLength(3);
  });

  test("goes on at another period at once, and ends at 0", () => {
    const { clock, samples, report } = setUp();
    report.start(86_400_000);
    clock.advance(0);
    report.start(100);
    clock.advance(100);
    expect(samples).toHaveLength(3);
    report.start(0);
    expect(report.period).toBe(0);
    clock.advance(86_400_000);
    expect(samples).toHaveLength(3);
  });

  test.each([-1, 99, 86_400_001, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses a period of %d, and goes on",
    (period) => {
      const { clock, samples, report } = setUp();
      report.start(100);
      expect(() => report.start(period)).toThrow(RangeError);
      clock.advance(100);
      expect(samples).toHaveLength(2);
      expect(() => report.start("100" as unknown as number)).toThrow(TypeError);
    },
  );
});

describe("Vitals", () => {
  test("leaves out what is no finite number, which telemetry would not take", () => {
    const { vitals } = setUp();
    vitals.join((report) => {
      report("nan", Number.NaN);
      report("infinite", Number.POSITIVE_INFINITY);
      report("c", -3);
    });
    const keys: string[] = [];
    vitals.measure((key) => keys.push(key));
    expect(keys).toEqual(["a", "b", "c"]);
  });
});
