// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { firmwarePartitions, parsePartitions } from "../../../hosts/node/partitions.js";
import { partitionSizes } from "../../../hosts/simulator/partitions.js";

describe("partition table", () => {
  test("is read line by line, without comments, in hexadecimal and decimal bytes", () => {
    expect(
      parsePartitions("# a, b\r\n\r\nlog , data,undefined, 0x1000, 8192\n  \nxs,0x40,1,0x3000,0x1000,,\n"),
    ).toEqual([
      { name: "log", type: "data", subtype: "undefined", start: 0x1000, size: 8_192 },
      { name: "xs", type: "0x40", subtype: "1", start: 0x3000, size: 0x1000 },
    ]);
  });

  test.each(["a, data, nvs, , 0x1000", "a, data, nvs, 0x1000,", "a, data, nvs, 0x1000, 1M", "a"])(
    "refuses the line %j, which leaves a place or a size to ESP-IDF",
    (line) => {
      expect(() => parsePartitions(line)).toThrow(RangeError);
      expect(() => parsePartitions(line)).toThrow("partition a:");
    },
  );

  test("the firmware's own partitions are the same in the simulator, which cannot read the table", () => {
    expect(firmwarePartitions()).toEqual(
      new Map([
        ["xs", 0x7000],
        ["xs_next", 0x7000],
        ["ota_0", 0x1e_0000],
        ["ota_1", 0x1e_0000],
        ["journal", 0x2_0000],
      ]),
    );
    expect(partitionSizes).toEqual(firmwarePartitions());
  });
});
