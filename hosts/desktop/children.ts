// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const leaveWithParent = new URL("./leave-with-parent.ts", import.meta.url).href;

/**
 * Starts a TypeScript program of the project, named relative to it, as a process that ends with this one. `onLine` gets
 * what it prints; with `stdin` "pipe" it can be written to.
 */
export function startProgram(
  path: string,
  args: readonly string[],
  onLine: (line: string) => void,
  stdin: "ignore" | "pipe" = "ignore",
): ChildProcess {
  const child = spawn(process.execPath, ["--import", tsx, "--import", leaveWithParent, `${root}${path}`, ...args], {
    stdio: [stdin, "pipe", "inherit", "ipc"],
    env: { ...process.env, TSX_TSCONFIG_PATH: `${root}hosts/node/tsconfig.json` },
  });
  if (child.stdout) createInterface({ input: child.stdout }).on("line", onLine);
  return child;
}

/** Asks a process to end and waits; insists after `patience` milliseconds. */
export function stopProgram(child: ChildProcess, patience = 3_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const insist = setTimeout(() => child.kill("SIGKILL"), patience);
    child.once("close", () => {
      clearTimeout(insist);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
