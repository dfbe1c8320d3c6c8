// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { DigestAlgorithm } from "../../../modules/core/ports.js";
import { createDigest } from "../../../modules/ota/digest/create.js";

const names: readonly (readonly [DigestAlgorithm, string])[] = [
  ["MD5", "md5"],
  ["SHA256", "sha256"],
  ["SHA384", "sha384"],
  ["SHA512", "sha512"],
];

const messages = fc.uint8Array({ maxLength: 700 });
const cuts = fc.array(fc.nat(700), { maxLength: 8 });

function digestInParts(algorithm: DigestAlgorithm, bytes: Uint8Array, borders: readonly number[]): string {
  const digest = createDigest(algorithm);
  const sorted = [...borders.map((border) => Math.min(border, bytes.length)), 0, bytes.length].sort((a, b) => a - b);
  for (const [index, end] of sorted.entries()) digest.update(bytes, sorted[index - 1] ?? 0, end);
  return digest.finish();
}

describe("digests in TypeScript, of anything cut anywhere,", () => {
  test.each(names)("%s is as Node has it", (algorithm, name) => {
    fc.assert(
      fc.property(messages, cuts, (bytes, borders) => {
        const expected = createHash(name).update(bytes).digest("hex");
        expect(digestInParts(algorithm, bytes, borders)).toBe(expected);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});
