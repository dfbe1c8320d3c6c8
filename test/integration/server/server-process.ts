import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { builtProgram } from "../built-program.js";

const serverMain = await builtProgram("server/main.ts", "server/rest/page.ts");

const running = new Set<ServerProcess>();

/** The command in a process of its own. */
export class ServerProcess {
  stdout = "";
  stderr = "";
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<number | null>;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [serverMain, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout.on("data", (chunk) => {
      this.stdout += chunk;
    });
    this.#child.stderr.on("data", (chunk) => {
      this.stderr += chunk;
    });
    running.add(this);
    this.#ended = once(this.#child, "close").then(([code]) => {
      running.delete(this);
      return code;
    });
  }

  /** Waits until this many lines are printed. */
  async lines(count: number): Promise<string[]> {
    for (;;) {
      const lines = this.stdout.split("\n").slice(0, -1);
      if (lines.length >= count) return lines;
      const isOver = await Promise.race([
        once(this.#child.stdout, "data").then(() => false),
        this.#ended.then(() => true),
      ]);
      if (isOver) throw new Error(`the server ended: ${this.stderr}`);
    }
  }

  /** @returns the exit code, null if a signal ended it */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.#ended;
  }
}

export interface Listening {
  readonly process: ServerProcess;
  readonly mqttPort: number;
  readonly httpPort: number;
}

/** Starts the command on free ports and waits until it listens. */
export async function startProcess(state: string): Promise<Listening> {
  const process = new ServerProcess(["--mqtt-port", "0", "--http-port", "0", "--json", "--state", state]);
  const [line = ""] = await process.lines(1);
  const { mqttPort, httpPort } = JSON.parse(line);
  return { process, mqttPort, httpPort };
}

export async function killProcesses(): Promise<void> {
  await Promise.all([...running].map((process) => process.kill("SIGKILL")));
}
