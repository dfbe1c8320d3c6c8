// SPDX-License-Identifier: Apache-2.0

import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { join } from "node:path";
import type { Processes } from "./processes.js";
import { root } from "./sdk.js";
import { waitFor } from "./waiting.js";

interface Ports {
  readonly mqttPort: number;
  readonly httpPort: number;
}

/** Where devices are served over TLS besides, and by what. */
export interface ServedTls {
  readonly port: number;
  /** Files, PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** What the server says of something that happened; `server/events.ts` has the members. */
export type SaidEvent = Readonly<Record<string, unknown>>;

/** The project's own server in a process of its own, so that it can be killed. It comes back on the same ports with the same state. */
export class LocalServer {
  readonly #processes: Processes;
  readonly #state: string;
  readonly #tls: readonly string[];
  readonly #events: SaidEvent[] = [];
  /** Emits what it says, by the name of the event, as soon as it is said. */
  readonly said = new EventEmitter();
  #child: ChildProcess | undefined;
  #ports: Ports;

  /** `mqttPort` is any free one without a number. */
  constructor(processes: Processes, state: string, mqttPort = 0, tls?: ServedTls) {
    this.#processes = processes;
    this.#state = state;
    this.#tls = tls ? ["--tls-cert", tls.certificate, "--tls-key", tls.key, "--tls-port", String(tls.port)] : [];
    this.#ports = { mqttPort, httpPort: 0 };
  }

  get ports(): Ports {
    return this.#ports;
  }

  /** What it has said so far, in all its lives. */
  get events(): readonly SaidEvent[] {
    return this.#events;
  }

  async start(): Promise<void> {
    let listening: Ports | undefined;
    const lines: string[] = [];
    const { mqttPort, httpPort } = this.#ports;
    const options = ["--mqtt-port", mqttPort, "--http-port", httpPort, "--state", this.#state, "--json"].map(String);
    const args = ["--import", "tsx", join(root, "server/main.ts"), ...options, ...this.#tls];
    this.#child = this.#processes.start(process.execPath, args, root, {}, (line) => {
      lines.push(line);
      if (!line.startsWith('{"time":')) return;
      const event = JSON.parse(line);
      this.#events.push(event);
      this.said.emit(event.event, event);
      if (event.event === "server.listening") listening = event;
    });
    this.#ports = await waitFor({ what: "server", seconds: 20 }, () => listening).catch((error: Error) => {
      throw new Error(`${error.message}\n${lines.slice(-5).join("\n")}`);
    });
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    if (this.#child) await this.#processes.kill(this.#child);
  }
}
