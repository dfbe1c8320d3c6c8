// SPDX-License-Identifier: Apache-2.0

import { SourceMap } from "node:module";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { type EngineName, formatImage } from "../node/image.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The firmware of main.ts with the host of this folder. */
export const firmwareEntry = "hosts/desktop/xs/entry.ts";

const commonOptions = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  outfile: "/bundle.js",
  charset: "utf8",
  legalComments: "none",
  logLevel: "silent",
} satisfies BuildOptions;

const xsOptions = {
  ...commonOptions,
  platform: "neutral",
  // What XS 13 parses; the engine of @agoric/xsnap is that old.
  target: "es2022",
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, target: "es2022", useDefineForClassFields: true } },
} satisfies BuildOptions;

const nodeOptions = {
  ...commonOptions,
  platform: "node",
  target: "node20",
} satisfies BuildOptions;

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
    ...xsOptions,
    entryPoints: [entry],
    alias: {
      "hosts/platform/host": "./hosts/desktop/xs/host.ts",
      "firmware/main": resolve(root, program),
      modules: "./modules",
    },
    sourcemap: "external",
    format: "iife",
  });
  const textOf = (suffix: string): string => outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? "";
  const map = new SourceMap(JSON.parse(textOf(".js.map")));
  return {
    script: textOf(".js"),
    explain: (stack) => stack.replace(/\(#0:(\d+)\)/g, (place, line) => sourcePlace(map, Number(line)) ?? place),
  };
}

/** An image of the firmware that runs `program`, with its host. */
export async function firmwareImage(engine: EngineName, program: string): Promise<Uint8Array> {
  if (engine === "xs") return formatImage("firmware", engine, (await bundleForXs(firmwareEntry, program)).script);
  const { outputFiles } = await build({
    ...nodeOptions,
    entryPoints: [resolve(root, program)],
    alias: { "hosts/platform/host": "./hosts/node/host.ts", modules: "./modules" },
    // Where the process that runs the image has its files; see hosts/node/firmware.ts.
    define: { "import.meta.url": "imageUrl" },
    format: "cjs",
  });
  return formatImage("firmware", engine, outputFiles[0]?.text ?? "");
}

/** An image of application code that exports what `program` does. */
export async function applicationImage(engine: EngineName, program: string): Promise<Uint8Array> {
  const { outputFiles, metafile } = await build({
    ...(engine === "xs" ? xsOptions : { ...xsOptions, target: nodeOptions.target }),
    entryPoints: [resolve(root, program)],
    alias: { modules: "./modules" },
    format: "cjs",
    metafile: true,
  });
  const [host] = Object.keys(metafile.inputs).filter((path) => path.startsWith("hosts/"));
  if (host !== undefined) throw new RangeError(`${program} brings ${host}, which is the firmware's`);
  return formatImage("application", engine, outputFiles[0]?.text ?? "");
}

/** The machine knows lines, not columns: the end of the line stands for it. */
function sourcePlace(map: SourceMap, line: number): string | undefined {
  const entry = map.findEntry(line - 1, Number.MAX_SAFE_INTEGER);
  if (!("originalSource" in entry)) return undefined;
  return `(${relative(root, resolve("/", entry.originalSource))}:${entry.originalLine + 1})`;
}
