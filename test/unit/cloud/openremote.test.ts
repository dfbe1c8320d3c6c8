// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../modules/cloud/json.js";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { OpenRemote } from "../../../modules/cloud/openremote.js";
import { OpenRemoteAddress } from "../../../modules/cloud/openremote-address.js";
import { FakeClock } from "../../fakes/clock.js";
import { text } from "../../fakes/text.js";

const assetId = "4Y1FoulaL6ocSwl5ukKl4R";
const epoch = 1_795_212_345_678;
const encoder = new TextEncoder();
const commands = { command: "command", result: "commandResult" };

const clock = new FakeClock();

function make(silenced: readonly string[] = []) {
  const address = new OpenRemoteAddress("thing", "master", assetId);
  return { address, dialect: new OpenRemote({ clock, text, address, commands, silenced }) };
}

function told(name: string): string {
  return `master/thing/attributevalue/${name}/${assetId}`;
}

function written(write: (writer: JsonWriter) => void): string {
  const writer = new JsonWriter(text, 512);
  write(writer);
  return text.decode(writer.bytes, 0, writer.byteLength);
}

describe("OpenRemoteAddress", () => {
  test("makes topics and filters, once it is known", () => {
    const address = new OpenRemoteAddress("thing");
    expect(address.isKnown).toBe(false);
    expect(address.settle("city", assetId)).toBe(true);
    expect(address.resolve("attributevalue/+/{assetId}")).toBe(`city/thing/attributevalue/+/${assetId}`);
    expect(address.writeTopic("a", false)).toBe(`city/thing/writeattributevalue/a/${assetId}`);
    expect(address.writeTopic("a", true)).toBe(`city/thing/writeattribute/a/${assetId}`);
  });

  test("stays what it is", () => {
    const { address } = make();
    expect(address.settle("master", assetId)).toBe(true);
    expect(address.settle("other", assetId)).toBe(false);
    expect(address.settle("master", `${assetId.slice(1)}x`)).toBe(false);
    expect(address.writeTopic("a", false)).toBe(`master/thing/writeattributevalue/a/${assetId}`);
  });

  test("knows its own topics, and no other's", () => {
    const { address } = make();
    expect(address.toldName(told("a"))).toBe("a");
    expect(address.writtenName(address.writeTopic("a", true))).toBe("a");
    expect(address.writtenName(address.writeTopic("a", false))).toBe("a");
    expect(address.writtenName(told("a"))).toBeUndefined();
    for (const topic of [
      `master/other/attributevalue/a/${assetId}`,
      `other/thing/attributevalue/a/${assetId}`,
      "master/thing/attributevalue/a/another",
      `master/thing/attributevalue/a/b/${assetId}`,
      `master/thing/attributevalue/${assetId}`,
      `master/thing/attribute/a/${assetId}`,
      "",
    ])
      expect(address.toldName(topic)).toBeUndefined();
  });
});

describe("telemetry", () => {
  const message = (time: number | undefined, value: number) => {
    const { telemetry } = make().dialect;
    let bare = 0;
    const json = written((writer) => {
      telemetry.beginMessage();
      telemetry.beginInstant(writer, time);
      telemetry.writeName(writer);
      writer.value(value);
      bare = writer.byteLength;
      telemetry.endInstant(writer, time);
      telemetry.endMessage();
    });
    expect(json.length - bare).toBeLessThanOrEqual(telemetry.closingBytes);
    return json;
  };

  test("is one datum a message, with its time or without", () => {
    expect(message(epoch + 0.4, 21.5)).toBe('{"value":21.5,"timestamp":1795212345678}');
    expect(message(undefined, 21.5)).toBe("21.5");
    const { telemetry, attributes } = make().dialect;
    expect([telemetry.maxCount, attributes.maxPublished]).toEqual([1, 1]);
    expect(telemetry.topicOf("a", true)).toBe(`master/thing/writeattribute/a/${assetId}`);
    expect(telemetry.topicOf("a", false)).toBe(`master/thing/writeattributevalue/a/${assetId}`);
  });

  test("has names of attributes, and none that is silenced or that sessions ended for, until the manager tells of it", () => {
    const { telemetry, attributes } = make(["log"]).dialect;
    expect(telemetry.nameProblem("a b")).toContain("letters");
    expect([telemetry.isRefused("log"), telemetry.isRefused("a b"), telemetry.isRefused("a")]).toEqual([
      true,
      true,
      false,
    ]);
    attributes.refuse("a");
    expect([telemetry.isRefused("a"), attributes.isRefused("a")]).toEqual([true, true]);
    read(attributes, told("a"), "1");
    read(attributes, told("log"), "1");
    expect([telemetry.isRefused("a"), telemetry.isRefused("log")]).toEqual([false, true]);
  });
});

describe("an attribute that sessions ended for", () => {
  const hour = 3_600_000;

  test("is tried again after an hour, and after twice as long each time, up to a day", () => {
    const { attributes } = make().dialect;
    for (const hours of [1, 2, 4, 8, 16, 24, 24]) {
      attributes.refuse("a");
      clock.advance(hours * hour - 1);
      expect(attributes.isRefused("a")).toBe(true);
      // Data that were under way at that time.
      attributes.refuse("a");
      clock.advance(1);
      expect(attributes.isRefused("a")).toBe(false);
    }
  });

  test("is tried again when the manager tells that the asset has changed, but not what is silenced", () => {
    const { attributes, telemetry } = make(["log"]).dialect;
    attributes.refuse("a");
    attributes.onAssetChanged();
    expect([attributes.isRefused("a"), telemetry.isRefused("a"), telemetry.isRefused("log")]).toEqual([
      ...[false, false, true],
    ]);
    attributes.refuse("a");
    clock.advance(hour);
    expect(attributes.isRefused("a")).toBe(false);
  });
});

function read(attributes: OpenRemote["attributes"], topic: string, json: string) {
  const events: [string, Json | undefined][] = [];
  const bytes = encoder.encode(json);
  const reason = attributes.readUpdate(topic, bytes, bytes.length, {
    onValue: (_scope, name, value) => events.push([name, value]),
    onDeleted: (name) => events.push([name, undefined]),
  });
  return { reason, events };
}

describe("attributes", () => {
  test("come as bare values", () => {
    const { attributes } = make().dialect;
    expect(read(attributes, told("a"), "50")).toEqual({ reason: undefined, events: [["a", 50]] });
    expect(read(attributes, told("a"), '"x"').events).toEqual([["a", "x"]]);
    expect(read(attributes, told("a"), "null").events).toEqual([["a", undefined]]);
    expect(read(attributes, told("a"), "Hello")).toEqual({ reason: "malformed-json", events: [] });
    expect(read(attributes, "master/thing/asset/x", "1")).toEqual({ reason: "unknown-topic", events: [] });
  });

  test("go as JSON, text in quotes, each on its topic", () => {
    const { attributes } = make().dialect;
    expect(written((writer) => attributes.writeAttribute(writer, "a", "Hello"))).toBe('"Hello"');
    expect(written((writer) => attributes.writeAttribute(writer, "a", null))).toBe("null");
    expect(attributes.topicOf("a")).toBe(`master/thing/writeattributevalue/a/${assetId}`);
  });

  test("are read from what the device writes itself", () => {
    const { attributes, telemetry } = make().dialect;
    const value = (topic: string, json: string) => {
      const bytes = encoder.encode(json);
      return attributes.readWrite(topic, bytes, bytes.length);
    };
    expect(value(attributes.topicOf("a"), '{"value":1}')).toEqual(new Map([["value", 1]]));
    expect(value(telemetry.topicOf("a", true), '{"value":1,"timestamp":5}')).toBe(1);
  });
});

describe("calls", () => {
  const { rpc } = make().dialect;
  const idOf = (name: string, json: string) => {
    const bytes = encoder.encode(json);
    return rpc?.requestId(told(name), bytes, bytes.length);
  };

  test("come by one attribute, with an id", () => {
    expect(idOf("command", '{"id":7,"method":"m","params":{"a":1}}')).toBe(7);
    const bytes = encoder.encode('{"id":7,"method":"m"}');
    expect(rpc?.readRequest(bytes, bytes.length)).toEqual({ method: "m", params: null });
  });

  test.each([
    ["another attribute", "level", '{"id":7,"method":"m"}', undefined],
    ["an attribute that was cleared", "command", "null", undefined],
    ["no id", "command", '{"method":"m"}', "malformed-json"],
    ["an id that is no whole number", "command", '{"id":1.5}', "malformed-json"],
    ["an id below 0", "command", '{"id":-1}', "malformed-json"],
    ["an id as text", "command", '{"id":"7"}', "malformed-json"],
    ["no JSON", "command", "go", "malformed-json"],
  ])("are none with %s", (_, name, json, id) => {
    expect(idOf(name, json)).toBe(id);
  });

  test("are answered by another attribute, with the id", () => {
    expect(rpc?.responseTopic()).toBe(`master/thing/writeattributevalue/commandResult/${assetId}`);
    const result = written((writer) => {
      rpc?.beginResult(writer, 7);
      writer.tree({ on: true });
      rpc?.endResult(writer);
    });
    expect(result).toBe('{"id":7,"result":{"on":true}}');
    expect(written((writer) => rpc?.writeFailure(writer, 7, "unknown-method", "m"))).toBe(
      '{"id":7,"error":{"code":"unknown-method","message":"m"}}',
    );
  });
});

test("what OpenRemote does not have is undefined", () => {
  const { requests, calls, provisioning, claim, firmware, software } = make().dialect;
  expect([requests, calls, provisioning, claim, firmware, software]).toEqual(new Array(6).fill(undefined));
});
