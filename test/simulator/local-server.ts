// SPDX-License-Identifier: Apache-2.0

import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Processes } from "./processes.js";
import { root } from "./sdk.js";
import { waitFor } from "./waiting.js";

interface Ports {
  readonly mqttPort: number;
  readonly httpPort: number;
}

/** The project's own server in a process of its own, so that it can be killed. It comes back on the same ports with the same state. */
export class LocalServer {
  readonly #processes: Processes;
  readonly #state: string;
  #child: ChildProcess | undefined;
  #ports: Ports;

  /** `mqttPort` is any free one without a number. */
  constructor(processes: Processes, state: string, mqttPort = 0) {
    this.#processes = processes;
    this.#state = state;
    this.#ports = { mqttPort, httpPort: 0 };
  }

  get ports(): Ports {
    return this.#ports;
  }

  async start(): Promise<void> {
    let listening: Ports | undefined;
    const lines: string[] = [];
    const { mqttPort, httpPort } = this.#ports;
    const options = ["--mqtt-port", mqttPort, "--http-port", httpPort, "--state", this.#state, "--json"].map(String);
    const args = ["--import", "tsx", join(root, "server/main.ts"), ...options];
    this.#child = this.#processes.start(process.execPath, args, root, {}, (line) => {
      lines.push(line);
      if (line.includes('"server.listening"')) listening = JSON.parse(line);
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
