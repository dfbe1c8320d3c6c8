// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { ThingsBoardTelemetry } from "../../../modules/cloud/thingsboard-telemetry.js";
import { text } from "../../fakes/text.js";

type Instant = readonly [number | undefined, Readonly<Record<string, number>>];

function message(sources: readonly (readonly [string, readonly Instant[]])[]): string {
  const dialect = new ThingsBoardTelemetry();
  const { gateway } = dialect;
  const writer = new JsonWriter(text, 1024);
  gateway.beginMessage(writer);
  let byteLength = 0;
  for (const [name, instants] of sources) {
    gateway.beginSource(writer, name, false);
    for (const [epoch, values] of instants) {
      dialect.beginInstant(writer, epoch);
      for (const [key, value] of Object.entries(values)) {
        writer.name(key);
        writer.value(value);
      }
      ({ byteLength } = writer);
      dialect.endInstant(writer, epoch);
    }
    gateway.endSource(writer);
  }
  gateway.endMessage(writer);
  expect(writer.byteLength - byteLength).toBeLessThanOrEqual(gateway.closingBytes);
  return text.decode(writer.bytes, 0, writer.byteLength);
}

describe("ThingsBoardTelemetry of a gateway", () => {
  test("publishes on the gateway's topic", () => {
    expect(new ThingsBoardTelemetry().gateway.topic).toBe("v1/gateway/telemetry");
  });

  test("writes an array of instants for each sub-device, be it one", () => {
    expect(
      message([
        ['the "first"', [[5, { a: 1, b: 2 }]]],
        [
          "second",
          [
            [5, { a: 1 }],
            [6, { a: 2 }],
          ],
        ],
      ]),
    ).toBe(
      '{"the \\"first\\"":[{"ts":5,"values":{"a":1,"b":2}}],"second":[{"ts":5,"values":{"a":1}},{"ts":6,"values":{"a":2}}]}',
    );
  });

  test("writes an instant without a time as bare values, which the server stamps", () => {
    expect(message([["A", [[undefined, { a: 1, b: 2 }]]]])).toBe('{"A":[{"a":1,"b":2}]}');
  });

  test("knows the key that the server takes for itself", () => {
    const { gateway } = new ThingsBoardTelemetry();
    expect(["metadata", "ts", "values", "Metadata"].map((key) => gateway.isReserved(key))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
