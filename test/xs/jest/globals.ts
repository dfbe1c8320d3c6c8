// SPDX-License-Identifier: Apache-2.0
// Stands in for "@jest/globals" inside the XS machine, as far as the unit tests use it, so that the very same files run there.

import { expect } from "./expect.js";
import { title } from "./title.js";

type Step = () => void | Promise<void>;

interface Case {
  readonly name: string;
  readonly run: Step;
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

interface Group {
  readonly names: readonly string[];
  readonly before: Step[];
  readonly after: Step[];
}

const cases: Case[] = [];
let group: Group = { names: [], before: [], after: [] };

export function describe(name: string, suite: () => void): void {
  const outer = group;
  group = { names: [...outer.names, name], before: [...outer.before], after: [...outer.after] };
  suite();
  group = outer;
}

export function test(name: string, run: Step): void {
  cases.push({ name: [...group.names, name].join(" "), run, before: group.before, after: group.after });
}

/** A row that is an array becomes the arguments, any other row the only one, as in jest. */
function eachOf(declare: (name: string, run: Step) => void) {
  return (rows: readonly unknown[]) =>
    (name: string, run: (...args: unknown[]) => void | Promise<void>): void => {
      rows.forEach((row, index) => {
        const args: readonly unknown[] = Array.isArray(row) ? row : [row];
        declare(title(name, args, index), () => run(...args));
      });
    };
}

describe.each = eachOf((name, run) => describe(name, run as () => void));
test.each = eachOf(test);

export const it = test;

export function beforeEach(step: Step): void {
  group.before.push(step);
}

export function afterEach(step: Step): void {
  group.after.unshift(step);
}

export { expect };

export function caseNames(): readonly string[] {
  return cases.map(({ name }) => name);
}

/** Rejects where the case fails. */
export async function runCase(index: number): Promise<void> {
  const { run, before, after } = cases[index] ?? missing(index);
  for (const step of before) await step();
  try {
    await run();
  } finally {
    for (const step of after) await step();
  }
}

function missing(index: number): never {
  throw new RangeError(`no case ${index}`);
}
