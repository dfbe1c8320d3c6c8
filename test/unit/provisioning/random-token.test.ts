// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { randomToken } from "../../../modules/provisioning/random-token.js";

test("a token has 20 characters, each of six random bits that no URL and no JSON has to escape", () => {
  const seen = new Set<string>();
  for (let bits = 0; bits < 64; bits += 1) {
    const token = randomToken(() => bits * 2 ** 26 + 12_345);
    expect(token).toHaveLength(20);
    expect(/^[A-Za-z0-9_-]{20}$/.test(token)).toBe(true);
    expect(new Set(token).size).toBe(1);
    seen.add(token);
  }
  expect(seen.size).toBe(64);
});
