// SPDX-License-Identifier: Apache-2.0

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Processes, Result } from "./processes.js";

export const root = fileURLToPath(new URL("../../", import.meta.url));

const platform = process.platform === "darwin" ? "mac" : "lin";
const tools = ["mcconfig", "mcrun", "xsc", "xsid", "xsl"];

type Environment = Readonly<Record<string, string>>;

/** A Moddable SDK whose tools have been built, and this project's own compiler. */
export class Sdk {
  readonly #folder: string;
  readonly #processes: Processes;

  constructor(folder: string, processes: Processes) {
    this.#folder = folder;
    this.#processes = processes;
  }

  get simulator(): string {
    return join(this.#bin, "mcsim");
  }

  /** Throws where a tool is missing. */
  check(): void {
    const missing = tools.map((name) => join(this.#bin, name)).filter((path) => !existsSync(path));
    if (missing.length > 0) throw new Error(`${missing.join(", ")}: not there; build the tools of the SDK first`);
  }

  /** The boards with an ESP32 that the SDK knows, as in "esp32/nodemcu". */
  async boards(): Promise<readonly string[]> {
    const names = await readdir(join(this.#folder, "build/devices/esp32/targets"));
    return names.map((name) => `esp32/${name}`);
  }

  /** Generates the application of a folder, and builds nothing. */
  generate(folder: string, output: string, args: readonly string[], environment: Environment = {}): Promise<Result> {
    return this.#run("mcconfig", folder, [...args, "-o", output, "./manifest.json"], environment);
  }

  /** Generates and builds the application of a folder, with the products in `output` and nothing in the SDK's own. */
  build(folder: string, output: string, args: readonly string[], environment: Environment = {}): Promise<Result> {
    return this.generate(folder, output, ["-m", ...args], environment);
  }

  /** Packs the modules of a folder's manifest for the slot for applications. */
  pack(folder: string, output: string): Promise<Result> {
    const args = ["-m", "-p", "esp32", "-t", "build", "-o", output, "./manifest.json"];
    return this.#run("mcrun", folder, args, { XSTHING: root });
  }

  /** The version of ESP-IDF that the SDK asks for, as in "v6.0". */
  async expectedIdf(): Promise<string> {
    const manifest = await readFile(join(this.#folder, "build/devices/esp32/manifest.json"), "utf8");
    return /"EXPECTED_ESP_IDF":\s*"([^"]+)"/.exec(manifest)?.[1] ?? "v6.0";
  }

  #run(tool: string, folder: string, args: readonly string[], environment: Environment): Promise<Result> {
    const path = [this.#bin, join(root, "node_modules/.bin"), environment.PATH ?? process.env.PATH].join(":");
    return this.#processes.run(tool, args, folder, { ...environment, MODDABLE: this.#folder, PATH: path });
  }

  get #bin(): string {
    return join(this.#folder, "build/bin", platform, "release");
  }
}

/** What `xsl` said about the linked image; undefined where nothing was linked. */
export function linkedImage(output: string): string | undefined {
  return /^### (\d+ instances, \d+ keys)/m.exec(output)?.[1];
}

/** Warnings of `xsl` that name a module of this project. */
export function linkWarnings(output: string): readonly string[] {
  return output.split("\n").filter((line) => /^### warning: (?:main|modules\/|hosts\/)/.test(line));
}
