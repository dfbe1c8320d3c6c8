// SPDX-License-Identifier: Apache-2.0

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The firmware of main.ts with the host of this folder. */
export const firmwareEntry = "hosts/desktop/xs/entry.ts";

/**
 * One script for the XS machine from an entry module, named relative to the project. Names are kept, because stack traces
 * show them; what is never used is left out.
 */
export async function bundleForXs(entry: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    alias: { "hosts/platform/host": "./hosts/desktop/xs/host.ts" },
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    // What XS 13 parses; the engine of @agoric/xsnap is that old.
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, target: "es2022", useDefineForClassFields: true } },
  });
  return outputFiles[0]?.text ?? "";
}
