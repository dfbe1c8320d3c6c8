// SPDX-License-Identifier: Apache-2.0

import { SourceMap } from "node:module";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The firmware of main.ts with the host of this folder. */
export const firmwareEntry = "hosts/desktop/xs/entry.ts";

export interface Bundle {
  readonly script: string;
  /** Turns the machine's places, as in "(#0:570)", into places in the sources. */
  explain(stack: string): string;
}

/**
 * One script for the XS machine from an entry module, named relative to the project, which may import `program` as
 * "firmware/main". Names are kept, because stack traces
 * show them; what is never used is left out.
 */
export async function bundleForXs(entry: string, program = "main.ts"): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    alias: {
      "hosts/platform/host": "./hosts/desktop/xs/host.ts",
      "firmware/main": `./${program}`,
      modules: "./modules",
    },
    bundle: true,
    write: false,
    outfile: "/bundle.js",
    sourcemap: "external",
    format: "iife",
    platform: "neutral",
    // What XS 13 parses; the engine of @agoric/xsnap is that old.
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, target: "es2022", useDefineForClassFields: true } },
  });
  const textOf = (suffix: string): string => outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? "";
  const map = new SourceMap(JSON.parse(textOf(".js.map")));
  return {
    script: textOf(".js"),
    explain: (stack) => stack.replace(/\(#0:(\d+)\)/g, (place, line) => sourcePlace(map, Number(line)) ?? place),
  };
}

/** The machine knows lines, not columns: the end of the line stands for it. */
function sourcePlace(map: SourceMap, line: number): string | undefined {
  const entry = map.findEntry(line - 1, Number.MAX_SAFE_INTEGER);
  if (!("originalSource" in entry)) return undefined;
  return `(${relative(root, resolve("/", entry.originalSource))}:${entry.originalLine + 1})`;
}
