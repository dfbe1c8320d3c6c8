// SPDX-License-Identifier: Apache-2.0

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { startProgram } from "../hosts/desktop/children.js";
import { type LogEntry, parseEntry } from "../hosts/node/log.js";
import { demoDevice } from "../server/server.js";

const pollPause = 50;

export interface DeviceProcessOptions {
  /** The MQTT server's port of this machine. */
  readonly port: number;
  /** Folder of its flash. */
  readonly state: string;
}

/** The demo device on XS, in a process of its own with its board; it lives from its construction until it is killed. */
export class DeviceProcess {
  readonly entries: LogEntry[] = [];
  readonly #child: ChildProcess;

  /** `args` are the program's own. */
  constructor(program: string, { port, state }: DeviceProcessOptions, args: readonly string[]) {
    const common = [`--server=mqtt://127.0.0.1:${port}`, `--token=${demoDevice.token}`, `--state=${state}`, "--json"];
    this.#child = startProgram(program, [...common, ...args], (line) => {
      const entry = parseEntry(line);
      if (entry !== undefined) this.entries.push(entry);
    });
  }

  /** Waits until it is as asked. Rejects when the process ends first. */
  async until(isIt: (device: this) => boolean): Promise<void> {
    while (!isIt(this)) {
      if (this.#child.exitCode !== null) throw new Error(`bench: the device ended with code ${this.#child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, pollPause));
    }
  }

  /** Waits for a step of its log. */
  step(event: string): Promise<void> {
    return this.until(({ entries }) => entries.some((entry) => entry.event === event));
  }

  /** As `kill -9` does, with its board. Idempotent. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }
}
