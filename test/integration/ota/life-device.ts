// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type EngineName, Supervisor } from "../../../hosts/desktop/supervisor.js";
import { flashFile } from "../../../hosts/node/flash.js";
import { type LogEntry, parseEntry } from "../../../hosts/node/log.js";
import { firmwarePartitions } from "../../../hosts/node/partitions.js";
import { isAlive } from "../../xs/until.js";
import type { RestClient } from "../server/rest-client.js";
import { waitFor } from "./life-waiting.js";

const erased = 255;

/** How the latest telemetry tells of firmware and of application code. */
export type Prefix = "fw" | "sw";

export interface LifeDeviceOptions {
  readonly rest: RestClient;
  readonly id: string;
  readonly token: string;
  readonly engine: EngineName;
  readonly mqttPort: number;
  /** What is in its first slot from the start; otherwise it runs main.ts. */
  readonly image?: Uint8Array;
}

/** A device as an operator sees it, by REST alone, and its board: processes that can be killed, and what they print. */
export class LifeDevice {
  readonly id: string;
  readonly entries: LogEntry[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "xsthing-life-"));
  readonly #options: LifeDeviceOptions;
  #supervisor: Supervisor | undefined;

  constructor(options: LifeDeviceOptions) {
    const { id, image } = options;
    this.id = id;
    this.#options = options;
    if (image !== undefined) flash(this.folder, image);
  }

  switchOn(): void {
    const { engine, mqttPort, token } = this.#options;
    const args = [`--server=mqtt://127.0.0.1:${mqttPort}`, `--token=${token}`, `--state=${this.folder}`];
    this.#supervisor = new Supervisor({
      engine,
      args,
      onLine: (line) => {
        const entry = parseEntry(line);
        if (entry !== undefined) this.entries.push(entry);
      },
      onRestart: () => undefined,
      onEnd: () => undefined,
    });
    this.#supervisor.start();
  }

  /** Its flash goes with it. */
  async remove(): Promise<void> {
    await this.#supervisor?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** kill -9 of what plays the board: a power cut. It boots again by itself. Resolves when the process is gone. */
  async cutPower(): Promise<void> {
    const pid = this.#supervisor?.pid;
    if (pid === undefined) throw new Error("there is no process");
    process.kill(pid, "SIGKILL");
    await waitFor("the end of the process", () => !isAlive(pid));
  }

  count(event: string): number {
    return this.entries.filter((entry) => entry.event === event).length;
  }

  /** Waits for the `number`-th step of that name. */
  step(event: string, number = 1): Promise<LogEntry> {
    return waitFor(
      `step ${number} of ${event}`,
      () => this.entries.filter((entry) => entry.event === event)[number - 1],
      () => this.story(),
    );
  }

  /** The latest telemetry of keys with commas between them. */
  latest(keys: string): Promise<Record<string, unknown>> {
    return this.#options.rest.latest(this.id, keys);
  }

  /** Every state that the server was told, the oldest first. */
  async states(prefix: Prefix = "fw"): Promise<unknown[]> {
    return this.#options.rest.history(this.id, `${prefix}_state`);
  }

  /** Waits until those are exactly `states`: what the old program left in the journal arrives behind what the new one tells. */
  async hasTold(states: readonly string[], prefix: Prefix = "fw"): Promise<void> {
    let last: unknown;
    await waitFor(
      states.join(", "),
      async () => {
        last = await this.states(prefix);
        return JSON.stringify(last) === JSON.stringify(states);
      },
      () => `${JSON.stringify(last)}\n${this.story()}`,
    );
  }

  /** Waits until the latest telemetry has all of the values; a pattern is one that a text has to match. */
  async shows(values: Readonly<Record<string, unknown>>): Promise<void> {
    let last: unknown;
    await waitFor(
      JSON.stringify(values, (_key, value) => (value instanceof RegExp ? String(value) : value)),
      async () => {
        const latest = await this.latest(Object.keys(values).join(","));
        last = latest;
        return Object.entries(values).every(([key, value]) => isLike(latest[key], value));
      },
      () => `${JSON.stringify(last)}\n${this.story()}`,
    );
  }

  /** Waits until the server has been told that the present offer has failed. */
  fails(reason: string, prefix: Prefix = "fw"): Promise<void> {
    return this.shows({ [`${prefix}_state`]: "FAILED", [`${prefix}_error`]: new RegExp(`^${reason}: `) });
  }

  /** Waits until the program of this name reports anew. */
  async runs(program: string): Promise<void> {
    const since = Date.now();
    let last: unknown;
    await waitFor(
      `beats of ${program}`,
      async () => {
        const path = `/plugins/telemetry/DEVICE/${this.id}/values/timeseries?keys=program`;
        const [latest] = (await this.#options.rest.call("GET", path)).program;
        last = latest;
        return latest.value === program && latest.ts > since;
      },
      () => `${JSON.stringify(last)}\n${this.story()}`,
    );
  }

  /** Waits for a client attribute. */
  async tells(name: string, value: unknown): Promise<void> {
    await waitFor(
      `attribute ${name} ${JSON.stringify(value)}`,
      async () => (await this.#options.rest.attributes(this.id, "CLIENT_SCOPE"))[name] === value,
      () => this.story(),
    );
  }

  /** A procedure call that is answered. */
  call(method: string, params: unknown = {}): Promise<unknown> {
    return this.#options.rest.call("POST", `/rpc/twoway/${this.id}`, { method, params, timeout: 10_000 });
  }

  /** The last steps, for whoever has to find out why a wait was in vain. */
  story(): string {
    return this.entries
      .filter(({ event }) => event !== "telemetry")
      .slice(-40)
      .map(({ time, event, detail, reason = "" }) => `${time} ${event} ${detail} ${reason}`)
      .join("\n");
  }
}

function isLike(actual: unknown, wanted: unknown): boolean {
  return wanted instanceof RegExp ? typeof actual === "string" && wanted.test(actual) : actual === wanted;
}

/** As a cable would. */
function flash(folder: string, image: Uint8Array): void {
  const contents = new Uint8Array(firmwarePartitions().get("ota_0") ?? 0).fill(erased);
  contents.set(image);
  const file = flashFile(folder, "ota_0");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}
