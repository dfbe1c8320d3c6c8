// SPDX-License-Identifier: Apache-2.0

/** The partitions that the firmware opens and their size in bytes, as in partitions.csv, which cannot be read here. */
export const partitionSizes: ReadonlyMap<string, number> = new Map([
  ["ota_0", 0x1a_0000],
  ["ota_1", 0x1a_0000],
  ["journal", 0x7_0000],
  ["xs", 0x1_8000],
  ["xs_next", 0x1_8000],
]);
