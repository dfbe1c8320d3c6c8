// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { resolveSpecifier } from "../../../hosts/xs/specifier.js";

test.each([
  ["./meter.js", "application/application", "application/meter"],
  ["./meter", "application/application", "application/meter"],
  ["../modules/core/errors.js", "application/application", "modules/core/errors"],
  ["./../../modules/core/errors.js", "application/parts/meter", "modules/core/errors"],
  ["modules/core/errors", "application/application", "modules/core/errors"],
  ["embedded:io/digital", "application/application", "embedded:io/digital"],
  ["./x", "top", "x"],
])("%j in %j leads to %j", (specifier, referrer, expected) => {
  expect(resolveSpecifier(specifier, referrer)).toBe(expected);
});
