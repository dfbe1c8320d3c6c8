// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { AttributeReader } from "../../../modules/cloud/dialect.js";
import type { Json } from "../../../modules/cloud/json.js";
import { JsonScanner } from "../../../modules/cloud/json-scanner.js";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { ThingsBoardAttributes } from "../../../modules/cloud/thingsboard-attributes.js";
import { text } from "../../fakes/text.js";

const encoder = new TextEncoder();
const dialect = new ThingsBoardAttributes(new JsonScanner({ text }));

class Recorder implements AttributeReader {
  readonly events: unknown[] = [];

  onValue(scope: string, name: string, value: Json): void {
    this.events.push([scope, name, value]);
  }

  onDeleted(name: string): void {
    this.events.push(["deleted", name]);
  }
}

function read(kind: "readUpdate" | "readResponse", json: string) {
  const recorder = new Recorder();
  const bytes = encoder.encode(`${json}}`);
  const { length } = bytes;
  const reason =
    kind === "readUpdate"
      ? dialect.readUpdate("v2/a", bytes, length - 1, recorder)
      : dialect.readResponse(bytes, length - 1, recorder);
  return { reason, events: recorder.events };
}

function request(client: readonly string[], shared: readonly string[]): string {
  const writer = new JsonWriter(text, 256);
  dialect.writeRequest(writer, client, shared);
  return text.decode(writer.bytes, 0, writer.byteLength);
}

describe("ThingsBoardAttributes", () => {
  test("uses the short topics for all four purposes", () => {
    expect(dialect.publishTopic).toBe("v2/a");
    expect(dialect.updateFilter).toBe("v2/a");
    expect(dialect.responseFilter).toBe("v2/a/res/+");
    expect(dialect.requestTopic(0)).toBe("v2/a/req/0");
    expect(dialect.responseId("v2/a/res/17")).toBe(17);
    expect(dialect.responseId("v2/a/req/17")).toBe(-1);
    expect(dialect.responseId("v1/devices/me/attributes/response/17")).toBe(-1);
  });

  test.each([
    [[], [], "{}"],
    [["a"], [], '{"clientKeys":"a"}'],
    [[], ["b", "c d"], '{"sharedKeys":"b,c d"}'],
    [["a", "x"], ["b"], '{"clientKeys":"a,x","sharedKeys":"b"}'],
  ])("asks for client attributes %j and shared attributes %j by %s", (client, shared, body) => {
    expect(request(client, shared)).toBe(body);
  });

  test.each<[string, unknown[]]>([
    ["{}", []],
    [
      '{"period":5,"name":"v"}',
      [
        ["shared", "period", 5],
        ["shared", "name", "v"],
      ],
    ],
    [
      '{"a":null,"b":{"c":[1]}}',
      [
        ["shared", "a", null],
        ["shared", "b", new Map([["c", [1]]])],
      ],
    ],
    [
      '{"deleted":["a","b"]}',
      [
        ["deleted", "a"],
        ["deleted", "b"],
      ],
    ],
    ['{"deleted":true}', [["shared", "deleted", true]]],
    ['{"deleted":[]}', [["shared", "deleted", []]]],
    ['{"deleted":["a",1]}', [["shared", "deleted", ["a", 1]]]],
    [
      '{"deleted":["a"],"b":2}',
      [
        ["deleted", "a"],
        ["shared", "b", 2],
      ],
    ],
  ])("understands the update %s", (json, events) => {
    expect(read("readUpdate", json)).toEqual({ reason: undefined, events });
  });

  test.each<[string, unknown[]]>([
    ["{}", []],
    ['{"client":{},"shared":{}}', []],
    ['{"shared":{"b":42.0}}', [["shared", "b", 42]]],
    ['{"client":{"a":"x"}}', [["client", "a", "x"]]],
    ['{"client":{"a":"x"},"shared":null}', [["client", "a", "x"]]],
    [
      '{"shared":{"a":true},"client":{"a":false},"other":1}',
      [
        ["client", "a", false],
        ["shared", "a", true],
      ],
    ],
  ])("understands the response %s", (json, events) => {
    expect(read("readResponse", json)).toEqual({ reason: undefined, events });
  });

  test.each<["readUpdate" | "readResponse", string]>([
    ["readUpdate", ""],
    ["readUpdate", "[]"],
    ["readUpdate", "7"],
    ["readUpdate", '{"a":1,"b":'],
    ["readUpdate", '{"a":1}}'],
    ["readResponse", ""],
    ["readResponse", "null"],
    ["readResponse", '{"client":[],"shared":{"a":1}}'],
    ["readResponse", '{"client":{"a":1},"shared":7}'],
    ["readResponse", '{"client":{"a":1},"shared":"b"}'],
    ["readResponse", '{"client":{"a":1}'],
  ])("%s reports nothing of %j", (kind, json) => {
    expect(read(kind, json)).toEqual({ reason: "malformed-json", events: [] });
  });
});
