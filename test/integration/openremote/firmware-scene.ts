// SPDX-License-Identifier: Apache-2.0

import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "../../../hosts/desktop/children.js";
import { type LogEntry, parseEntry } from "../../../hosts/node/log.js";
import type { Programs } from "../../xs/programs.js";
import { until } from "../../xs/until.js";

/** A value that the manager has taken. */
export interface Stored {
  readonly asset: string;
  readonly attribute: string;
  readonly value: unknown;
  readonly timestamp: number;
}

interface Listening {
  readonly mqttPort: number;
  readonly tlsPort: number;
  readonly pid: number;
  readonly commands: Readonly<Record<"device" | "provisioned" | "gateway", string>>;
}

/** `npm run openremote` and, by the line that it prints, `npm run device`. */
export class FirmwareScene {
  /** All that any of the managers has taken. */
  readonly stored: Stored[] = [];
  readonly #programs: Programs;
  #manager: ChildProcess | undefined;
  #device: ChildProcess | undefined;
  #listening: Listening | undefined;

  constructor(programs: Programs) {
    this.#programs = programs;
  }

  /** The same ports again after the first time. */
  async startManager(): Promise<void> {
    const { mqttPort = 0, tlsPort = 0 } = this.#listening ?? {};
    this.#listening = undefined;
    const state = join(this.#programs.state, "manager");
    const args = [`--mqtt-port=${mqttPort}`, `--tls-port=${tlsPort}`, `--state=${state}`, "--json"];
    this.#manager = startProgram(
      "test/fakes/openremote/main.ts",
      args,
      (line) => {
        const { event, ...members } = JSON.parse(line);
        if (event === "manager.listening") this.#listening = members;
        if (event === "attribute.stored") this.stored.push(members);
      },
      "pipe",
    );
    this.#programs.children.push(this.#manager);
    await until(() => this.#listening);
  }

  startDevice(command: keyof Listening["commands"], ...more: readonly string[]): void {
    const [, line = ""] = this.#listening?.commands[command].split(" -- ") ?? [];
    const state = join(this.#programs.state, "device");
    const args = [...line.split(" "), ...more, `--state=${state}`, "--json"];
    this.#device = startProgram("hosts/desktop/device.ts", args, (text) => {
      const entry = parseEntry(text);
      if (entry) this.#programs.entries.push(entry);
    });
    this.#programs.children.push(this.#device);
  }

  killManager(): void {
    this.#manager?.kill("SIGKILL");
  }

  /** What runs the firmware, and is started again. */
  killFirmware(): void {
    const { pid } = this.#device ?? {};
    const [firmware] = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ");
    process.kill(Number(firmware), "SIGKILL");
  }

  /** Writes as somebody at the manager's pages does. */
  write(attribute: string, value: unknown): void {
    this.#manager?.stdin?.write(`write ${attribute} ${JSON.stringify(value)}\n`);
  }

  async call(id: number, method: string): Promise<unknown> {
    this.write("command", { id, method });
    const { value } = await this.until(
      ({ attribute, value }) => attribute === "commandResult" && (value as { id: number }).id === id,
    );
    return value;
  }

  until(isIt: (stored: Stored) => boolean): Promise<Stored> {
    return until(() => this.stored.find(isIt));
  }

  /** Times at which an attribute's values were taken, in order, each once. */
  times(attribute: string): number[] {
    const times = this.stored.filter((stored) => stored.attribute === attribute).map(({ timestamp }) => timestamp);
    return [...new Set(times)].sort((a, b) => a - b);
  }

  /** The next log line of an event after the first `seen` lines. */
  step(event: string, seen = 0): Promise<LogEntry> {
    return until(() => this.#programs.entries.slice(seen).find((entry) => entry.event === event));
  }

  get seen(): number {
    return this.#programs.entries.length;
  }
}
