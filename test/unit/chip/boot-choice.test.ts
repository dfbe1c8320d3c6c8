// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { bootChoice, imageStates } from "../../chip/boot-choice.js";

// As ESP-IDF's otatool.py writes them.
test.each([
  [1, "9a984347"],
  [2, "7437f655"],
])("number %d has the check that a boot loader expects", (sequence, check) => {
  const entry = bootChoice(sequence, imageStates.valid);
  expect(entry.subarray(28).toString("hex")).toBe(check);
  expect([entry.length, entry.readUInt32LE(0), entry.readUInt32LE(24)]).toEqual([32, sequence, 2]);
});
