// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bundle, bundleForXs, firmwareEntry } from "../../hosts/desktop/bundle.js";
import type { Engine } from "../../hosts/desktop/engine.js";
import { runOnXs } from "../../hosts/desktop/run-on-xs.js";
import { XsVitals } from "../../hosts/desktop/vitals.js";
import { formatJson, type LogEntry, parseEntry } from "../../hosts/node/log.js";
import { createMachine, type Machine } from "../../hosts/node/machine.js";

const token = "xsthing-demo";

interface Waiter {
  readonly isIt: (entry: LogEntry) => boolean;
  readonly resolve: (entry: LogEntry) => void;
}

/** The whole firmware on a real XS engine, with its board in this process. */
export class XsDevice {
  readonly folder: string;
  readonly entries: LogEntry[] = [];
  readonly machine: Machine;
  /** Exit code of the firmware. */
  readonly ended: Promise<number>;
  readonly #vitals = new XsVitals();
  readonly #waiters = new Set<Waiter>();
  #engine: Engine | undefined;

  /** A folder that is given outlives the device, as flash does. */
  constructor(folder = mkdtempSync(join(tmpdir(), "xsthing-"))) {
    this.folder = folder;
    let end: (code: number) => void;
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.machine = createMachine({
      folder,
      format: formatJson,
      writeLine: (line) => this.#take(line),
      onEnd: (code) => {
        this.#engine?.stop();
        end(code);
      },
      engine: "XS",
      measureEngine: this.#vitals.measure,
    });
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error("the device has not booted");
    return this.#engine;
  }

  /** Boots main.ts, for a server on loopback. */
  async boot(mqttPort: number): Promise<void> {
    const settings = {
      server: { host: "127.0.0.1", port: mqttPort },
      credentials: { token },
      wifi: [{ SSID: "simulated" }],
    };
    await this.bootBundle(await bundleForXs(firmwareEntry), settings);
  }

  /** Boots another firmware than main.ts. */
  async bootBundle(bundle: Bundle, settings: object): Promise<void> {
    this.#engine = await runOnXs(this.machine, this.#vitals, bundle, settings);
  }

  /** The first step of that name from the `from`-th entry on; waits for it. */
  step(event: string, from = 0): Promise<LogEntry> {
    const isIt = (entry: LogEntry): boolean => entry.event === event;
    const past = this.entries.slice(from).find(isIt);
    if (past) return Promise.resolve(past);
    return new Promise((resolve) => this.#waiters.add({ isIt, resolve }));
  }

  /** Switches it off; `keep` leaves its flash. */
  stop(keep = false): void {
    this.machine.stop();
    this.#engine?.stop();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }

  #take(line: string): void {
    const entry = parseEntry(line);
    if (entry === undefined) return;
    this.entries.push(entry);
    for (const waiter of [...this.#waiters]) {
      if (!waiter.isIt(entry)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(entry);
    }
  }
}
