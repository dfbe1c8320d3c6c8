// SPDX-License-Identifier: Apache-2.0

import { existsSync } from "node:fs";
import type { Processes } from "./processes.js";
import type { Sdk } from "./sdk.js";
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

/** Moddable's simulator with one application, and what it traces. */
export class Simulator {
  readonly lines: string[] = [];
  readonly #processes: Processes;
  readonly #sdk: Sdk;
  #trace: TraceListener | undefined;
  #exit: string | undefined;

  constructor(processes: Processes, sdk: Sdk) {
    this.#processes = processes;
    this.#sdk = sdk;
  }

  /** `folder` is the simulator's own: it copies the application there. */
  async start(application: string, folder: string, display: string): Promise<void> {
    if (!existsSync(application)) throw new Error(`${application}: not there`);
    this.#trace = await TraceListener.open((line) => this.lines.push(line));
    const environment = {
      DISPLAY: display,
      // A second simulator in the same session would hand the application to the first one and end.
      DBUS_SESSION_BUS_ADDRESS: "disabled:",
      XDG_CONFIG_HOME: folder,
      XSBUG_HOST: "127.0.0.1",
      XSBUG_PORT: String(this.#trace.port),
    };
    const child = this.#processes.start(this.#sdk.simulator, [application], folder, environment, () => undefined);
    child.on("exit", (code, signal) => (this.#exit = String(code ?? signal)));
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

  close(): void {
    this.#trace?.close();
  }
}
