// SPDX-License-Identifier: Apache-2.0
// Every topic and every member of ThingsBoard's MQTT gateway API reference, by name, with the messages that it shows. The same topics
// with a server at the other end are in test/integration/gateway.

import { describe, expect, test } from "@jest/globals";
import { JsonWriter } from "../../../modules/cloud/json-writer.js";
import { ThingsBoard } from "../../../modules/cloud/thingsboard.js";
import type { Child } from "../../../modules/device/child.js";
import { text } from "../../fakes/text.js";
import { farewell, setUpChildren, setUpGateway } from "./room.js";

function pair() {
  const room = setUpChildren(["Device A", "Device B"]);
  return { ...room, a: room.children[0] as Child, b: room.children[1] as Child };
}

describe("v1/gateway/connect", () => {
  test("device", () => {
    const { gateway, link, settle } = setUpGateway();
    gateway.child("Device A");
    link.open();
    expect(settle()).toEqual([{ topic: "v1/gateway/connect", message: { device: "Device A" } }]);
  });
});

describe("v1/gateway/disconnect", () => {
  test("device", () => {
    const { a, clock, settle } = pair();
    a.disconnect();
    clock.advance(farewell);
    expect(settle()).toEqual([{ topic: "v1/gateway/disconnect", message: { device: "Device A" } }]);
  });
});

describe("v1/gateway/attributes", () => {
  test("published: attribute1, attribute2 of Device A and Device B", () => {
    const { a, b, settle } = pair();
    a.attributes.publish({ attribute1: "value1", attribute2: 42 });
    b.attributes.publish({ attribute1: "value1", attribute2: 42 });
    expect(settle()).toEqual([
      {
        topic: "v1/gateway/attributes",
        message: {
          "Device A": { attribute1: "value1", attribute2: 42 },
          "Device B": { attribute1: "value1", attribute2: 42 },
        },
      },
    ]);
  });

  test("subscribed: device, data", () => {
    const { a, link, deliver } = pair();
    const values: unknown[] = [];
    for (const name of ["attribute1", "attribute2"]) a.attributes.onShared(name, (value) => values.push(value));
    expect(link.subscriptions).toContainEqual(expect.objectContaining({ filter: "v1/gateway/attributes", QoS: 1 }));
    deliver("v1/gateway/attributes", { device: "Device A", data: { attribute1: "value1", attribute2: 42 } });
    expect(values).toEqual(["value1", 42]);
  });
});

describe("v1/gateway/attributes/request", () => {
  test.each<["client" | "shared", boolean]>([
    ["client", true],
    ["shared", false],
  ])("id, device, client, key: of the %s attributes", (scope, client) => {
    const { a, sent } = pair();
    a.attributes.request({ [scope]: ["attribute1"] }, {}, () => {});
    expect(sent()).toEqual([
      { topic: "v1/gateway/attributes/request", message: { id: 0, device: "Device A", client, key: "attribute1" } },
    ]);
  });
});

describe("v1/gateway/attributes/response", () => {
  test("id, device, value", () => {
    const { a, link, deliver } = pair();
    expect(link.subscriptions.map(({ filter }) => filter)).toContain("v1/gateway/attributes/response");
    const found: unknown[] = [];
    a.attributes.request({ client: ["attribute1"] }, {}, (_reason, values) => found.push(values?.client));
    deliver("v1/gateway/attributes/response", { id: 0, device: "Device A", value: "value1" });
    expect(found).toEqual([new Map([["attribute1", "value1"]])]);
  });
});

describe("v1/gateway/telemetry", () => {
  test("ts, values: temperature, humidity of Device A and Device B", () => {
    const { telemetry } = new ThingsBoard(text);
    const { gateway } = telemetry;
    const writer = new JsonWriter(text, 1_024);
    const instant = (ts: number, temperature: number, humidity: number) => {
      telemetry.beginInstant(writer, ts);
      writer.name("temperature");
      writer.value(temperature);
      writer.name("humidity");
      writer.value(humidity);
      telemetry.endInstant(writer, ts);
    };
    gateway.beginMessage(writer);
    gateway.beginSource(writer, "Device A", true);
    instant(1_483_228_800_000, 42, 80);
    instant(1_483_228_801_000, 43, 82);
    gateway.endSource(writer);
    gateway.beginSource(writer, "Device B", true);
    instant(1_483_228_800_000, 42, 80);
    gateway.endSource(writer);
    gateway.endMessage(writer);
    expect(gateway.topic).toBe("v1/gateway/telemetry");
    expect(JSON.parse(text.decode(writer.bytes, 0, writer.byteLength))).toEqual({
      "Device A": [
        { ts: 1_483_228_800_000, values: { temperature: 42, humidity: 80 } },
        { ts: 1_483_228_801_000, values: { temperature: 43, humidity: 82 } },
      ],
      "Device B": [{ ts: 1_483_228_800_000, values: { temperature: 42, humidity: 80 } }],
    });
  });
});

describe("v1/gateway/rpc", () => {
  test("subscribed: device, data with id, method, params; answered: device, id, data", () => {
    const { a, link, deliver, sent } = pair();
    expect(link.subscriptions).toContainEqual(expect.objectContaining({ filter: "v1/gateway/rpc", QoS: 1 }));
    a.rpc.handle("toggle_gpio", { pin: "integer" }, ({ pin }) => ({ success: pin === 1 }));
    deliver("v1/gateway/rpc", { device: "Device A", data: { id: 5, method: "toggle_gpio", params: { pin: 1 } } });
    expect(sent()).toEqual([
      { topic: "v1/gateway/rpc", message: { device: "Device A", id: 5, data: { success: true } } },
    ]);
  });
});

describe("v1/gateway/claim", () => {
  test("secretKey, durationMs of Device A and Device B", () => {
    const { a, b, settle } = pair();
    a.claiming.open({ secretKey: "value_A", duration: 60_000 });
    b.claiming.open({ secretKey: "value_B", duration: 60_000 });
    expect(settle()).toEqual([
      {
        topic: "v1/gateway/claim",
        message: {
          "Device A": { secretKey: "value_A", durationMs: 60_000 },
          "Device B": { secretKey: "value_B", durationMs: 60_000 },
        },
      },
    ]);
  });

  test("without secretKey, which stands for an empty one", () => {
    const { a, settle } = pair();
    a.claiming.open({ duration: 60_000 });
    expect(settle()[0]?.message).toEqual({ "Device A": { durationMs: 60_000 } });
  });

  test("without durationMs, for which a day is said as the server would have it", () => {
    const { a, settle } = pair();
    a.claiming.open({ secretKey: "value_A" });
    expect(settle()[0]?.message).toEqual({ "Device A": { secretKey: "value_A", durationMs: 86_400_000 } });
  });
});
