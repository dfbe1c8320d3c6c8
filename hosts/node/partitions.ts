// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";

const table = new URL("../../partitions.csv", import.meta.url);

/** A line of ESP-IDF's partition table. `start` and `size` in bytes. */
export interface Partition {
  readonly name: string;
  readonly type: string;
  readonly subtype: string;
  readonly start: number;
  readonly size: number;
}

/** Throws `RangeError` for a line without a place or a size in bytes: ours are written out. */
export function parsePartitions(csv: string): readonly Partition[] {
  return csv
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map(parseLine);
}

/**
 * Those of partitions.csv that the firmware opens, by name with their size in bytes: images, application code, and `data` that
 * ESP-IDF has no use for. Of the others the chip's libraries take care.
 */
export function firmwarePartitions(): ReadonlyMap<string, number> {
  const own = parsePartitions(readFileSync(table, "utf8")).filter(
    ({ type, subtype }) => type !== "data" || subtype === "undefined",
  );
  return new Map(own.map(({ name, size }) => [name, size]));
}

function parseLine(line: string): Partition {
  const [name = "", type = "", subtype = "", start = "", size = ""] = line.split(",").map((field) => field.trim());
  return { name, type, subtype, start: bytes(name, start), size: bytes(name, size) };
}

function bytes(name: string, field: string): number {
  const value = field === "" ? Number.NaN : Number(field);
  if (!Number.isInteger(value)) throw new RangeError(`partition ${name}: "${field}" is not a number of bytes`);
  return value;
}
