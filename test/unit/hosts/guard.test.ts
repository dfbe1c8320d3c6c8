// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { describeError, Guard } from "../../../hosts/node/guard.js";

describe("guard", () => {
  test("reports the first exception that escapes, and lets nothing in afterwards", () => {
    const panics: unknown[] = [];
    let calls = 0;
    const guard = new Guard((error) => panics.push(error));
    guard.enter(() => {
      throw new TypeError("first");
    });
    guard.enter(() => {
      calls += 1;
    });
    guard.panic(new Error("second"));
    expect(panics).toEqual([new TypeError("first")]);
    expect(calls).toBe(0);
  });

  test("lets nothing in once it is closed, and reports nothing", () => {
    const panics: unknown[] = [];
    const guard = new Guard((error) => panics.push(error));
    guard.close();
    guard.enter(() => {
      throw new Error("late");
    });
    expect(panics).toEqual([]);
  });

  test("releases what belongs to the firmware once, before the panic is reported", () => {
    const steps: string[] = [];
    const guard = new Guard(() => steps.push("panic"));
    guard.onClose(() => steps.push("release"));
    guard.panic(new Error("now"));
    guard.close();
    expect(steps).toEqual(["release", "panic"]);
  });

  test("an error is described with its stack, in one line", () => {
    const described = describeError(new RangeError("too far"));
    expect(described).toMatch(/^RangeError: too far at .*guard\.test/);
    expect(described).not.toContain("\n");
    expect(describeError("TypeError: boom\n at f\n at g")).toBe("TypeError: boom at f at g");
  });
});
