// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { plainNumber } from "../../../modules/cloud/json-number.js";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { text } from "../../fakes/text.js";

function written(value: number): string {
  const writer = new JsonWriter(text, 400);
  writer.value(value);
  return text.decode(writer.bytes, 0, writer.byteLength);
}

/** What ThingsBoard stores for a plain JSON number literal: BigDecimal scale and int64 as in its JsonConverter. */
function storedType(literal: string): "LONG" | "DOUBLE" | "STRING" {
  const [whole = "", decimals] = literal.split(".");
  if (decimals !== undefined) return decimals.length <= 16 ? "DOUBLE" : "STRING";
  const integer = BigInt(whole);
  return integer >= -(2n ** 63n) && integer < 2n ** 63n ? "LONG" : "STRING";
}

describe("JsonWriter, numbers", () => {
  test.each([
    [0, "0"],
    [-0, "0"],
    [1, "1"],
    [-1, "-1"],
    [42.5, "42.5"],
    [0.1, "0.1"],
    [0.1 + 0.2, "0.3"],
    [1 / 3, "0.3333333333333333"],
    [0.12345678901234568, "0.1234567890123457"],
    [-0.30000000000000004, "-0.3"],
    [1.0000000000000002, "1.0000000000000002"],
    [1e-6, "0.000001"],
    [1e-7, "0.0000001"],
    [-1.5e-7, "-0.00000015"],
    [1e-16, "0.0000000000000001"],
    [1e-17, "0"],
    [-1e-17, "0"],
    [5e-324, "0"],
    [2 ** 53, "9007199254740992"],
    [-(2 ** 53), "-9007199254740992"],
    [2 ** 60, "1152921504606846976"],
    [2 ** 63 - 1024, "9223372036854774784"],
    [2 ** 63, "9223372036854776000.0"],
    [-(2 ** 63), "-9223372036854776000.0"],
    [1e20, "100000000000000000000.0"],
    [1e21, "1000000000000000000000.0"],
    [-1.25e21, "-1250000000000000000000.0"],
    [-1.2345e30, `-12345${"0".repeat(26)}.0`],
    [Number.MAX_VALUE, `17976931348623157${"0".repeat(292)}.0`],
    [1_700_000_000_123, "1700000000123"],
  ])("writes %d as %s", (value, json) => {
    expect(written(value)).toBe(json);
  });

  test("writes every finite number so that it is stored as one, at most half of the 16th decimal off", () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, min: -1, max: 1 }),
      fc.double({ noNaN: true, min: -1e19, max: 1e19 }),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.integer().map((units) => units / 100),
    );
    fc.assert(
      fc.property(numbers, (value) => {
        const literal = written(value);
        expect(literal).not.toMatch(/[eE]/);
        expect(literal).not.toBe("-0");
        expect(storedType(literal)).not.toBe("STRING");
        // XS's parser refuses a literal of more than 255 characters.
        if (literal.length < 256) expect(JSON.parse(literal)).toBe(Number(literal));
        const decimals = String(value).split(".")[1]?.length ?? 0;
        if (decimals <= 16 && !String(value).includes("e-")) expect(Number(literal)).toBe(value + 0);
        else expect(Math.abs(Number(literal) - value)).toBeLessThanOrEqual(5.1e-17);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });

  test("writes an integer of up to 64 bits with all of its digits right", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 2 ** 53, max: 2 ** 63 - 1024 }).map(Math.round), (value) => {
        expect(BigInt(plainNumber(value))).toBe(BigInt(value));
      }),
      { seed: 7 },
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("refuses %d", (value) => {
    const writer = new JsonWriter(text, 64);
    expect(() => writer.value(value)).toThrow(RangeError);
    expect(writer.byteLength).toBe(0);
  });
});
