// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";

export interface Result {
  readonly code: number | null;
  readonly output: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Processes that this run started, so that exactly those are ended. */
export class Processes {
  readonly #running = new Set<ChildProcess>();

  /** Runs to the end. `output` holds both streams. */
  run(command: string, args: readonly string[], folder: string, environment: Environment): Promise<Result> {
    return new Promise((resolve, reject) => {
      const child = this.#spawn(command, args, folder, environment);
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, output }));
    });
  }

  start(
    command: string,
    args: readonly string[],
    folder: string,
    environment: Environment,
    onLine: (line: string) => void,
  ): ChildProcess {
    const child = this.#spawn(command, args, folder, environment);
    child.on("error", () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      let begun = "";
      stream?.on("data", (text) => {
        const lines = `${begun}${text}`.split("\n");
        begun = lines.pop() ?? "";
        for (const line of lines) onLine(line);
      });
    }
    return child;
  }

  async kill(child: ChildProcess): Promise<void> {
    if (!this.#running.has(child)) return;
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await closed;
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#running].map((child) => this.kill(child)));
  }

  #spawn(command: string, args: readonly string[], cwd: string, env: Environment): ChildProcess {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#running.add(child);
    child.on("close", () => this.#running.delete(child));
    child.on("error", () => this.#running.delete(child));
    return child;
  }
}
