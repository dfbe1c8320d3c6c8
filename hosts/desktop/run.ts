// SPDX-License-Identifier: Apache-2.0

import { arrivedKeys } from "./arrival.js";
import type { Console } from "./console.js";
import { type ServerAddress, ServerProcess } from "./local-server.js";
import { type EngineName, Supervisor } from "./supervisor.js";

export interface RunOptions {
  readonly engine: EngineName;
  /** Runs in the place of main.ts. */
  readonly example: string | undefined;
  readonly mqttPort: number;
  readonly httpPort: number;
  readonly deviceState: string;
  readonly serverState: string;
}

const demoToken = "xsthing-demo";

/** Examples that need another device of the local server's than the rest, by its token. */
const tokens: ReadonlyMap<string, string> = new Map([["gateway", "xsthing-gateway"]]);
const exitFailed = 1;

/** Every sample makes one; the first of each device is enough, and the page shows them better. */
const repeatedEvents: readonly string[] = ["telemetry"];

/** A local server and a device that lives on it, in processes of their own. */
export class Run {
  readonly #console: Console;
  readonly #options: RunOptions;
  readonly #server: ServerProcess;
  /** Events. */
  readonly #seen = new Set<string>();
  /** Devices whose telemetry was shown. */
  readonly #heard = new Set<string>();
  readonly #startedAt = Date.now();
  #supervisor: Supervisor | undefined;
  #address: ServerAddress | undefined;
  #isStopping = false;

  constructor(console: Console, options: RunOptions) {
    this.#console = console;
    this.#options = options;
    this.#server = new ServerProcess({
      mqttPort: options.mqttPort,
      httpPort: options.httpPort,
      state: options.serverState,
      onLine: (line) => this.#relay("server", line),
      onEnd: (why) => this.#onServerEnd(why),
    });
  }

  /** Resolves when the device was started. A server that does not come up ends the process. */
  async start(): Promise<void> {
    try {
      this.#address = await this.#server.listening;
    } catch (error) {
      this.#console.say("error", "run.failed", (error as Error).message);
      this.stop(exitFailed);
      return;
    }
    const { mqttPort, page, pid } = this.#address;
    this.#console.say("info", "run.page", page);
    this.#console.say("info", "run.server", `mqtt://127.0.0.1:${mqttPort}, pid ${pid}`);
    this.#supervisor = new Supervisor({
      engine: this.#options.engine,
      args: this.#firmwareArgs(mqttPort),
      onLine: (line) => this.#relay("device", line),
      onRestart: (code, pause) =>
        this.#console.say("warning", "run.restart", `firmware ended with ${code}, next boot in ${pause} ms`),
      onEnd: (code) => {
        this.#console.say("error", "run.device", `the device was switched off (exit code ${code})`);
        this.stop(code === 0 ? exitFailed : code);
      },
    });
    this.#supervisor.start();
  }

  /** Ends the process with 0 if the device was live and its telemetry reached the server, else says what was missing. */
  async finish(): Promise<void> {
    const missing = await this.#missing();
    for (const what of missing) this.#console.say("error", "run.failed", what);
    this.stop(missing.length === 0 ? 0 : exitFailed);
  }

  /** Stops both cleanly and ends the process. Idempotent. */
  stop(code: number): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    void Promise.all([this.#supervisor?.stop(), this.#server.stop()]).then(() => process.exit(code));
  }

  #firmwareArgs(mqttPort: number): string[] {
    const { deviceState, example } = this.#options;
    const token = tokens.get(example ?? "") ?? demoToken;
    const args = [`--server=mqtt://127.0.0.1:${mqttPort}`, `--token=${token}`, `--state=${deviceState}`];
    return example === undefined ? args : [...args, `--example=${example}`];
  }

  async #missing(): Promise<string[]> {
    const missing = this.#seen.has("session.live") ? [] : ["the session did not become live"];
    try {
      const keys = await arrivedKeys(this.#address?.httpPort ?? 0, this.#startedAt);
      if (keys.length > 0) this.#console.say("info", "run.arrived", `${keys.length} keys: ${keys.join(", ")}`);
      // What an example sends is its own affair.
      else if (this.#options.example === undefined) missing.push("no telemetry of this run arrived at the server");
    } catch (error) {
      missing.push(`the server could not be asked: ${(error as Error).message}`);
    }
    return missing;
  }

  #relay(who: string, line: string): void {
    const entry = this.#console.relay(who, line, ({ event, detail }) => {
      if (!repeatedEvents.includes(event)) return true;
      // The device comes first.
      const [device = ""] = detail.split(",");
      const isNew = !this.#heard.has(device);
      this.#heard.add(device);
      return isNew;
    });
    if (entry) this.#seen.add(entry.event);
  }

  #onServerEnd(why: string): void {
    if (this.#address === undefined || this.#isStopping) return;
    const { mqttPort, httpPort } = this.#address;
    const again = `npm run server -- --mqtt-port ${mqttPort} --http-port ${httpPort} --state ${this.#options.serverState}`;
    this.#console.say("warning", "run.server-ended", `${why}; the device keeps trying. Start it again: ${again}`);
  }
}
