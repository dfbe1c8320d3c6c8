// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { idInTopic } from "../../../modules/cloud/topic-id.js";

test.each([
  ["a/0", 0],
  ["a/7", 7],
  ["a/2147483647", 2_147_483_647],
  ["a/2147483648", -1],
  ["a/99999999999", -1],
  ["a/-1", -1],
  ["a/+1", -1],
  ["a/ 1", -1],
  ["a/1/", -1],
  ["a/1e3", -1],
  ["a/0x1", -1],
  ["a/١", -1],
  ["a/", -1],
  ["a", -1],
  ["b/1", -1],
  ["xa/1", -1],
])("idInTopic reads the id of %s as %d", (topic, id) => {
  expect(idInTopic("a/", topic)).toBe(id);
});
