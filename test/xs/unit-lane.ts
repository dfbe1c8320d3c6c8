// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Engine } from "../../hosts/desktop/engine.js";
import type { HeapFigures } from "../../hosts/desktop/heap.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A case that computes longer than this never ends: some twenty seconds. */
const computeLimit = 2_000_000_000;

export interface FileOutcome {
  readonly cases: number;
  readonly failures: readonly string[];
  readonly compute: number;
  /** After the cases have run. */
  readonly heap: HeapFigures;
}

/** Runs one test file, written for jest, inside an XS machine of its own. */
export async function runOnXsLane(file: string): Promise<FileOutcome> {
  const output: string[] = [];
  const engine = new Engine({
    onRequest: () => new Uint8Array(),
    onOutput: (line) => output.push(line),
    onExit: (why) => output.push(why),
    computeLimit,
  });
  try {
    await engine.evaluate(await bundleTest(file));
    const names: readonly string[] = JSON.parse(textOf((await engine.deliver(new Uint8Array())).result));
    const failures: string[] = [];
    for (const [index, name] of names.entries()) {
      const command = Buffer.alloc(4);
      command.writeUInt32BE(index);
      const failure = textOf((await engine.deliver(command)).result);
      if (failure !== "") failures.push(`${name}: ${failure}`);
    }
    const heap = await engine.heap();
    return { cases: names.length, failures, compute: engine.totalCompute, heap };
  } catch (error) {
    throw new Error([String(error), ...output].join("\n"));
  } finally {
    engine.stop();
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

async function bundleTest(file: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: {
      contents: ["./test/xs/jest/node-globals.ts", `./${file}`, "./test/xs/jest/runner.ts"].map(importOf).join("\n"),
      resolveDir: root,
    },
    alias: {
      "@jest/globals": "./test/xs/jest/globals.ts",
      "mqtt-packet": "./test/xs/jest/mqtt-packet.ts",
      "node:buffer": "./node_modules/buffer/index.js",
      "readable-stream": "./test/xs/jest/readable-stream.ts",
    },
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

function importOf(path: string): string {
  return `import ${JSON.stringify(path)};`;
}
