// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { KeyTable } from "../../../modules/telemetry/key-table.js";
import { ReportRules, Verdict } from "../../../modules/telemetry/report.js";
import { fingerprint } from "../../../modules/telemetry/report-fingerprint.js";
import { checkRule, type ReportRule } from "../../../modules/telemetry/report-rule.js";
import { text } from "../../fakes/text.js";

const { report, suppress, urgent } = Verdict;
const hour = 3_600_000;

/** Rules for a table of three keys, of which "a" is number 0. */
function setUp(rule?: ReportRule) {
  const keys = new KeyTable(text, 3);
  const rules = new ReportRules(keys);
  const set = (key: string, wanted: ReportRule) => rules.set(key, checkRule(wanted, "rule"));
  const override = (key: string, wanted: ReportRule) => rules.override(key, checkRule(wanted, "rule"));
  keys.numberOf("a");
  if (rule !== undefined) set("a", rule);
  /** Verdicts on values of "a", a second apart, or at the times given with them. */
  let now = 0;
  const verdicts = (...values: (number | boolean | readonly [time: number, value: number | boolean])[]) =>
    values.map((value) => {
      now = typeof value === "object" ? value[0] : now + 1_000;
      return rules.decide(0, now, typeof value === "object" ? value[1] : value);
    });
  const verdictOnText = (json: string) => rules.decide(0, now, bytesOf(json), text.byteLength(json));
  return { keys, rules, set, override, verdicts, verdictOnText };
}

/** In a buffer with rubbish behind it. */
function bytesOf(json: string): Uint8Array {
  const bytes = new Uint8Array(64).fill(0x37);
  text.encodeInto(json, bytes, 0);
  return bytes;
}

describe("ReportRules, one rule", () => {
  test("reports everything of a key without a rule", () => {
    expect(setUp().verdicts(1, 1, 1)).toEqual([report, report, report]);
  });

  test("reports everything by the mode always", () => {
    expect(setUp({ mode: "always" }).verdicts(1, 1, true, true)).toEqual([report, report, report, report]);
  });

  test("reports on change what differs from the last reported value", () => {
    const { verdicts } = setUp({ mode: "on-change" });
    expect(verdicts(1, 1, 1 + Number.EPSILON, 1, 1)).toEqual([report, suppress, report, report, suppress]);
    expect(verdicts(0, -0, 5e-324, -5e-324)).toEqual([report, suppress, report, report]);
  });

  test("takes a change of type for a change, whatever the value", () => {
    const { verdicts, verdictOnText } = setUp({ mode: "on-change" });
    expect(verdicts(1, true, true, false, 0)).toEqual([report, report, suppress, report, report]);
    expect([verdictOnText("0"), verdictOnText("0")]).toEqual([report, suppress]);
    expect(verdicts(fingerprint(bytesOf("0"), 1))).toEqual([report]);
  });

  test("compares texts by their bytes and by their length alone", () => {
    const { verdictOnText } = setUp({ mode: "on-change" });
    expect(["", "7", '"7"', '"7"', '"8"', '{"b":1}', '{"b":1}'].map(verdictOnText)).toEqual([
      ...[report, report, report, suppress, report, report, suppress],
    ]);
  });

  test("reports a number that is more than the deadband away from the last reported one, not from the last", () => {
    const { verdicts } = setUp({ deadband: 1 });
    expect(verdicts(10, 10.6, 11, 11.5, 10.5, 10.4)).toEqual([report, suppress, suppress, report, suppress, report]);
  });

  test("compares what is no number as on change, where the rule has a deadband", () => {
    const { verdicts, verdictOnText } = setUp({ deadband: 10 });
    expect(verdicts(true, true, false, 0, 5)).toEqual([report, suppress, report, report, suppress]);
    expect(['"x"', '"x"', '"y"'].map(verdictOnText)).toEqual([report, suppress, report]);
  });

  test("takes percent of the last reported value, whatever its sign", () => {
    const { verdicts } = setUp({ deadbandPercent: 10 });
    expect(verdicts(100, 110, 90, 110.5, 121, 122)).toEqual([report, suppress, suppress, report, suppress, report]);
    expect(verdicts(-100, -110, -111)).toEqual([report, suppress, report]);
  });

  test("takes any change from 0 for more than any percentage, down to the smallest number", () => {
    const { verdicts } = setUp({ deadbandPercent: 60 });
    expect(verdicts(0, 0, -0, 5e-324, 5e-324, 1e-323, 0)).toEqual([
      ...[report, suppress, suppress, report, suppress, report, report],
    ]);
  });

  test("holds the largest numbers apart", () => {
    const max = Number.MAX_VALUE;
    expect(setUp({ deadbandPercent: 1_000 }).verdicts(1e300, max, max)).toEqual([report, report, suppress]);
    expect(setUp({ deadband: 1 }).verdicts(max, -max, -max)).toEqual([report, report, suppress]);
    expect(setUp({ deadband: max }).verdicts(0, max, -max)).toEqual([report, suppress, suppress]);
  });

  test("reports by either of two deadbands", () => {
    const { verdicts } = setUp({ deadband: 5, deadbandPercent: 10 });
    expect(verdicts(100, 105, 106)).toEqual([report, suppress, report]);
    expect(verdicts(10, 11, 12)).toEqual([report, suppress, report]);
  });

  test("keeps the minimum period between two reports", () => {
    const { verdicts } = setUp({ minPeriod: 1_000 });
    expect(verdicts([0, 1], [999, 2], [999.5, 3], [1_000, 4], [1_999, 5], [2_500, 6])).toEqual([
      ...[report, suppress, suppress, report, suppress, report],
    ]);
  });

  test("reports an unchanged value after the maximum silence", () => {
    const { verdicts } = setUp({ mode: "on-change", maxSilence: 5_000 });
    expect(verdicts([0, 1], [4_999, 1], [5_000, 1], [9_999, 1], [10_000, 1])).toEqual([
      ...[report, suppress, report, suppress, report],
    ]);
  });

  test("is silent for ever where the maximum silence is 0 or absent", () => {
    expect(setUp({ mode: "on-change", maxSilence: 0 }).verdicts([0, 1], [2 ** 45, 1])).toEqual([report, suppress]);
    expect(setUp({ mode: "on-change" }).verdicts([0, 1], [2 ** 45, 1])).toEqual([report, suppress]);
  });

  test("is urgent at each crossing of a limit, both ways, and ordinary between them", () => {
    const { verdicts } = setUp({ deadband: 100, minimum: 0, maximum: 10 });
    expect(verdicts(5, 10, 10.5, 20, 10, 0, -0.5, -9, 0)).toEqual([
      ...[report, suppress, urgent, suppress, urgent, suppress, urgent, suppress, urgent],
    ]);
  });

  test("is urgent from one side to the other, and for a first datum that is beyond a limit", () => {
    expect(setUp({ mode: "on-change", minimum: 0, maximum: 10 }).verdicts(11, 11, -1, 11)).toEqual([
      ...[urgent, suppress, urgent, urgent],
    ]);
  });

  test("reports by the mode while a value stays beyond a limit", () => {
    expect(setUp({ deadband: 2, maximum: 10 }).verdicts(11, 12, 14)).toEqual([urgent, suppress, report]);
  });

  test("has no alarm for what is no number", () => {
    expect(setUp({ maximum: 0, mode: "on-change" }).verdicts(false, true)).toEqual([report, report]);
  });
});

describe("ReportRules, precedence", () => {
  test("an alarm goes before the minimum period, which counts from it", () => {
    const { verdicts } = setUp({ minPeriod: 1_000, maximum: 10 });
    expect(verdicts([0, 1], [1, 11], [2, 12], [3, 1], [1_002, 2], [1_003, 3])).toEqual([
      ...[report, urgent, suppress, urgent, suppress, report],
    ]);
  });

  test("the maximum silence goes before the deadband, and a report of any kind begins it anew", () => {
    const { verdicts } = setUp({ deadband: 10, maxSilence: 1_000, maximum: 50 });
    expect(verdicts([0, 1], [1_000, 2], [1_500, 51], [2_400, 51], [2_500, 51])).toEqual([
      ...[report, report, urgent, suppress, report],
    ]);
  });

  test("the minimum period goes before a change", () => {
    expect(setUp({ mode: "on-change", minPeriod: 1_000 }).verdicts([0, 1], [500, 2], [1_000, 2])).toEqual([
      ...[report, suppress, report],
    ]);
  });

  test("the first datum is reported whatever the rule", () => {
    expect(setUp({ deadband: 10, minPeriod: hour }).verdicts([0, 0])).toEqual([report]);
  });
});

describe("ReportRules, changes of rules", () => {
  test("a rule that takes another's place goes on from the last reported value and its time", () => {
    const { verdicts, set } = setUp({ mode: "on-change" });
    expect(verdicts([0, 5])).toEqual([report]);
    set("a", { deadband: 1 });
    expect(verdicts([1, 5], [2, 6], [3, 6.5])).toEqual([suppress, suppress, report]);
    set("a", { minPeriod: 1_000 });
    expect(verdicts([1_002, 5], [1_003, 5])).toEqual([suppress, report]);
  });

  test("new limits are crossed by the next datum that lies on another side than the last reported one", () => {
    const { verdicts, set } = setUp({ mode: "on-change", maximum: 10 });
    expect(verdicts(11)).toEqual([urgent]);
    set("a", { mode: "on-change", maximum: 20 });
    expect(verdicts(11, 12)).toEqual([suppress, report]);
    set("a", { mode: "on-change", maximum: 11 });
    expect(verdicts(12, 11)).toEqual([suppress, urgent]);
  });

  test("a rule for a key that has no number yet holds from its first datum on", () => {
    const { keys, rules, set } = setUp({ mode: "on-change" });
    set("c", { mode: "on-change" });
    expect([keys.numberOf("b"), keys.numberOf("c")]).toEqual([1, 2]);
    const verdicts = (key: number) => [rules.decide(key, 0, 1), rules.decide(key, 0, 1)];
    expect(verdicts(2)).toEqual([report, suppress]);
    expect(verdicts(1)).toEqual([report, report]);
    expect(verdicts(0)).toEqual([report, suppress]);
  });

  test("a rule for the newest key leaves those alone that were numbered before it and never judged", () => {
    const { keys, rules, set } = setUp();
    set("b", { mode: "on-change" });
    for (const key of ["b", "c"]) keys.numberOf(key);
    set("c", { mode: "on-change" });
    expect([1, 1, 2, 2].map((key) => rules.decide(key, 0, 1))).toEqual([report, suppress, report, suppress]);
  });

  test("keys do not share their last values", () => {
    const { keys, rules, set } = setUp({ mode: "on-change" });
    set("b", { mode: "on-change" });
    keys.numberOf("b");
    const verdicts = [0, 1, 0, 1].map((key) => rules.decide(key, 0, key));
    expect(verdicts).toEqual([report, report, suppress, suppress]);
  });

  test("a removed rule is forgotten, and its last value with it", () => {
    const { rules, verdicts, set } = setUp({ mode: "on-change" });
    expect(verdicts(1, 1)).toEqual([report, suppress]);
    rules.set("a", undefined);
    expect(verdicts(1, 1)).toEqual([report, report]);
    set("a", { mode: "on-change" });
    expect(verdicts(1, 1)).toEqual([report, suppress]);
  });

  test("an overriding rule goes before the program's, which comes back with what was reported meanwhile", () => {
    const { rules, verdicts, set, override } = setUp({ mode: "on-change" });
    override("a", { deadband: 10 });
    expect(verdicts(1, 2)).toEqual([report, suppress]);
    set("a", { deadband: 0.5 });
    expect(verdicts(3)).toEqual([suppress]);
    rules.override("a", undefined);
    expect(verdicts(1.5, 2)).toEqual([suppress, report]);
  });

  test("has room for as many rules as there can be keys, in each layer, and names the one too many", () => {
    const { rules, set, override } = setUp();
    for (const key of ["x", "y", "z"]) {
      set(key, {});
      override(key, {});
    }
    expect(() => set("q", {})).toThrow(RangeError);
    expect(() => override("q", {})).toThrow('key: "q" is one too many, there are 3 rules');
    set("x", { deadband: 1 });
    rules.set("y", undefined);
    rules.set("none", undefined);
    set("q", {});
    expect(() => set("y", {})).toThrow('"y" is one too many');
  });

  test("refuses a key that no datum can have", () => {
    expect(() => setUp().set(" ", {})).toThrow("key: blank");
  });

  test("takes the next datum for the first after a report was lost", () => {
    const { rules, verdicts } = setUp({ mode: "on-change", maximum: 10 });
    expect(verdicts(11, 11)).toEqual([urgent, suppress]);
    rules.forget(0);
    rules.forget(2);
    expect(verdicts(11, 11)).toEqual([urgent, suppress]);
  });
});

/** A signal that moves slowly as a rule, with its times. */
const signal = fc.array(
  fc.record({
    step: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -8, max: 8 }) }, fc.integer({ min: -500, max: 500 })),
    span: fc.double({ min: 0, max: 3_000, noNaN: true }),
  }),
  { minLength: 1, maxLength: 60 },
);

interface Sample {
  readonly time: number;
  readonly value: number;
  readonly verdict: Verdict;
}

function judged(rule: ReportRule, steps: readonly { readonly step: number; readonly span: number }[]): Sample[] {
  const { rules } = setUp(rule);
  let time = 0;
  let value = 0;
  return steps.map(({ step, span }) => {
    time += span;
    value += step / 8;
    return { time, value, verdict: rules.decide(0, time, value) };
  });
}

describe("ReportRules, any signal", () => {
  test("the reported values give it back within the deadband", () => {
    fc.assert(
      fc.property(signal, fc.integer({ min: 1, max: 40 }), (steps, eighths) => {
        const deadband = eighths / 8;
        let last = Number.NaN;
        for (const { value, verdict } of judged({ deadband }, steps)) {
          if (verdict !== suppress) {
            // And no report is idle.
            expect(Math.abs(value - last) <= deadband).toBe(false);
            last = value;
          }
          expect(Math.abs(value - last)).toBeLessThanOrEqual(deadband);
        }
      }),
    );
  });

  test("no datum passes that would make the silence longer than its maximum, and none too early but alarms", () => {
    const spans = fc.record({ minPeriod: fc.nat(4_000), more: fc.nat(4_000) });
    fc.assert(
      fc.property(signal, spans, fc.integer({ min: 1, max: 20 }), (steps, { minPeriod, more }, maximum) => {
        const maxSilence = minPeriod + more + 1;
        let last: Sample | undefined;
        for (const sample of judged({ deadband: 5, minPeriod, maxSilence, maximum }, steps)) {
          const age = sample.time - (last?.time ?? Number.NEGATIVE_INFINITY);
          if (sample.verdict === suppress) expect(age).toBeLessThan(maxSilence);
          if (sample.verdict === report) expect(age).toBeGreaterThanOrEqual(minPeriod);
          expect(sample.verdict === urgent).toBe(sample.value > maximum !== (last?.value ?? 0) > maximum);
          if (sample.verdict !== suppress) last = sample;
        }
      }),
    );
  });
});

describe("fingerprint", () => {
  test.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
  ])("is the FNV-1a hash of %j and its length", (source, hash) => {
    expect(fingerprint(bytesOf(source), source.length)).toBe(source.length * 2 ** 32 + hash);
  });

  test("stays a safe integer", () => {
    expect(Number.isSafeInteger(fingerprint(new Uint8Array(2 ** 21 - 1), 2 ** 21 - 1))).toBe(true);
  });
});
