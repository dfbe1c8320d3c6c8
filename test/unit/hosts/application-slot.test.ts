// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { applicationImage } from "../../../hosts/desktop/bundle.js";
import { formatImage } from "../../../hosts/node/image.js";
import { createMachine, type Machine } from "../../../hosts/node/machine.js";

let folder: string;
let machine: Machine;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xsthing-"));
  machine = createMachine({
    folder,
    format: () => "",
    writeLine: () => undefined,
    onEnd: () => undefined,
    engine: "V8",
    measureEngine: () => undefined,
  });
});

afterEach(() => {
  machine.stop();
  rmSync(folder, { recursive: true });
});

function put(image: Uint8Array): void {
  const flash = machine.openFlash("xs");
  for (let block = 0; block * 4_096 < image.length; block++) flash.eraseBlock(block);
  flash.write(image, 0);
}

describe("application slot on V8", () => {
  test("gives what the module in it exports, which runs each time", () => {
    put(
      formatImage("application", "node", "module.exports = { default: () => 7, framework: String(globalThis.runs) };"),
    );
    const { default: main, framework } = machine.applicationSlot.load() as { default(): number; framework: string };
    expect([main(), framework]).toEqual([7, "undefined"]);
  });

  test("a package of a program has its modules with it, and their names in stack traces", async () => {
    const program = join(folder, "application.ts");
    const modules = new URL("../../../modules", import.meta.url).pathname;
    writeFileSync(
      program,
      `import { DeviceError } from "${modules}/core/errors.js";
       export const framework: string = "0.1";
       export default function main(): void { stumble(); }
       function stumble() { throw new DeviceError("queue-full"); }`,
    );
    const image = await applicationImage("node", program);
    put(image);
    const { default: main, framework } = machine.applicationSlot.load() as { default(): void; framework: string };
    expect(framework).toBe("0.1");
    let error: unknown;
    try {
      main();
    } catch (caught) {
      error = caught;
    }
    const { name, stack = "" } = error as Error;
    expect(name).toBe("DeviceError");
    const [, line] = /at stumble \(xs:(\d+):\d+\)/.exec(stack) ?? [];
    expect(Buffer.from(image).toString().split("\n")[Number(line) - 1]).toContain('new DeviceError("queue-full")');
  });

  test("what the module throws comes out", () => {
    put(formatImage("application", "node", 'throw new RangeError("a defect");'));
    expect(() => machine.applicationSlot.load()).toThrow("a defect");
    put(formatImage("application", "node", "module.exports = ;"));
    expect(() => machine.applicationSlot.load()).toThrow("Unexpected token");
  });

  test("what is for another engine, of another kind or damaged is image-refused", () => {
    const refused = (image: Uint8Array) => {
      put(image);
      expect(() => machine.applicationSlot.load()).toThrow(/^image-refused: xs /);
    };
    refused(formatImage("application", "xs", "1;"));
    refused(formatImage("firmware", "node", "1;"));
    refused(formatImage("application", "node", "1;").subarray(0, -1));
  });

  test("a program that brings the host along makes no package", async () => {
    const program = join(folder, "application.ts");
    const log = new URL("../../../hosts/node/text.ts", import.meta.url).pathname;
    writeFileSync(program, `import { text } from "${log}"; export default text;`);
    await expect(applicationImage("xs", program)).rejects.toThrow("hosts/node/text.ts");
  });
});
