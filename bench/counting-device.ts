// SPDX-License-Identifier: Apache-2.0

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { startProgram } from "../hosts/desktop/children.js";
import { type LogEntry, parseEntry } from "../hosts/node/log.js";
import { demoDevice } from "../server/server.js";
import { type Count, countEvent } from "./machine/count.js";

const pollPause = 50;

export interface CountingDeviceOptions extends Count {
  /** The MQTT server's port of this machine. */
  readonly port: number;
  /** Folder of its flash. */
  readonly state: string;
}

/** A device on XS that counts, in a process of its own; it lives from its construction until it is killed. */
export class CountingDevice {
  readonly entries: LogEntry[] = [];
  readonly #child: ChildProcess;

  constructor({ port, state, period, first }: CountingDeviceOptions) {
    const args = [`--server=mqtt://127.0.0.1:${port}`, `--token=${demoDevice.token}`, `--state=${state}`, "--json"];
    args.push(`--period=${period / 1_000}`, `--first=${first}`);
    this.#child = startProgram("bench/firmware.ts", args, (line) => {
      const entry = parseEntry(line);
      if (entry !== undefined) this.entries.push(entry);
    });
  }

  /** Behind the number of the last datum that was recorded. */
  get recorded(): number {
    return countIn(this.entries);
  }

  /** Behind the number of the last datum that was reported as stored: a report is about everything that was recorded until then. */
  get reported(): number {
    return countIn(
      this.entries.slice(
        0,
        this.entries.findLastIndex(({ event }) => event === "telemetry.stored"),
      ),
    );
  }

  /** Data that were reported as stored. */
  get stored(): number {
    return this.entries
      .filter(({ event }) => event === "telemetry.stored")
      .reduce((sum, { detail }) => sum + Number.parseInt(detail, 10), 0);
  }

  /** Waits until it is as asked. Rejects when the process ends first. */
  async until(isIt: (device: this) => boolean): Promise<void> {
    while (!isIt(this)) {
      if (this.#child.exitCode !== null) throw new Error(`loss: the device ended with code ${this.#child.exitCode}`);
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

function countIn(entries: readonly LogEntry[]): number {
  return Number(entries.findLast(({ event }) => event === countEvent)?.detail ?? 0);
}
