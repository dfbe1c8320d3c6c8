// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { linkedImage, linkWarnings, root, type Sdk } from "./sdk.js";

/** The last one brings its own sdkconfig, which must not replace ours (trap T11 of the SDK). */
export const boards = ["esp32", "esp32/esp32c3", "esp32/esp32s3", "esp32/esp32s3_cdc"] as const;

type Environment = Readonly<Record<string, string>>;

/** Options that a build for a chip must have and must not have: of the boot loader, and of what ends a firmware that hangs or starves. */
const required = ["CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y"];
const forbidden = [
  "CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS=y",
  "CONFIG_ESP_BROWNOUT_DET=n",
  "# CONFIG_ESP_BROWNOUT_DET is not set",
];

/** A debug build stops at breakpoints. */
const requiredInRelease = ["CONFIG_ESP_TASK_WDT_EN=y", "CONFIG_ESP_TASK_WDT_PANIC=y"];

/**
 * Generates the firmware, or an example, for a board, compiles and links its JavaScript, and looks at what was generated. Returns what
 * there is to tell about the image.
 */
export async function buildForBoard(
  sdk: Sdk,
  board: string,
  output: string,
  environment: Environment,
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
  await checkSdkconfig(files, board, [...required, ...requiredInRelease]);
  await checkPartitions(files, board);
  const size = `${await bytecode(files)} bytes of bytecode from modules/, hosts/ and main.ts`;
  return `${image}, ${await slotsInFlash(files)} slots in flash, ${size}`;
}

/** Generations at the same time. */
const workers = 4;

/**
 * Generates the firmware for every board that the SDK knows, for release and for debugging, and looks at what decides over updates: a
 * board may bring options and partitions of its own. Returns how many there were.
 */
export async function generateForEveryBoard(sdk: Sdk, output: string, environment: Environment): Promise<number> {
  const waiting = (await sdk.boards()).flatMap((board) => [[board], [board, "-d"]]);
  const count = waiting.length;
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [board = "", ...options] = next;
      const folder = join(output, `${board}${options.join("")}`);
      await mkdir(folder, { recursive: true });
      const result = await sdk.generate(root, folder, [...options, "-p", board], environment);
      assert.equal(result.code, 0, `${next.join(" ")}: ${tail(result.output)}`);
      const files = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
      const expected = options.length > 0 ? required : [...required, ...requiredInRelease];
      await checkSdkconfig(files, next.join(" "), expected);
      await checkPartitions(files, next.join(" "));
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return count;
}

/** One file of each feature that can be left out, as it is named in the product. */
const omitted = [
  "hosts/tls/session.xsb",
  "tls-session.c.xsi",
  "modules/gateway/children.xsb",
  "modules/cloud/openremote.xsb",
];

/** What was left out of the firmware that was built in `output` is in no other. */
export async function checkOmissions(output: string): Promise<void> {
  const files = await readdir(output, { recursive: true });
  for (const name of omitted) assert.ok(!files.some((path) => path.endsWith(name)), `${name} was not left out`);
}

async function checkSdkconfig(files: readonly string[], board: string, expected: readonly string[]): Promise<void> {
  const lines = (await readFile(only(files, "sdkconfig.mc"), "utf8")).split("\n");
  for (const option of expected) assert.ok(lines.includes(option), `${board}: sdkconfig.mc lacks ${option}`);
  for (const option of forbidden) assert.ok(!lines.includes(option), `${board}: sdkconfig.mc has ${option}`);
}

async function checkPartitions(files: readonly string[], board: string): Promise<void> {
  const generated = await readFile(only(files, "partitions.csv"), "utf8");
  assert.equal(generated, await readFile(join(root, "partitions.csv"), "utf8"), `${board}: partitions.csv is not ours`);
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

/** 16 bytes each: functions, classes and what else is frozen, the engine's own with them. */
async function slotsInFlash(files: readonly string[]): Promise<string> {
  const count = /^#define mxHeapCount (\d+)/m.exec(await readFile(only(files, "mc.xs.c"), "utf8"))?.[1];
  assert.ok(count, "mc.xs.c does not say how many slots it has");
  return count;
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
