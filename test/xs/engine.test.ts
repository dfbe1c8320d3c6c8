// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Engine, MachineError } from "../../hosts/desktop/engine.js";
import { describeOnXs } from "./engine-required.js";

describeOnXs("XS engine", () => {
  let engine: Engine;
  let exit: Promise<[string, boolean]>;
  let output: string[];

  beforeEach(() => {
    output = [];
    exit = new Promise((resolve) => {
      engine = new Engine({
        onRequest: (message) => Buffer.from(message).reverse(),
        onOutput: (line) => output.push(line),
        onExit: (why, isWatchdog) => resolve([why, isWatchdog]),
        computeLimit: 20_000_000,
      });
    });
  });

  afterEach(() => engine.stop());

  async function evaluate(source: string): Promise<string> {
    return Buffer.from((await engine.evaluate(`new TextEncoder().encode(String(${source})).buffer`)).result).toString();
  }

  test("runs a script and gives back its result, with what it cost", async () => {
    const before = engine.totalCompute;
    expect(await evaluate("6 * 7")).toBe("42");
    expect(engine.totalCompute).toBeGreaterThan(before);
    const { meter } = await engine.evaluate("for (let n = 0; n < 10000; n++);");
    expect(meter.compute).toBeGreaterThan(10_000);
    expect(meter.heapCount).toBeGreaterThan(1_000);
  });

  test("an exception rejects with its text, and the machine goes on", async () => {
    await expect(engine.evaluate("throw new RangeError('too far')")).rejects.toThrow(MachineError);
    await expect(engine.evaluate("throw new RangeError('too far')")).rejects.toThrow("RangeError: too far");
    expect(await evaluate("1")).toBe("1");
  });

  test("answers what the machine asks, while it waits", async () => {
    const source = "new Uint8Array(issueCommand(new Uint8Array([1, 2, 3]).buffer)).join()";
    expect(await evaluate(source)).toBe("3,2,1");
  });

  test("commands that are sent together are answered in order", async () => {
    const answers = await Promise.all([evaluate("'a'"), evaluate("'b'"), engine.heap(), evaluate("'c'")]);
    expect(answers).toMatchObject(["a", "b", { slots: expect.any(Number) }, "c"]);
  });

  test("tells exactly how many slots, chunk bytes and keys are in use, garbage apart", async () => {
    await engine.evaluate("globalThis.kept = []; globalThis.lost = 1; 0");
    const before = await engine.heap();
    await engine.evaluate("for (let n = 0; n < 1000; n++) lost = {}; kept = new ArrayBuffer(10000); 0");
    const after = await engine.heap();
    // The array became a buffer: a handful of slots either way, and one object that `lost` holds.
    expect(Math.abs(after.slots - before.slots)).toBeLessThan(20);
    expect(after.chunks - before.chunks).toBeGreaterThanOrEqual(10_000);
    expect(after.chunks - before.chunks).toBeLessThan(10_200);
    await engine.evaluate("for (let n = 0; n < 500; n++) { kept['fresh' + n] = 1; delete kept['fresh' + n]; } 0");
    // The names of the script itself are keys as well.
    expect((await engine.heap()).keys - after.keys).toBeGreaterThanOrEqual(500);
    expect((await engine.heap()).keys - after.keys).toBeLessThan(510);
  });

  test.each([
    ["an endless loop", "for (;;);", "too much computation", true],
    ["an endless recursion", "(function f() { f(); })()", "stack overflow", false],
  ])("%s ends the engine with its name", async (_, source, why, isWatchdog) => {
    await expect(engine.evaluate(source)).rejects.toThrow(why);
    expect(await exit).toEqual([why, isWatchdog]);
    await expect(engine.evaluate("1")).rejects.toThrow("ended");
  });

  test("passes on what the machine prints", async () => {
    await engine.evaluate("print('hello'); 0");
    while (output.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(output).toEqual(["hello"]);
  });
});
