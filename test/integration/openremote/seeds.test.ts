// SPDX-License-Identifier: Apache-2.0
// Every topic, member and error code of OpenRemote's MQTT Gateway API page, by name, between a device and the fake manager.

import { describe, expect, jest, test } from "@jest/globals";
import type { Assets } from "../../../modules/assets/assets.js";
import type { OperationCallback } from "../../../modules/assets/operation-queue.js";
import type { AssetScope, PendingEvent } from "../../../modules/cloud/assets-dialect.js";
import type { Json } from "../../../modules/cloud/json.js";
import type { DeviceError } from "../../../modules/core/errors.js";
import type { OpenRemote } from "../../fakes/openremote/open-remote.js";
import { pause, until } from "../until.js";
import { boot, isLive } from "./device-fixture.js";
import { own, startManager } from "./manager-fixture.js";

jest.setTimeout(40_000);

const anyId = expect.stringMatching(/^[0-9A-Za-z]{22}$/);

/** The asset template of the page. */
const template = {
  type: "PresenceSensorAsset",
  name: "Hallway A Presence Sensor",
  attributes: { presence: {}, notes: {}, location: {} },
};

/** A device that is live, with a presence sensor as one of the assets. */
async function live(will?: { readonly attribute: string; readonly value: string }) {
  const fixture = await startManager();
  const { manager, room } = fixture;
  const sensor = manager.addAsset({ realm: "master", parentId: room, ...template });
  const openremote = { realm: "master", assetId: room, gatewayApi: true, ...(will && { will }) };
  const here = boot({ manager, openremote });
  here.device.start();
  await until("it is live", () => isLive(here));
  return { ...fixture, here, sensor, assets: here.device.assets };
}

/** A device that is a Gateway V2 asset, with an asset below it, not started. */
async function gateway() {
  const { manager } = await startManager();
  const assetId = manager.addAsset({ realm: "master", type: "GatewayV2Asset", name: "gateway" });
  const { clientId, password } = manager.credentialsOf(assetId);
  const attributes = { level: { type: "number", value: 1 } };
  const child = manager.addAsset({ realm: "master", name: "child", parentId: assetId, attributes });
  const here = boot({
    ...{ manager, openremote: { realm: "master", assetId, gatewayApi: true } },
    config: { credentials: { userName: clientId, password, clientId } },
  });
  return { manager, assetId, child, clientId, here, assets: here.device.assets };
}

/** What a device is told, as plain objects. */
function plain(json: Json | undefined): unknown {
  if (Array.isArray(json)) return json.map((each) => plain(each));
  return json instanceof Map ? Object.fromEntries([...json].map(([name, value]) => [name, plain(value)])) : json;
}

/** The answer to an operation. Throws the error that it fails with. */
function ask(request: (callback: OperationCallback) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request((error, result) => (error === undefined ? resolve(plain(result)) : reject(error)));
  });
}

/** Topics of the messages to a device that was denied nothing, but for what it asks of its own asset by itself. */
function topics(manager: OpenRemote, ownAsset: string): string[] {
  expect(manager.denied).toEqual([]);
  return manager.sent.map(({ topic }) => topic).filter((topic) => !topic.includes(`/${ownAsset}/attributes/`));
}

function attribute(name: string, type: string, value: unknown = null) {
  return { name, type, meta: {}, value, timestamp: expect.any(Number) };
}

const presenceAttributes = {
  presence: attribute("presence", "boolean"),
  notes: attribute("notes", "text"),
  location: attribute("location", "GEO_JSONPoint"),
};

describe("operations", () => {
  test("{realm}/{clientId}/operations/assets/{responseIdentifier}/create: type, name, attributes; answered by eventType, cause CREATE, asset, timestamp", async () => {
    const { manager, assets, room } = await live();
    const result = await ask((callback) => assets.create({ ...template, parentId: room }, {}, callback));
    const made = { id: anyId, version: 0, name: template.name, accessPublicRead: false, parentId: room };
    expect(result).toEqual({
      ...{ eventType: "asset", cause: "CREATE", timestamp: 0 },
      asset: { ...made, realm: "master", type: "PresenceSensorAsset", attributes: presenceAttributes },
    });
    expect(manager.assets("master").filter(({ name }) => name === template.name)).toHaveLength(2);
    expect(topics(manager, room)).toEqual([
      expect.stringMatching(/^master\/thing\/operations\/assets\/[^/]+\/create\/response$/),
    ]);
  });

  test("{realm}/{clientId}/operations/assets/{assetId}/get: id, version, createdOn, name, accessPublicRead, parentId, realm, type, path, attributes", async () => {
    const { manager, assets, sensor, site, room } = await live();
    expect(await ask((callback) => assets.get(sensor, {}, callback))).toEqual({
      ...{ id: sensor, version: 0, createdOn: expect.any(Number), name: template.name, accessPublicRead: false },
      ...{ parentId: room, realm: "master", type: "PresenceSensorAsset", path: [site, room, sensor] },
      attributes: presenceAttributes,
    });
    expect(topics(manager, room)).toEqual([`master/thing/operations/assets/${sensor}/get/response`]);
  });

  test("{realm}/{clientId}/operations/assets/{assetId}/update: replaces the asset; answered by cause UPDATE", async () => {
    const { manager, assets, sensor, room } = await live();
    const change = { ...template, name: "Hallway B Presence Sensor", parentId: room };
    expect(await ask((callback) => assets.update(sensor, change, {}, callback))).toMatchObject({
      ...{ eventType: "asset", cause: "UPDATE", timestamp: 0 },
      asset: { id: sensor, name: "Hallway B Presence Sensor", attributes: presenceAttributes },
    });
    expect(manager.asset(sensor)).toMatchObject({ name: "Hallway B Presence Sensor", parentId: room });
    expect(topics(manager, room)).toEqual([`master/thing/operations/assets/${sensor}/update/response`]);
  });

  test("{realm}/{clientId}/operations/assets/{assetId}/delete: answered by cause DELETE", async () => {
    const { manager, assets, sensor, site, room } = await live();
    expect(await ask((callback) => assets.delete(sensor, {}, callback))).toMatchObject({
      ...{ eventType: "asset", cause: "DELETE", timestamp: 0 },
      asset: { id: sensor, createdOn: expect.any(Number), path: [site, room, sensor] },
    });
    expect(manager.hasAsset(sensor)).toBe(false);
    expect(topics(manager, room)).toEqual([`master/thing/operations/assets/${sensor}/delete/response`]);
  });

  test("{realm}/{clientId}/operations/assets/{assetId}/attributes/{attributeName}/update: bare text; answered by eventType, ref, value, timestamp, deleted", async () => {
    const { manager, assets, sensor, room } = await live();
    const answer = (name: string, value: string) => ({
      ...{ eventType: "attribute", ref: { id: sensor, name }, value, timestamp: expect.any(Number), deleted: false },
    });
    const text = await ask((callback) => assets.write(sensor, "notes", "Motion detected", {}, callback));
    expect(text).toEqual(answer("notes", "Motion detected"));
    // The answer repeats the text that was sent, whatever the attribute's type.
    const flag = await ask((callback) => assets.write(sensor, "presence", true, {}, callback));
    expect(flag).toEqual(answer("presence", "true"));
    await until("they are stored", () => manager.valueOf(sensor, "presence") === true);
    expect(manager.valueOf(sensor, "notes")).toBe("Motion detected");
    expect(topics(manager, room)).toEqual(
      ["notes", "presence"].map(
        (name) => `master/thing/operations/assets/${sensor}/attributes/${name}/update/response`,
      ),
    );
  });

  test("{realm}/{clientId}/operations/assets/{assetId}/attributes/update: presence, notes; answered by an array", async () => {
    const { manager, assets, sensor, room } = await live();
    const values = { presence: 1, notes: "Motion detected" };
    const result = await ask((callback) => assets.writeAll(sensor, values, {}, callback));
    expect(result).toMatchObject([
      { eventType: "attribute", ref: { id: sensor, name: "presence" }, value: 1, deleted: false },
      { eventType: "attribute", ref: { id: sensor, name: "notes" }, value: "Motion detected", deleted: false },
    ]);
    await until("they are stored", () => manager.valueOf(sensor, "notes") === "Motion detected");
    expect(manager.valueOf(sensor, "presence")).toBe(true);
    expect(topics(manager, room)).toEqual([`master/thing/operations/assets/${sensor}/attributes/update/response`]);
  });

  test("{realm}/{clientId}/operations/assets/{assetId}/attributes/get: denied by the manager, so that a device gets the asset", async () => {
    const { manager, assets, sensor, connect } = await live();
    const other = await connect();
    other.publish(own(`operations/assets/${sensor}/attributes/get`), "", 0);
    await other.closed();
    expect(manager.denied).toMatchObject([{ clientId: "raw", kind: "denied" }]);
    expect(await ask((callback) => assets.get(sensor, {}, callback))).toMatchObject({ attributes: presenceAttributes });
  });

  test("{realm}/{clientId}/operations/assets/{assetId}/attributes/{attributeName}/get: name, type, meta, value, timestamp", async () => {
    const { manager, assets, sensor, room } = await live();
    manager.write(sensor, "notes", "x");
    const result = await ask((callback) => assets.getAttribute(sensor, "notes", {}, callback));
    expect(result).toEqual(attribute("notes", "text", "x"));
    expect(topics(manager, room)).toEqual([`master/thing/operations/assets/${sensor}/attributes/notes/get/response`]);
  });

  test("{realm}/{clientId}/operations/assets/{assetId}/attributes/{attributeName}/get-value: the raw value", async () => {
    const { manager, assets, sensor, room } = await live();
    manager.write(sensor, "presence", true);
    expect(await ask((callback) => assets.getValue(sensor, "presence", {}, callback))).toBe(true);
    expect(topics(manager, room)).toEqual([
      `master/thing/operations/assets/${sensor}/attributes/presence/get-value/response`,
    ]);
  });
});

describe("type error: error, message", () => {
  type Wrong = (assets: Assets, sensor: string, foreign: string) => (callback: OperationCallback) => void;
  const missing = "4Y1FoulaL6ocSwl5ukKl4R";
  const required = ["notes", "location", "presence"].map((name) => `attributes.${name}: required attribute is missing`);

  test.each<[string, string, Wrong, string]>([
    [
      ...(["BAD_REQUEST", "operation-invalid"] as const),
      (assets) => (callback) => assets.create({ ...template, attributes: {} }, {}, callback),
      `Asset validation failed: ${required.join(", ")}`,
    ],
    [
      ...(["CONFLICT", "operation-conflict"] as const),
      (assets, id) => (callback) => assets.create({ ...template, id, realm: "master" }, {}, callback),
      "Asset ID already exists",
    ],
    [
      ...(["NOT_FOUND", "operation-not-found"] as const),
      (assets) => (callback) => assets.get(missing, {}, callback),
      "Asset not found",
    ],
    [
      ...(["UNAUTHORIZED", "operation-unauthorized"] as const),
      (assets, id) => (callback) => assets.writeAll(id, { presence: 1, missing: 1 }, {}, callback),
      "One or more attribute updates were not authorized",
    ],
    [
      ...(["INTERNAL_SERVER_ERROR", "operation-failed"] as const),
      (assets, _, id) => (callback) => assets.create({ ...template, id, realm: "master" }, {}, callback),
      "Failed to process asset",
    ],
  ])("%s is %s", async (code, reason, wrong, message) => {
    const { manager, assets, sensor } = await live();
    manager.addRealm("other");
    const foreign = manager.addAsset({ realm: "other" });
    const error = (await ask(wrong(assets, sensor, foreign)).catch((refusal) => refusal)) as DeviceError;
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(`${code}: ${message}`);
    expect(JSON.parse(String(manager.sent.at(-1)?.payload))).toMatchObject({ type: "error", error: code });
    expect(manager.denied).toEqual([]);
  });
});

describe("events", () => {
  type Subscribe = (assets: Assets, ids: Readonly<Record<string, string>>, heard: (id: string) => void) => void;
  const onAssets = (of: AssetScope["of"], name?: string): Subscribe => {
    return (assets, ids, heard) => {
      const scope = name === undefined ? { of } : { of, assetId: String(ids[name]) };
      assets.onAssets(scope, (event) => heard(String(event.asset.get("id"))), { api: "gateway" });
    };
  };
  const onAttributes = (of: AssetScope["of"], name?: string, attribute?: string): Subscribe => {
    return (assets, ids, heard) => {
      const scope = name === undefined ? { of } : { of, assetId: String(ids[name]) };
      const selection = attribute === undefined ? scope : { ...scope, attribute };
      const told = ({ assetId, name: changed }: { assetId: string; name: string }) => heard(`${assetId} ${changed}`);
      assets.onAttributes(selection, told, { api: "gateway" });
    };
  };
  const both = (names: readonly string[]): string[] => names.flatMap((name) => [`${name} level`, `${name} note`]);
  const level = (names: readonly string[]): string[] => names.map((name) => `${name} level`);
  const all = ["site", "room", "lamp", "shed"];

  // The filters of the page, {assetId} being the room.
  test.each<[string, Subscribe, readonly string[]]>([
    ["{realm}/{clientId}/events/assets/#", onAssets("realm"), all],
    ["{realm}/{clientId}/events/assets/+", onAssets("root"), ["site", "shed"]],
    ["{realm}/{clientId}/events/assets/{assetId}", onAssets("asset", "room"), ["room"]],
    ["{realm}/{clientId}/events/assets/{assetId}/#", onAssets("below", "room"), ["room", "lamp"]],
    ["{realm}/{clientId}/events/assets/{assetId}/+", onAssets("children", "room"), ["lamp"]],
    ["{realm}/{clientId}/events/assets/+/attributes/#", onAttributes("realm"), both(all)],
    ["{realm}/{clientId}/events/assets/+/attributes/+", onAttributes("root"), both(["site", "shed"])],
    [
      "{realm}/{clientId}/events/assets/+/attributes/{attributeName}/#",
      onAttributes("realm", undefined, "level"),
      level(all),
    ],
    [
      "{realm}/{clientId}/events/assets/+/attributes/{attributeName}/+",
      onAttributes("root", undefined, "level"),
      level(["site", "shed"]),
    ],
    ["{realm}/{clientId}/events/assets/{assetId}/attributes", onAttributes("asset", "room"), both(["room"])],
    [
      "{realm}/{clientId}/events/assets/{assetId}/attributes/{attributeName}",
      onAttributes("asset", "room", "level"),
      level(["room"]),
    ],
    [
      "{realm}/{clientId}/events/assets/{assetId}/attributes/{attributeName}/#",
      onAttributes("below", "room", "level"),
      level(["room", "lamp"]),
    ],
    [
      "{realm}/{clientId}/events/assets/{assetId}/attributes/{attributeName}/+",
      onAttributes("children", "room", "level"),
      level(["lamp"]),
    ],
  ])("%s", async (filter, subscribe, expected) => {
    const fixture = await startManager();
    const { manager, site, room, lamp, shed } = fixture;
    const ids = { site, room, lamp, shed };
    const here = boot({ manager, openremote: { realm: "master", assetId: room, gatewayApi: true } });
    const heard: string[] = [];
    subscribe(here.device.assets, ids, (what) => heard.push(what));
    here.device.start();
    await until("it is live", () => isLive(here));
    const names = { realm: "master", clientId: "thing", assetId: room, attributeName: "level" };
    const concrete = Object.entries(names).reduce((text, [name, value]) => text.replace(`{${name}}`, value), filter);
    expect([...(manager.clients[0]?.subscriptions.keys() ?? [])]).toContain(concrete);
    const isOfAttributes = filter.includes("attributes");
    for (const [name, id] of Object.entries(ids)) {
      // To edit an asset is to write its attributes as well.
      if (!isOfAttributes) manager.editAsset(id, { name: `${name} 2` });
      manager.write(id, "level", 11);
      manager.write(id, "note", "x");
    }
    await until("it has heard", () => heard.length >= expected.length);
    await pause(20);
    const named = heard.map((what) => Object.entries(ids).reduce((text, [name, id]) => text.replace(id, name), what));
    expect(named).toEqual(expected);
    expect(manager.denied).toEqual([]);
  });

  test("{realm}/{clientId}/events/assets/#: denied to a Gateway V2 Asset Service User, and {assetId}/attributes of what is below it is not", async () => {
    const { manager, child, clientId, here, assets } = await gateway();
    const heard: unknown[] = [];
    assets.onAssets({ of: "realm" }, () => heard.push("realm"), { api: "gateway" });
    assets.onAttributes({ of: "asset", assetId: child }, ({ value }) => heard.push(value), { api: "gateway" });
    here.device.start();
    await until("it is live", () => isLive(here));
    await ask((callback) => assets.write(child, "level", 7, {}, callback));
    await until("it has heard", () => heard.length > 0);
    expect(heard).toEqual([7]);
    expect(manager.denied.map(({ topic }) => topic)).toEqual([`master/${clientId}/events/assets/#`]);
  });
});

describe("a Gateway V2 asset", () => {
  test("{realm}/{clientId}/gateway/events/pending: ackId, event; {realm}/{clientId}/gateway/events/acknowledge: the ackId, for which the value is stored", async () => {
    const { manager, child, clientId, here, assets } = await gateway();
    const pending: PendingEvent[] = [];
    assets.onPending((event) => pending.push(event));
    here.device.start();
    await until("it is live", () => isLive(here));
    manager.write(child, "level", 50);
    await until("it has heard", () => pending.length === 1);
    const { topic, payload } = manager.sent.find((message) => message.topic.includes("pending")) ?? {};
    expect(topic).toBe(`master/${clientId}/gateway/events/pending`);
    expect(JSON.parse(String(payload))).toMatchObject({ ackId: pending[0]?.ackId, event: { eventType: "attribute" } });
    expect(pending).toMatchObject([{ assetId: child, name: "level", value: 50, isDeleted: false }]);
    expect(manager.valueOf(child, "level")).toBe(1);
    assets.acknowledge(String(pending[0]?.ackId));
    await until("it is stored", () => manager.valueOf(child, "level") === 50);
    expect(manager.pending).toEqual([]);
  });
});

describe("authentication", () => {
  test("username {realm}:{username}, password {secret}, and a ClientId that is in the topics", async () => {
    const { manager, user, here, sensor, room, assets } = await live();
    expect(manager.clients.map(({ clientId, user: known }) => [clientId, known])).toEqual([["thing", user]]);
    await ask((callback) => assets.getValue(sensor, "notes", {}, callback));
    expect(topics(manager, room).every((topic) => topic.startsWith("master/thing/"))).toBe(true);
    manager.editUser(user, { secret: "another" });
    await until("it is refused", () => manager.denied.some(({ kind }) => kind === "refused"));
    expect(isLive(here, 2)).toBe(false);
  });

  test("the last will is a publish of an attribute", async () => {
    const { manager, room } = await live({ attribute: "note", value: "gone" });
    const { topic, payload } = manager.clients[0]?.will ?? {};
    expect([topic, String(payload)]).toEqual([`master/thing/writeattributevalue/note/${room}`, '"gone"']);
    manager.drop("thing");
    await until("it is written", () => manager.valueOf(room, "note") === "gone");
  });
});
