// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { linkedImage, linkWarnings, root, type Sdk } from "./sdk.js";

/** The last one brings its own sdkconfig, which must not replace ours (trap T11 of the SDK). */
export const boards = ["esp32", "esp32/esp32c3", "esp32/esp32s3", "esp32/esp32s3_cdc"] as const;

/** Bootloader options that a build for a chip must have and must not have. */
const required = ["CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y"];
const forbidden = ["CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS=y"];

/**
 * Generates the firmware, or an example, for a board, compiles and links its JavaScript, and looks at what was generated. Returns what
 * there is to tell about the image.
 */
export async function buildForBoard(
  sdk: Sdk,
  board: string,
  output: string,
  environment: Readonly<Record<string, string>>,
  /** Where the manifest is. */
  folder: string = root,
): Promise<string> {
  await mkdir(output, { recursive: true });
  const result = await sdk.build(folder, output, ["-p", board, "-t", "precursor"], environment);
  assert.equal(result.code, 0, tail(result.output));
  const image = linkedImage(result.output);
  assert.ok(image, `nothing was linked\n${tail(result.output)}`);
  assert.deepEqual(linkWarnings(result.output), []);
  const files = (await readdir(output, { recursive: true })).map((name) => join(output, name));
  await checkSdkconfig(files);
  await checkPartitions(files);
  return `${image}, ${await bytecode(files)} bytes of bytecode from modules/, hosts/ and main.ts`;
}

async function checkSdkconfig(files: readonly string[]): Promise<void> {
  const lines = (await readFile(only(files, "sdkconfig.mc"), "utf8")).split("\n");
  for (const option of required) assert.ok(lines.includes(option), `sdkconfig.mc lacks ${option}`);
  for (const option of forbidden) assert.ok(!lines.includes(option), `sdkconfig.mc has ${option}`);
}

async function checkPartitions(files: readonly string[]): Promise<void> {
  const generated = await readFile(only(files, "partitions.csv"), "utf8");
  assert.equal(generated, await readFile(join(root, "partitions.csv"), "utf8"), "partitions.csv is not ours");
}

function only(files: readonly string[], name: string): string {
  const found = files.filter((path) => basename(path) === name);
  assert.equal(found.length, 1, `${name}: ${found.length} of them`);
  return found[0] ?? "";
}

async function bytecode(files: readonly string[]): Promise<number> {
  const ours = files.filter((path) => /\/modules\/(?:main|(?:modules|hosts)\/.*)\.xsb$/.test(path));
  const sizes = await Promise.all(ours.map(async (path) => codeSize(await readFile(path))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The linker keeps the code of a module and puts the names beside it into one table for all. */
function codeSize(binary: Buffer): number {
  const headSize = 8;
  let size = 0;
  for (let at = headSize; at + headSize <= binary.length; at += binary.readUInt32BE(at))
    if (binary.toString("latin1", at + 4, at + headSize) === "CODE") size += binary.readUInt32BE(at) - headSize;
  return size;
}

function tail(output: string): string {
  return output.split("\n").slice(-20).join("\n");
}
