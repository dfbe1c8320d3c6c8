// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { JsonScanner } from "../../../modules/cloud/json-scanner.js";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { ThingsBoardRpc } from "../../../modules/cloud/thingsboard-rpc.js";
import { text } from "../../fakes/text.js";

const encoder = new TextEncoder();
const scanner = new JsonScanner({ text });
const dialect = new ThingsBoardRpc(scanner);

function readRequest(json: string) {
  const bytes = encoder.encode(`${json}}`);
  return dialect.readRequest(bytes, bytes.length - 1);
}

function readCallResponse(json: string) {
  const bytes = encoder.encode(`${json}}`);
  return dialect.readCallResponse(bytes, bytes.length - 1);
}

function readLimits(json: string) {
  const bytes = encoder.encode(json);
  return dialect.readSessionLimits(scanner.scan(bytes, 0, bytes.length) as Json);
}

function written(write: (writer: JsonWriter) => void): string {
  const writer = new JsonWriter(text, 256);
  write(writer);
  return text.decode(writer.bytes, 0, writer.byteLength);
}

describe("ThingsBoardRpc from server to device", () => {
  test("uses the short topics", () => {
    expect(dialect.requestFilter).toBe("v2/r/req/+");
    expect(dialect.requestId("v2/r/req/0")).toBe(0);
    expect(dialect.requestId("v2/r/res/0")).toBe("unknown-topic");
    expect(dialect.responseTopic(0)).toBe("v2/r/res/0");
  });

  test.each<[string, string, Json]>([
    ['{"method":"getValue","params":true}', "getValue", true],
    ['{"method":"","params":null}', "", null],
    ['{"method":"m"}', "m", null],
    ['{"params":[1,"a"],"method":"m","timeout":5}', "m", [1, "a"]],
    ['{"method":"m","params":{"__proto__":1}}', "m", new Map([["__proto__", 1]])],
  ])("understands %s", (json, method, params) => {
    expect(readRequest(json)).toEqual({ method, params });
  });

  test.each(["", "{}", "[]", "null", '"m"', '{"method":null}', '{"method":{},"params":1}', '{"params":{}}', "{]"])(
    "does not understand %j",
    (json) => {
      expect(readRequest(json)).toBe("malformed-json");
    },
  );

  test("puts code and message of a failure into one member", () => {
    expect(written((writer) => dialect.writeFailure(writer, 7, "unknown-method", 'no "x"'))).toBe(
      '{"error":{"code":"unknown-method","message":"no \\"x\\""}}',
    );
  });
});

describe("ThingsBoardRpc from device to server", () => {
  test("uses the v1 topics, where alone the server knows getSessionLimits", () => {
    expect(dialect.sessionLimitsMethod).toBe("getSessionLimits");
    expect(dialect.callTopic(3)).toBe("v1/devices/me/rpc/request/3");
    expect(dialect.callResponseFilter).toBe("v1/devices/me/rpc/response/+");
    expect(dialect.callResponseId("v1/devices/me/rpc/response/3")).toBe(3);
    expect(dialect.callResponseId("v2/r/res/3")).toBe(-1);
  });

  test("writes method and parameters", () => {
    expect(written((writer) => dialect.writeCall(writer, "getTime", { zone: ["UTC", null] }))).toBe(
      '{"method":"getTime","params":{"zone":["UTC",null]}}',
    );
  });

  test.each<[string, Json]>([
    ["17", 17],
    ["null", null],
    ['"timeout"', "timeout"],
    ["{}", new Map()],
    ['{"error":"other"}', new Map([["error", "other"]])],
    [
      '{"error":"timeout","since":1}',
      new Map<string, Json>([
        ["error", "timeout"],
        ["since", 1],
      ]),
    ],
  ])("takes %s for a result", (json, result) => {
    expect(readCallResponse(json)).toEqual({ result });
  });

  test.each([
    ['{"error":"timeout"}', "request-timeout"],
    ["", "malformed-json"],
    ["{", "malformed-json"],
    ["{}x", "malformed-json"],
  ])("takes %j for a failure", (json, reason) => {
    expect(readCallResponse(json)).toBe(reason);
  });
});

describe("ThingsBoardRpc session limits", () => {
  test("are read with one pair, several pairs, null and nothing", () => {
    const json = `{"maxPayloadSize":65536,"maxInflightMessages":100,"rateLimits":
      {"messages":"20:1,600:60","telemetryMessages":null,"telemetryDataPoints":"20:600"}}`;
    expect(readLimits(json)).toEqual({
      maxPayload: 65_536,
      maxInflight: 100,
      messages: [
        { count: 20, period: 1_000 },
        { count: 600, period: 60_000 },
      ],
      telemetryMessages: [],
      telemetryDataPoints: [{ count: 20, period: 600_000 }],
    });
  });

  test("of a gateway are read with those of its sub-devices", () => {
    const json = `{"rateLimits":{"messages":"20:1"},"gatewayRateLimits":{"messages":null,"telemetryMessages":"200:1",
      "telemetryDataPoints":"300:1"}}`;
    expect(readLimits(json)).toEqual({
      ...{ maxPayload: undefined, maxInflight: undefined, telemetryMessages: [], telemetryDataPoints: [] },
      messages: [{ count: 20, period: 1_000 }],
      subDevices: {
        messages: [],
        telemetryMessages: [{ count: 200, period: 1_000 }],
        telemetryDataPoints: [{ count: 300, period: 1_000 }],
      },
    });
  });

  const unlimited = {
    maxPayload: undefined,
    maxInflight: undefined,
    messages: [],
    telemetryMessages: [],
    telemetryDataPoints: [],
  };

  test.each([
    "{}",
    '{"rateLimits":null,"gatewayRateLimits":null}',
    '{"maxPayloadSize":null,"rateLimits":{"messages":""}}',
  ])("are unlimited in %s", (json) => {
    expect(readLimits(json)).toEqual(unlimited);
  });

  test.each([
    "null",
    "[]",
    '"20:1"',
    '{"maxPayloadSize":"65536"}',
    '{"maxPayloadSize":0}',
    '{"maxPayloadSize":-1}',
    '{"maxPayloadSize":255}',
    '{"rateLimits":{"messages":"1:2678401"}}',
    '{"maxInflightMessages":1.5}',
    '{"rateLimits":[]}',
    '{"rateLimits":{"messages":20}}',
    '{"rateLimits":{"messages":"20"}}',
    '{"rateLimits":{"messages":":1"}}',
    '{"rateLimits":{"messages":"20:"}}',
    '{"rateLimits":{"messages":"20:1,"}}',
    '{"rateLimits":{"messages":"a:1"}}',
    '{"rateLimits":{"messages":"20:-1"}}',
    '{"rateLimits":{"telemetryMessages":"0:1"}}',
    '{"gatewayRateLimits":[]}',
    '{"gatewayRateLimits":{"messages":"20"}}',
    '{"rateLimits":{"telemetryDataPoints":"20:1:2"}}',
    '{"rateLimits":{"messages":"1:1,1:1,1:1,1:1,1:1,1:1,1:1,1:1,1:1"}}',
  ])("are malformed in %s", (json) => {
    expect(readLimits(json)).toBe("malformed-json");
  });
});
