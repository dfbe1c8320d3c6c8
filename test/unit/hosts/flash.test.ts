// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { formatHuman } from "../../../hosts/node/log.js";
import { createMachine, type Machine } from "../../../hosts/node/machine.js";
import { measureV8 } from "../../../hosts/node/system.js";
import { DeviceError } from "../../../modules/core/errors.js";
import type { Flash } from "../../../modules/core/ports.js";

const size = 0x2_0000;

let folder: string;
let file: string;
let machines: Machine[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xsthing-"));
  file = join(folder, "flash/journal");
  machines = [];
});

afterEach(() => {
  for (const machine of machines) machine.stop();
  rmSync(folder, { recursive: true });
});

function start(): Machine {
  const machine = createMachine({
    folder,
    format: formatHuman,
    writeLine: () => undefined,
    onEnd: () => undefined,
    engine: "V8",
    measureEngine: measureV8,
  });
  machines.push(machine);
  return machine;
}

function read(flash: Flash, byteOffset: number, length: number): number[] {
  const into = new Uint8Array(length);
  flash.read(into, byteOffset);
  return [...into];
}

/** Opens the partition and erases a block, which has to fail. */
function failure(machine: Machine): unknown {
  try {
    machine.openFlash("journal").eraseBlock(0);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("flash in files", () => {
  test("a partition is erased and of the size that partitions.csv gives it, and made when it is first written to", () => {
    const machine = start();
    const flash = machine.openFlash("journal");
    expect(flash.status).toEqual({ size, blockLength: 4_096, blocks: 32, writeAlign: 1 });
    expect(read(flash, size - 2, 2)).toEqual([255, 255]);
    expect(readdirSync(folder)).not.toContain("flash");
    flash.eraseBlock(3);
    expect(readdirSync(join(folder, "flash"))).toEqual(["journal"]);
    expect(readFileSync(file).equals(Buffer.alloc(size, 255))).toBe(true);
  });

  test("what was written outlives the machine, also one that came to no end", () => {
    start().openFlash("journal").write(Uint8Array.of(1, 2), 5_000);
    const second = start();
    expect(second.system.resetReason).toBe("power-on");
    const flash = second.openFlash("journal");
    expect(read(flash, 4_999, 4)).toEqual([255, 1, 2, 255]);
    flash.eraseBlock(1);
    second.stop();
    expect(read(start().openFlash("journal"), 4_999, 4)).toEqual([255, 255, 255, 255]);
    expect(statSync(file).size).toBe(size);
  });

  test("a write to what is not erased is refused, says where, and changes nothing", () => {
    const flash = start().openFlash("journal");
    flash.write(Uint8Array.of(1), 7);
    expect(() => flash.write(new Uint8Array(3), 5)).toThrow(DeviceError);
    expect(() => flash.write(new Uint8Array(3), 5)).toThrow("storage-failed: the byte at 7 is not erased");
    expect(read(flash, 5, 3)).toEqual([255, 255, 1]);
  });

  test("a partition that was half made when the process was killed is made anew", () => {
    mkdirSync(join(folder, "flash"));
    writeFileSync(`${file}.new`, "half");
    const flash = start().openFlash("journal");
    flash.eraseBlock(0);
    expect(read(flash, size - 1, 1)).toEqual([255]);
    expect(readdirSync(join(folder, "flash"))).toEqual(["journal"]);
  });

  test("a file of another size is refused, with both sizes, and left alone", () => {
    mkdirSync(join(folder, "flash"));
    writeFileSync(file, "old");
    const error = failure(start());
    expect(error).toMatchObject({ reason: "storage-failed" });
    expect(String(error)).toContain(`"journal" has 3 bytes, the partition ${size}`);
    expect(readFileSync(file, "utf8")).toBe("old");
  });

  test("a folder that cannot be written is storage-failed", () => {
    const machine = start();
    writeFileSync(join(folder, "flash"), "");
    expect(failure(machine)).toMatchObject({ reason: "storage-failed" });
  });

  test("a machine that has ended has no flash any more, and other files are safe from it", () => {
    const machine = start();
    const flash = machine.openFlash("journal");
    machine.stop();
    start().openFlash("journal");
    for (const step of [() => read(flash, 0, 1), () => flash.write(Uint8Array.of(1), 0), () => flash.eraseBlock(0)])
      expect(step).toThrow("storage-failed: the machine has ended");
  });
});
