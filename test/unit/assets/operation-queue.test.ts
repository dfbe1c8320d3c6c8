// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "@jest/globals";
import { Assets } from "../../../modules/assets/assets.js";
import type { OperationCallback } from "../../../modules/assets/operation-queue.js";
import type { Json } from "../../../modules/cloud/json.js";
import { OpenRemoteAddress } from "../../../modules/cloud/openremote-address.js";
import { OpenRemoteAssets } from "../../../modules/cloud/openremote-assets.js";
import { FakeClock } from "../../fakes/clock.js";
import { FakeLink } from "../../fakes/link.js";
import { FakeLog } from "../../fakes/log.js";
import { text } from "../../fakes/text.js";

const id = "4Y1FoulaL6ocSwl5ukKl4R";
const getTopic = `master/thing/operations/assets/${id}/get`;

let clock: FakeClock;
let link: FakeLink;
let assets: Assets;
let told: string[];

beforeEach(() => {
  clock = new FakeClock();
  link = new FakeLink();
  const address = new OpenRemoteAddress("thing", "master", id);
  const dialect = new OpenRemoteAssets(text, address, true);
  assets = new Assets({ link: linkOf(address), dialect, clock, random: () => 255, text, log: new FakeLog() });
  told = [];
});

/** A link that resolves filters, as that of a device does. */
function linkOf(address: OpenRemoteAddress) {
  return {
    get isOpen() {
      return link.isOpen;
    },
    get maxPayload() {
      return link.maxPayload;
    },
    maxDataPoints: 1,
    maxDevices: 1,
    publish: link.publish.bind(link),
    leaves: link.leaves.bind(link),
    join: link.join.bind(link),
    subscribe: (subscription: Parameters<FakeLink["subscribe"]>[0]) =>
      link.subscribe({ ...subscription, filter: address.resolve(subscription.filter) }),
  };
}

function tell(label: string): OperationCallback {
  return (error, result) => told.push(`${label} ${error?.reason ?? describeJson(result)}`);
}

function describeJson(result: Json | undefined): string {
  return result instanceof Map ? [...result.keys()].join() : String(result);
}

function goLive(): void {
  link.open();
  link.live();
}

describe("operations", () => {
  test("are sent when the responses are subscribed, not before", () => {
    assets.get(id, {}, tell("a"));
    link.open();
    expect(link.published).toEqual([]);
    link.live();
    expect(link.published).toMatchObject([{ topic: getTopic, payload: "", QoS: 1 }]);
    link.deliver(`${getTopic}/response`, '{"id":"x"}');
    expect(told).toEqual(["a id"]);
  });

  test("of one topic go one after the other, of different topics together", () => {
    goLive();
    assets.get(id, {}, tell("a"));
    assets.get(id, {}, tell("b"));
    assets.getValue(id, "level", {}, tell("c"));
    expect(link.published).toHaveLength(2);
    link.deliver(`${getTopic}/response`, '{"one":1}');
    expect(link.published).toHaveLength(3);
    link.deliver(`${getTopic}/response`, '{"two":2}');
    link.deliver(`master/thing/operations/assets/${id}/attributes/level/get-value/response`, "70");
    expect(told).toEqual(["a one", "b two", "c 70"]);
  });

  test("time out, and their topic stays theirs until a late answer cannot be taken for the next one's", () => {
    goLive();
    assets.get(id, { timeout: 1_000 }, tell("a"));
    clock.advance(1_000);
    expect(told).toEqual(["a request-timeout"]);
    assets.get(id, { timeout: 5_000 }, tell("b"));
    expect(link.published).toHaveLength(1);
    link.deliver(`${getTopic}/response`, '{"late":1}');
    expect(told).toHaveLength(1);
    expect(link.published).toHaveLength(2);
    link.deliver(`${getTopic}/response`, '{"right":1}');
    expect(told.at(-1)).toBe("b right");
  });

  test("give the topic free where no late answer comes", () => {
    goLive();
    assets.get(id, { timeout: 1_000 }, tell("a"));
    clock.advance(1_000);
    assets.get(id, { timeout: 5_000 }, tell("b"));
    clock.advance(1_000);
    expect(link.published).toHaveLength(2);
  });

  test("of which the session ended for the oldest are denied, the others cancelled", () => {
    goLive();
    assets.get(id, {}, tell("a"));
    assets.getValue(id, "level", {}, tell("b"));
    link.close("connection-closed");
    expect(told).toEqual([]);
    clock.advance(0);
    expect(told).toEqual(["a operation-denied", "b request-cancelled"]);
  });

  test("end once each, although a callback stops the device while others time out", () => {
    goLive();
    assets.get(id, { timeout: 1_000 }, (error) => {
      told.push(`a ${error?.reason}`);
      link.close("session-stopped");
    });
    assets.getValue(id, "level", { timeout: 1_000 }, tell("b"));
    assets.get(id, { timeout: 2_000 }, tell("c"));
    clock.advance(1_000);
    expect(told).toEqual(["a request-timeout", "b request-cancelled"]);
    clock.advance(10_000);
    expect(told).toEqual(["a request-timeout", "b request-cancelled", "c request-timeout"]);
  });

  test("wait on for the next session, although a callback ends this one while the time of a late answer is over", () => {
    goLive();
    assets.getValue(id, "level", { timeout: 2_000 }, () => link.close("session-stopped"));
    assets.get(id, { timeout: 1_000 }, tell("a"));
    assets.get(id, { timeout: 9_000 }, tell("b"));
    clock.advance(2_000);
    goLive();
    link.deliver(`${getTopic}/response`, '{"right":1}');
    expect(told).toEqual(["a request-timeout", "b right"]);
  });

  test("are not answered by other clients' topics, by answers that nobody asked for, or twice", () => {
    goLive();
    const response = `${getTopic}/response`;
    link.deliver(response, '{"unasked":1}');
    assets.get(id, {}, tell("a"));
    for (const topic of [
      `master/other/operations/assets/${id}/get/response`,
      `other/thing/operations/assets/${id}/get`,
    ])
      link.deliver(topic, '{"wrong":1}');
    link.deliver(`master/thing/operations/assets/${id.replace("4", "5")}/get/response`, '{"wrong":1}');
    expect(told).toEqual([]);
    link.deliver(response, '{"right":1}');
    link.deliver(response, '{"twice":1}');
    expect(told).toEqual(["a right"]);
  });

  test("are not denied where the network ended the session", () => {
    goLive();
    assets.get(id, {}, tell("a"));
    link.close("wifi-lost");
    clock.advance(0);
    expect(told).toEqual(["a request-cancelled"]);
  });

  test("are 16 at a time, and the 17th is refused", () => {
    for (let count = 0; count < 17; count += 1) assets.get(id, {}, tell(String(count)));
    expect(told).toEqual([]);
    clock.advance(0);
    expect(told).toEqual(["16 too-many-requests"]);
  });

  test("that no message can hold are refused", () => {
    link.maxPayload = 10;
    assets.write(id, "note", "x".repeat(11), {}, tell("a"));
    goLive();
    clock.advance(0);
    expect(told).toEqual(["a payload-too-large"]);
  });

  test("wait for room", () => {
    link.room = 0;
    goLive();
    assets.get(id, {}, tell("a"));
    expect(link.published).toEqual([]);
    link.relieve();
    expect(link.published).toHaveLength(1);
  });

  test.each([
    ["BAD_REQUEST", "operation-invalid"],
    ["CONFLICT", "operation-conflict"],
    ["NOT_FOUND", "operation-not-found"],
    ["UNAUTHORIZED", "operation-unauthorized"],
    ["FORBIDDEN", "operation-unauthorized"],
    ["INTERNAL_SERVER_ERROR", "operation-failed"],
    ["TEAPOT", "operation-failed"],
  ])("answered by %s fail with %s", (code, reason) => {
    goLive();
    assets.get(id, {}, tell("a"));
    link.deliver(`${getTopic}/response`, `{"type":"error","error":"${code}","message":"m"}`);
    expect(told).toEqual([`a ${reason}`]);
  });

  test("take an asset for an asset, although it has a type", () => {
    goLive();
    assets.get(id, {}, tell("a"));
    link.deliver(`${getTopic}/response`, '{"type":"error"}');
    assets.getValue(id, "level", {}, tell("b"));
    link.deliver(
      `master/thing/operations/assets/${id}/attributes/level/get-value/response`,
      '{"name":"level","type":"number","meta":{},"value":null,"timestamp":1}',
    );
    assets.get(id, {}, tell("c"));
    link.deliver(`${getTopic}/response`, "nonsense");
    expect(told).toEqual(["a type", "b null", "c malformed-json"]);
  });

  test("take a value for a value, although it looks like an error", () => {
    goLive();
    const response = `master/thing/operations/assets/${id}/attributes/level/get-value/response`;
    for (const json of [
      '{"type":"error","error":"E12"}',
      '{"type":"error","error":"NOT_FOUND"}',
      '{"type":"error","error":"NOT_FOUND","message":"Attribute not found"}',
    ]) {
      assets.getValue(id, "level", {}, tell("a"));
      link.deliver(response, json);
    }
    expect(told).toEqual(["a type,error", "a type,error", "a operation-not-found"]);
  });

  test("make assets under an identifier of their own each time", () => {
    goLive();
    const template = { type: "ThingAsset", name: "n" };
    for (let count = 0; count < 2; count += 1) assets.create(template, {}, tell("a"));
    expect(link.published.map(({ topic }) => topic)).toEqual([
      "master/thing/operations/assets/ff-1/create",
      "master/thing/operations/assets/ff-2/create",
    ]);
  });

  test("refuse what no server would take, at the call", () => {
    const nothing = tell("");
    expect(() => assets.get("lamp", {}, nothing)).toThrow('assetId: "lamp" is not 22 letters and digits');
    expect(() => assets.getValue(id, "a b", {}, nothing)).toThrow('name: "a b" is not of letters');
    expect(() => assets.create({ name: "n" }, {}, nothing)).toThrow("template.type: no text");
    expect(() => assets.create({ type: "t", name: "n", id }, {}, nothing)).toThrow("template.realm: goes with id");
    expect(() => assets.update(id, { type: "t", name: "n", attributes: {} }, {}, nothing)).toThrow("template.parentId");
    expect(() => assets.writeAll(id, {}, {}, nothing)).toThrow("values: not an object with members");
    expect(() => assets.write(id, "a", null, {}, nothing)).toThrow("value: null would be stored as text");
    expect(() => assets.write(id, "a", Number.NaN, {}, nothing)).toThrow("value: ");
    expect(() => assets.get(id, { timeout: 0 }, nothing)).toThrow("timeout: not 1 to");
    expect(() => assets.get(id, {}, 5 as never)).toThrow("callback: not a function");
    expect(() => assets.acknowledge("x")).toThrow("acknowledge: nobody takes");
  });
});

describe("subscriptions", () => {
  const filters = (api: "released" | "gateway") => {
    const nothing = () => undefined;
    const attribute = "level";
    link.subscriptions.length = 0;
    for (const wide of ["realm", "root"] as const) {
      assets.onAssets({ of: wide }, nothing, { api });
      assets.onAttributes({ of: wide }, nothing, { api });
      assets.onValues({ of: wide, attribute }, nothing, { api });
    }
    for (const narrow of ["asset", "below", "children"] as const) {
      assets.onAssets({ of: narrow, assetId: id }, nothing, { api });
      assets.onAttributes({ of: narrow, assetId: id, attribute }, nothing, { api });
    }
    assets.onAttributes({ of: "asset", assetId: id }, nothing, { api });
    return link.subscriptions.map(({ filter }) => filter.replace("master/thing/", "").replace(id, "ID"));
  };

  test("have the filters of the released API", () => {
    expect(filters("released")).toEqual([
      ...["asset/#", "attribute/+/#", "attributevalue/level/#"],
      ...["asset/+", "attribute/+/+", "attributevalue/level/+"],
      ...["asset/ID", "attribute/level/ID"],
      ...["asset/ID/#", "attribute/level/ID/#"],
      ...["asset/ID/+", "attribute/level/ID/+"],
      "attribute/+/ID",
    ]);
  });

  test("have the filters of the Gateway API, which has none of all attributes below an asset", () => {
    const root = "events/assets";
    expect(filters("gateway")).toEqual([
      ...[`${root}/#`, `${root}/+/attributes/#`, `${root}/+/attributes-value/level/#`],
      ...[`${root}/+`, `${root}/+/attributes/+`, `${root}/+/attributes-value/level/+`],
      ...[`${root}/ID`, `${root}/ID/attributes/level`],
      ...[`${root}/ID/#`, `${root}/ID/attributes/level/#`],
      ...[`${root}/ID/+`, `${root}/ID/attributes/level/+`],
      `${root}/ID/attributes`,
    ]);
    const scope = { of: "below", assetId: id } as const;
    expect(() => assets.onAttributes(scope, () => undefined, { api: "gateway" })).toThrow("scope.attribute: missing");
    expect(() => assets.onAssets({ of: "realm", assetId: id }, () => undefined)).toThrow('not with "realm"');
    expect(() => assets.onAssets({ of: "asset" }, () => undefined)).toThrow('missing with "asset"');
  });

  test("tell an event once, however many copies come", () => {
    const values: Json[] = [];
    assets.onAttributes({ of: "asset", assetId: id }, ({ value }) => values.push(value));
    const event = (value: number) =>
      `{"eventType":"attribute","ref":{"id":"${id}","name":"level"},"value":${value},"timestamp":${value}}`;
    for (const value of [1, 2, 1, 2, 3]) link.deliver(`master/thing/attribute/level/${id}`, event(value));
    link.deliver(`master/thing/attribute/level/${id}`, "nonsense");
    expect(values).toEqual([1, 2, 3]);
    expect(assets.failures.counts.of("malformed-json")).toBe(1);
  });
});

describe("pending events", () => {
  test("are acknowledged by their bare id, again after a session that ended first, in order", () => {
    goLive();
    assets.onPending(() => undefined);
    expect([assets.acknowledge("one"), assets.acknowledge("two")]).toEqual([true, true]);
    expect(link.published).toMatchObject([
      { topic: "master/thing/gateway/events/acknowledge", payload: "one", QoS: 1 },
    ]);
    link.close();
    goLive();
    link.acknowledge();
    expect(link.published.map(({ payload }) => payload)).toEqual(["one", "one", "two"]);
  });

  test("are given up when three sessions in a row ended for the acknowledgement, and the next one goes", () => {
    assets.onPending(() => undefined);
    for (const ackId of ["one", "two"]) assets.acknowledge(ackId);
    for (let session = 0; session < 3; session += 1) {
      goLive();
      expect(link.published.at(-1)?.payload).toBe("one");
      link.close("connection-closed");
    }
    expect(assets.failures.counts.of("operation-denied")).toBe(1);
    goLive();
    expect(link.published.at(-1)?.payload).toBe("two");
  });

  test("are acknowledged for as long as it takes where the network ends the sessions", () => {
    assets.onPending(() => undefined);
    assets.acknowledge("one");
    for (const reason of ["keepalive-timeout", "acknowledge-timeout", "wifi-lost", "session-stopped"] as const) {
      goLive();
      link.close(reason);
    }
    goLive();
    expect(link.published.map(({ payload }) => payload)).toEqual(new Array(5).fill("one"));
  });

  test("wait for their acknowledgement 64 at a time", () => {
    assets.onPending(() => undefined);
    for (let count = 0; count < 64; count += 1) expect(assets.acknowledge(String(count))).toBe(true);
    expect(assets.acknowledge("64")).toBe(false);
  });
});
