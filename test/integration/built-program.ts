// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "@jest/globals";
import { build } from "esbuild";

const root = new URL("../../", import.meta.url);

/**
 * Makes one file of a program, which Node runs as it is, for the suite that calls it: a process that compiles its modules itself takes
 * four times the time to start. Of its modules only one, `base`, may name files by where it is itself. Paths are relative to the project.
 */
export async function builtProgram(path: string, base: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "xsthing-program-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, "program.mjs");
  await build({
    absWorkingDir: fileURLToPath(root),
    entryPoints: [path],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    define: { "import.meta.url": JSON.stringify(new URL(base, root).href) },
    // Packages of the older kind ask for Node's modules by it.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' },
    logLevel: "silent",
  });
  return outfile;
}
