// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import {
  attributeNameProblem,
  bannedInClientId,
  bannedInUniqueId,
  isAssetId,
  levelProblem,
  realmProblem,
} from "../../../modules/cloud/openremote-names.js";

test("an asset's id is 22 letters and digits", () => {
  expect(isAssetId("4Y1FoulaL6ocSwl5ukKl4R")).toBe(true);
  for (const id of [
    "",
    "4Y1FoulaL6ocSwl5ukKl4",
    "4Y1FoulaL6ocSwl5ukKl4RR",
    "4Y1FoulaL6ocSwl5ukKl4-",
    "4Y1FoulaL6ocSwl5ukKl4é",
  ])
    expect(isAssetId(id)).toBe(false);
});

test("an attribute's name is letters, digits and underscores, of ASCII", () => {
  for (const name of ["a", "_", "Temperature_2", "x".repeat(100)]) expect(attributeNameProblem(name)).toBeUndefined();
  for (const name of ["a b", "a-b", "a/b", "+", "#", "é", "a."])
    expect(attributeNameProblem(name)).toContain("letters");
  expect(attributeNameProblem("x".repeat(101))).toBe("is not 1 to 100 characters");
  expect(attributeNameProblem("")).toBe("is not 1 to 100 characters");
});

test.each([
  [bannedInClientId, ["/", "+", "#", ".", "*", "\\"], "gateway-4y1foulal6ocswl5ukkl4r"],
  [bannedInUniqueId, ["/", "+", "#", "$", "\\"], "device.1"],
])("a level of a topic has none of %s", (banned, characters, good) => {
  for (const character of characters) expect(levelProblem(`a${character}b`, banned)).toBe(`has one of ${banned}`);
  expect(levelProblem(good, banned)).toBeUndefined();
  for (const bad of ["a b", "é", "a\n"]) expect(levelProblem(bad, banned)).toContain("printable");
});

test("a realm is a level of a topic without a colon", () => {
  for (const character of "/+#:") expect(realmProblem(`a${character}b`)).toBe("has one of /+#:");
  for (const bad of ["", "r".repeat(41)]) expect(realmProblem(bad)).toBe("is not 1 to 40 characters");
  for (const good of ["smart-city_2", "r".repeat(40)]) expect(realmProblem(good)).toBeUndefined();
});
