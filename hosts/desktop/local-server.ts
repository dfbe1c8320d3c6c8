// SPDX-License-Identifier: Apache-2.0

import type { ChildProcess } from "node:child_process";
import { startProgram, stopProgram } from "./children.js";

const serverProgram = "server/main.ts";

export interface ServerAddress {
  readonly mqttPort: number;
  readonly httpPort: number;
  /** URL of the page for people. */
  readonly page: string;
  readonly pid: number;
}

export interface ServerOptions {
  /** 0 is any free port. */
  readonly mqttPort: number;
  readonly httpPort: number;
  readonly state: string;
  readonly onLine: (line: string) => void;
  /** It ended by itself or was killed. Not called after `stop`. */
  readonly onEnd: (why: string) => void;
}

/** The local server in a process of its own, so that it can be killed. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #listening: Promise<ServerAddress>;
  #isStopped = false;

  constructor(options: ServerOptions) {
    let resolve: (address: ServerAddress) => void;
    let reject: (error: Error) => void;
    this.#listening = new Promise((onResolved, onRejected) => {
      resolve = onResolved;
      reject = onRejected;
    });
    const { mqttPort, httpPort, state } = options;
    const args = [`--mqtt-port=${mqttPort}`, `--http-port=${httpPort}`, `--state=${state}`, "--json"];
    this.#child = startProgram(serverProgram, args, (line) => {
      options.onLine(line);
      const address = addressOf(line);
      if (address) resolve(address);
    });
    this.#child.on("close", (code, signal) => {
      reject(new Error("the server did not start"));
      if (!this.#isStopped) options.onEnd(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  }

  /** Rejects when it ends before it listens. */
  get listening(): Promise<ServerAddress> {
    return this.#listening;
  }

  /** Idempotent. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return stopProgram(this.#child);
  }
}

function addressOf(line: string): ServerAddress | undefined {
  if (!line.includes('"server.listening"')) return undefined;
  const { mqttPort, httpPort, page, pid } = JSON.parse(line);
  return { mqttPort, httpPort, page, pid };
}
