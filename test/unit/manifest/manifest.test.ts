// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { parsePartitions } from "../../../hosts/node/partitions.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function readJson(path: string) {
  return JSON.parse(read(path));
}

describe("the root manifest", () => {
  const manifest = readJson("manifest.json");

  test("states the same compiler options as tsconfig.base.json, because mcconfig does not read that", () => {
    // What a compiler's output looks like is the SDK's affair.
    const { target, module, moduleResolution, noEmit, ...checks } = readJson("tsconfig.base.json").compilerOptions;
    expect(manifest.typescript.tsconfig.compilerOptions).toEqual({ ...checks, noEmitOnError: true });
  });

  test("preloads main by name, which takes everything it imports with it", () => {
    expect(manifest.preload).toEqual(["main"]);
  });

  test("names no place to keep the sdkconfig, because a board's would replace it there", () => {
    expect(JSON.stringify(manifest)).not.toContain("SDKCONFIGPATH");
    expect(readJson("hosts/esp32/manifest.json").build.SDKCONFIGPATH).toBe("./sdkconfig");
  });

  test.each(["lin", "mac", "win", "esp32"])("has a host for %s", (platform) => {
    const [folder] = manifest.platforms[platform].include.split("/manifest.json");
    expect(readJson(join(folder, "manifest.json")).modules["hosts/platform/*"]).toBe("./*");
    expect(() => read(join(folder, "host.ts"))).not.toThrow();
  });
});

test.each(["app", "application"])("%s of the simulator has the stack of the firmware", (name) => {
  const { stack } = readJson("manifest.json").creation;
  expect(readJson(`test/simulator/${name}/manifest.json`).creation.stack).toBe(stack);
});

test("the manifest of modules/ maps every folder to its own specifier, as wildcards are not recursive", () => {
  const entries = readdirSync(join(root, "modules"), { withFileTypes: true, recursive: true });
  const folders = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(join(root, "modules"), join(entry.parentPath, entry.name)))
    // What takes the place of others has a manifest of its own.
    .filter((folder) => !existsSync(join(root, "modules", folder, "manifest.json")));
  const expected = Object.fromEntries(folders.map((folder) => [`modules/${folder}/*`, `./${folder}/*`]));
  expect(readJson("modules/manifest.json").modules).toEqual(expected);
});

test.each(["sdkconfig.defaults", "sdkconfig.defaults.release"])(
  "%s has no line but KEY=value and comments, as the SDK merges no other",
  (name) => {
    const lines = read(`hosts/esp32/sdkconfig/${name}`).split("\n").filter(Boolean);
    expect(lines.filter((line) => !/^(#(?! CONFIG_)|CONFIG_[A-Z0-9_]+=\S+$)/.test(line))).toEqual([]);
  },
);

describe("partitions.csv", () => {
  const partitions = parsePartitions(read("partitions.csv"));

  test("keeps every partition apart from the next, behind the table and within 4 MB", () => {
    let end = 0x9000;
    for (const { name, start, size } of partitions) {
      expect({ name, isFree: start >= end }).toEqual({ name, isFree: true });
      end = start + size;
    }
    expect(end).toBeLessThanOrEqual(0x40_0000);
  });

  test("has two slots of the same size for updates on the borders that the chip asks for, and no factory image", () => {
    const slots = partitions.filter(({ type }) => type === "app");
    expect(slots.map(({ subtype }) => subtype)).toEqual(["ota_0", "ota_1"]);
    expect(slots.map(({ start }) => start % 0x1_0000)).toEqual([0, 0]);
    expect(slots[0]?.size).toBe(slots[1]?.size);
    expect(partitions.find(({ subtype }) => subtype === "ota")?.size).toBe(0x2000);
  });

  test("has a journal of whole blocks, of type data because the SDK finds no other by name", () => {
    const journal = partitions.find(({ name }) => name === "journal");
    expect(journal).toMatchObject({ type: "data", subtype: "undefined" });
    expect([Number(journal?.start) % 0x1000, Number(journal?.size) % 0x1000]).toEqual([0, 0]);
  });

  test("gives NVS what Wi-Fi needs", () => {
    expect(partitions.find(({ name }) => name === "nvs")?.size).toBeGreaterThanOrEqual(0x4000);
  });
});

test("partitions-debug.csv has all but the slots where partitions.csv has it, or a debug build would spoil what a release build keeps", () => {
  const [release, debug] = ["partitions.csv", "partitions-debug.csv"].map((path) => parsePartitions(read(path)));
  expect(debug?.filter(({ type }) => type !== "app")).toEqual(release?.filter(({ type }) => type !== "app"));
  expect(debug?.map(({ name }) => name)).toEqual(release?.map(({ name }) => name));
  const end = debug?.find(({ name }) => name === "ota_1");
  const journal = debug?.find(({ name }) => name === "journal");
  expect(Number(end?.start) + Number(end?.size)).toBeLessThanOrEqual(Number(journal?.start));
});
