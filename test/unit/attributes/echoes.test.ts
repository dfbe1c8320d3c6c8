// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { Echoes } from "../../../modules/attributes/echoes.js";
import { FakeClock } from "../../fakes/clock.js";

function make() {
  const clock = new FakeClock();
  const echoes = new Echoes(clock);
  echoes.watch("a");
  return { clock, echoes };
}

describe("Echoes", () => {
  test("knows a value that the device wrote, once", () => {
    const { echoes } = make();
    echoes.note("a", 5);
    expect([echoes.take("a", 5), echoes.take("a", 5)]).toEqual([true, false]);
  });

  test("passes over writes of which the server does not tell", () => {
    const { echoes } = make();
    for (const value of [1, 2, 3]) echoes.note("a", value);
    expect([echoes.take("a", 2), echoes.take("a", 1), echoes.take("a", 3)]).toEqual([true, false, false]);
  });

  test("takes the own value for somebody's when another one came before it: the last one told is in force", () => {
    const { echoes } = make();
    echoes.note("a", 5);
    expect([echoes.take("a", 7), echoes.take("a", 5)]).toEqual([false, false]);
  });

  test("takes copies of an echo for nobody's writes", () => {
    const { echoes } = make();
    for (const value of [1, 2]) echoes.note("a", value);
    expect([1, 1, 2, 2].map((value) => echoes.take("a", value))).toEqual([true, false, true, false]);
  });

  test("takes a value for somebody's that was told before another one", () => {
    const { echoes } = make();
    echoes.note("a", 5);
    expect([6, 7, 6, 5].map((value) => echoes.take("a", value))).toEqual([false, false, false, false]);
  });

  test("does not wait for an echo longer than a minute", () => {
    const { echoes, clock } = make();
    echoes.note("a", 5);
    clock.advance(60_001);
    expect(echoes.take("a", 5)).toBe(false);
  });

  test("takes a value that was cleared for the null that the device wrote", () => {
    const { echoes } = make();
    echoes.note("a", null);
    expect(echoes.take("a", undefined)).toBe(true);
  });

  test("does not note what the device does not read, nor more than eight values", () => {
    const { echoes } = make();
    echoes.note("b", 5);
    expect([echoes.isWatched("b"), echoes.take("b", 5)]).toEqual([false, false]);
    for (let value = 0; value < 9; value += 1) echoes.note("a", value);
    expect(echoes.take("a", 0)).toBe(false);
  });
});
