// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Processes } from "./processes.js";
import { linkedImage, linkWarnings, type Sdk } from "./sdk.js";
import { waitFor } from "./waiting.js";
import { TraceListener } from "./xsbug.js";

/** The display of this session, or a virtual one. Throws where there is neither. */
export async function openDisplay(processes: Processes): Promise<string> {
  const { DISPLAY } = process.env;
  if (DISPLAY) return DISPLAY;
  let number: string | undefined;
  let said = "";
  const args = ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
  const child = processes.start("Xvfb", args, "/", {}, (line) => {
    said = line;
    if (/^\d+$/.test(line)) number = line;
  });
  child.on("error", () => (said = "neither DISPLAY nor Xvfb is there"));
  return waitFor({ what: "Xvfb", seconds: 10 }, () => (number === undefined ? undefined : `:${number}`)).catch(() => {
    throw new Error(`no display: ${said}`);
  });
}

/** What the simulator's checks share. */
export interface Bench {
  readonly processes: Processes;
  readonly sdk: Sdk;
  /** For everything that comes to be. */
  readonly folder: string;
  /** Where the simulator's window is. */
  readonly display: string;
  /** What the firmware is built with: a folder of `hosts/`. */
  readonly tls: "tls" | "without-tls";
}

/** Moddable's simulator with one application, and what it traces. */
export class Simulator {
  readonly lines: string[] = [];
  readonly #bench: Bench;
  #application = "";
  #process: ChildProcess | undefined;
  #trace: TraceListener | undefined;
  #exit: string | undefined;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /**
   * `name` is that of the manifest in `source`, `settings` what the command line adds to its configuration. Returns the
   * linker's warnings.
   */
  async build(source: string, name: string, settings: readonly string[]): Promise<readonly string[]> {
    const { sdk, folder, tls } = this.#bench;
    const output = join(folder, "simulator");
    await mkdir(output, { recursive: true });
    const result = await sdk.build(source, output, ["-d", "-p", "lin", "-t", "build", ...settings], {
      XSTHING_TLS: tls,
    });
    assert.equal(result.code, 0, result.output.split("\n").slice(-20).join("\n"));
    assert.ok(linkedImage(result.output), "nothing was linked");
    this.#application = join(output, "bin/lin/mc/debug", name, "mc.so");
    assert.ok(existsSync(this.#application), `${this.#application}: not there`);
    return linkWarnings(result.output);
  }

  async start(): Promise<void> {
    const { processes, sdk, folder, display } = this.#bench;
    this.#exit = undefined;
    this.#trace = await TraceListener.open((line) => this.lines.push(line));
    // The simulator copies the application to its own folder: two that share it would crash.
    const home = await mkdtemp(join(folder, "home-"));
    const environment = {
      DISPLAY: display,
      // A second simulator in the same session would hand the application to the first one and end.
      DBUS_SESSION_BUS_ADDRESS: "disabled:",
      XDG_CONFIG_HOME: home,
      XSBUG_HOST: "127.0.0.1",
      XSBUG_PORT: String(this.#trace.port),
    };
    this.#process = processes.start(sdk.simulator, [this.#application], home, environment, () => undefined);
    this.#process.on("exit", (code, signal) => (this.#exit = String(code ?? signal)));
  }

  /** Waits for a line with `text` after the first `from` lines; gives the number of lines up to it. */
  async line(text: string, seconds: number, from = 0): Promise<number> {
    try {
      return await waitFor({ what: text, seconds }, () => {
        const index = this.lines.findIndex((line, at) => at >= from && line.includes(text));
        if (index >= 0) return index + 1;
        if (this.#exit !== undefined) throw new Error(`the simulator ended: ${this.#exit}`);
        return undefined;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.lines.slice(-15).join("\n")}`);
    }
  }

  /** Highest value of an instrument whose name contains `name`, undefined where none came yet. */
  peak(name: string): number | undefined {
    for (const [instrument, value] of this.#trace?.peaks ?? []) if (instrument.includes(name)) return value;
    return undefined;
  }

  /** Throws where less than a quarter of the stack was left at any time: there is no way on from its end. */
  checkStack(): void {
    const used = this.peak("Stack used") ?? 0;
    const available = this.peak("Stack available") ?? 0;
    assert.ok(used > 0 && used <= available * 0.75, `${used} of ${available} bytes of the stack were used`);
  }

  async stop(): Promise<void> {
    if (this.#process) await this.#bench.processes.kill(this.#process);
    this.#trace?.close();
  }
}
