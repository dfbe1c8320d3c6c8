// SPDX-License-Identifier: Apache-2.0
// Packaged firmware in a slot, booted by real processes on both engines.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { firmwareImage } from "../../hosts/desktop/bundle.js";
import { startProgram, stopProgram } from "../../hosts/desktop/children.js";
import { Supervisor } from "../../hosts/desktop/supervisor.js";
import { formatImage } from "../../hosts/node/image.js";
import { type LogEntry, parseEntry } from "../../hosts/node/log.js";
import { createMachine } from "../../hosts/node/machine.js";
import { describeOnXs } from "./engine-required.js";
import { eachWithPrograms } from "./programs.js";
import { until } from "./until.js";

const patience = 60_000;

/** Nobody listens there. */
const server = "--server=mqtt://127.0.0.1:1";

describeOnXs("boot loader of the desktop hosts", () => {
  describe.each(["xs", "node"] as const)("%s", (engine) => {
    let image: Uint8Array;
    let supervisor: Supervisor | undefined;

    beforeAll(async () => {
      image = await firmwareImage(engine, "test/xs/trial-program.ts");
    });

    beforeEach(() => {
      supervisor = undefined;
    });

    // Before what follows takes the folder away, into which the firmware writes.
    afterEach(async () => {
      await supervisor?.stop();
    });

    const programs = eachWithPrograms();

    /** Puts an image into the slot for the next one through the ports, and selects it. */
    function install(bytes: Uint8Array): void {
      const machine = createMachine({
        folder: programs.state,
        format: () => "",
        writeLine: () => undefined,
        onEnd: () => undefined,
        engine: engine === "xs" ? "XS" : "V8",
        measureEngine: () => undefined,
      });
      const { bootLoader, openFlash } = machine;
      const flash = openFlash(bootLoader.next);
      const { blockLength } = flash.status;
      for (let block = 0; block * blockLength < bytes.length; block++) flash.eraseBlock(block);
      flash.write(bytes, 0);
      bootLoader.select();
      machine.stop();
    }

    function take(line: string): void {
      const entry = parseEntry(line);
      if (entry) programs.entries.push(entry);
    }

    /** In this process, so that its firmware's process is known. */
    function supervise(token: string): Supervisor {
      supervisor = new Supervisor({
        engine,
        args: [server, `--token=${token}`, `--state=${programs.state}`],
        onLine: take,
        onRestart: () => undefined,
        onEnd: () => undefined,
      });
      supervisor.start();
      return supervisor;
    }

    function device(token: string, ...args: readonly string[]) {
      const all = [server, `--token=${token}`, `--state=${programs.state}`, `--engine=${engine}`, "--json", ...args];
      const child = startProgram("hosts/desktop/device.ts", all, take);
      programs.children.push(child);
      return child;
    }

    /** The first entry of that name from the `from`-th on. */
    function step(event: string, from = 0): Promise<LogEntry> {
      return until(() => programs.entries.slice(from).find((entry) => entry.event === event));
    }

    function details(event: string): string[] {
      return programs.entries.filter((entry) => entry.event === event).map(({ detail }) => detail);
    }

    test(
      "an image that confirms itself stays, until --factory brings the sources back",
      async () => {
        install(image);
        const child = device("confirm");
        await until(() => (details("trial.confirmed").length > 1 ? true : undefined));
        expect(details("trial.boot")).toEqual(["ota_1 ota_0 true false power-on", "ota_1 ota_0 false false software"]);
        expect(details("trial.confirmed")).toEqual(["false", "false"]);
        expect(details("host.image")).toEqual([
          `ota_1, ${image.length} bytes, on trial`,
          `ota_1, ${image.length} bytes`,
        ]);
        await stopProgram(child);
        const seen = programs.entries.length;
        device("confirm", "--factory");
        await step("device.start", seen);
        expect(details("host.image")).toHaveLength(2);
      },
      patience,
    );

    test.each(["stumble", "throw"])(
      "an image that %ss on trial is not booted again",
      async (token) => {
        install(image);
        supervise(token);
        expect((await step("device.start")).detail).toContain("panic");
        expect(details("trial.boot")).toHaveLength(1);
        expect((await step("host.panic")).detail).toContain("TypeError: a defect");
        expect((await step("host.panic")).detail).toMatch(/stumble.*ota_1:\d+/);
        expect(readFileSync(join(programs.state, "otadata"), "utf8")).toContain("rejected");
      },
      patience,
    );

    test(
      "an image that does not even load is not booted again",
      async () => {
        install(formatImage("firmware", engine, 'throw new RangeError("early");'));
        supervise("any");
        expect((await step("device.start")).detail).toContain("panic");
        expect(details("host.panic")).toEqual([expect.stringContaining("RangeError: early")]);
      },
      patience,
    );

    test(
      "kill -9 of the firmware's process on trial returns to the image before, as a power cut",
      async () => {
        install(image);
        const { pid } = supervise("wait");
        await step("trial.boot");
        process.kill(pid ?? 0, "SIGKILL");
        expect((await step("device.start")).detail).toContain("power-on");
      },
      patience,
    );

    test(
      "kill -9 of everything on trial does, too, and the next image can be brought",
      async () => {
        install(image);
        const child = device("wait");
        await step("trial.boot");
        child.kill("SIGKILL");
        await new Promise((resolve) => child.once("close", resolve));
        const second = device("wait");
        await step("device.start");
        await stopProgram(second);
        install(image);
        supervise("wait");
        await until(() => (details("trial.boot").length > 1 ? true : undefined));
      },
      patience,
    );

    test(
      "an image that was damaged after it was selected is passed over, and that is said",
      async () => {
        install(image);
        const file = join(programs.state, "flash/ota_1");
        const contents = readFileSync(file);
        contents[5_000] = (contents[5_000] ?? 0) ^ 1;
        writeFileSync(file, contents);
        supervise("wait");
        await step("device.start");
        expect(details("trial.boot")).toEqual([]);
        expect(programs.entries.filter(({ event }) => event === "host.image")).toMatchObject([
          { reason: "image-refused", detail: expect.stringContaining("ota_1 is damaged") },
          { detail: "ota_0, the firmware that is built in" },
        ]);
      },
      patience,
    );

    test(
      "a board that nothing can boot stays off, and says what to do",
      async () => {
        install(image);
        const first = device("confirm");
        await until(() => (details("trial.boot").length > 1 ? true : undefined));
        await stopProgram(first);
        for (const slot of ["ota_0", "ota_1"]) writeFileSync(join(programs.state, "flash", slot), "");
        const child = device("confirm");
        expect(await new Promise((resolve) => child.once("close", resolve))).toBe(2);
        expect(programs.entries.at(-1)).toMatchObject({ event: "host.image", reason: "image-refused" });
        expect(programs.entries.at(-1)?.detail).toContain("--factory");
      },
      patience,
    );
  });
});
