// SPDX-License-Identifier: Apache-2.0

/** The partitions that the firmware opens and their size in bytes, as in partitions.csv, which cannot be read here. */
export const partitionSizes: ReadonlyMap<string, number> = new Map([
  ["xs", 0x7000],
  ["xs_next", 0x7000],
  ["ota_0", 0x1e_0000],
  ["ota_1", 0x1e_0000],
  ["journal", 0x2_0000],
]);
