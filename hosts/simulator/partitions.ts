// SPDX-License-Identifier: Apache-2.0

/** The firmware's partitions and their size in bytes, as in partitions.csv, which cannot be read here. */
export const partitionSizes: ReadonlyMap<string, number> = new Map([["journal", 0x7_0000]]);
