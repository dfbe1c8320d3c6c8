// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { ThingsBoardTelemetry } from "../../../modules/cloud/thingsboard-telemetry.js";
import { text } from "../../fakes/text.js";

const epoch = 1_795_212_345_678;

function message(instants: readonly [number | undefined, Readonly<Record<string, number>>][]): string {
  const dialect = new ThingsBoardTelemetry();
  const writer = new JsonWriter(text, 1024);
  dialect.beginMessage(writer);
  let last: number | undefined;
  for (const [index, [time, values]] of instants.entries()) {
    if (index > 0) dialect.endInstant(writer, last);
    dialect.beginInstant(writer, time);
    for (const [name, value] of Object.entries(values)) {
      writer.name(name);
      writer.value(value);
    }
    last = time;
  }
  const { byteLength } = writer;
  dialect.endInstant(writer, last);
  dialect.endMessage(writer);
  expect(writer.byteLength - byteLength).toBeLessThanOrEqual(dialect.closingBytes);
  return text.decode(writer.bytes, 0, writer.byteLength);
}

describe("ThingsBoardTelemetry", () => {
  test("publishes on the short topic", () => {
    expect(new ThingsBoardTelemetry().topic).toBe("v2/t");
  });

  test("writes one instant as an object", () => {
    expect(message([[epoch, { a: 1, b: 2 }]])).toBe('{"ts":1795212345678,"values":{"a":1,"b":2}}');
  });

  test("writes several instants as an array", () => {
    expect(
      message([
        [epoch, { a: 1 }],
        [epoch + 0.6, { a: 2 }],
      ]),
    ).toBe('[{"ts":1795212345678,"values":{"a":1}},{"ts":1795212345679,"values":{"a":2}}]');
  });

  test("writes an instant without a time as bare values, which the server stamps", () => {
    expect(message([[undefined, { a: 1, b: 2 }]])).toBe('{"a":1,"b":2}');
  });

  test("begins every message anew", () => {
    const dialect = new ThingsBoardTelemetry();
    const writer = new JsonWriter(text, 256);
    for (let round = 0; round < 2; round += 1) {
      writer.reset();
      dialect.beginMessage(writer);
      dialect.beginInstant(writer, undefined);
      dialect.endInstant(writer, undefined);
      dialect.endMessage(writer);
      expect(text.decode(writer.bytes, 0, writer.byteLength)).toBe("{}");
    }
  });

  test("keeps a datum called values, which would make bare values look stamped, away from others", () => {
    const dialect = new ThingsBoardTelemetry();
    expect(dialect.standsAlone("values")).toBe(true);
    expect(dialect.standsAlone("ts")).toBe(false);
  });
});
