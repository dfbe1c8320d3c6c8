// SPDX-License-Identifier: Apache-2.0

import { describe, expect, jest, test } from "@jest/globals";
import type { OperationCallback } from "../../../modules/assets/operation-queue.js";
import type { AssetEvent, AttributeEvent, PendingEvent } from "../../../modules/cloud/assets-dialect.js";
import type { Json } from "../../../modules/cloud/json.js";
import type { DeviceError } from "../../../modules/core/errors.js";
import { pause, until } from "../until.js";
import { boot, isLive } from "./device-fixture.js";
import { startManager } from "./manager-fixture.js";

jest.setTimeout(40_000);

type Result = ReadonlyMap<string, Json>;

interface Answer {
  readonly error: DeviceError | undefined;
  readonly result: Json | undefined;
}

function answer(ask: (callback: OperationCallback) => void): Promise<Answer> {
  return new Promise((resolve) => ask((error, result) => resolve({ error, result })));
}

async function live() {
  const fixture = await startManager();
  const { manager, room } = fixture;
  const here = boot({ manager, openremote: { realm: "master", assetId: room, gatewayApi: true } });
  const { assets } = here.device;
  return { ...fixture, here, assets };
}

describe("operations on assets", () => {
  test("make one, read it, change it and delete it", async () => {
    const { manager, here, assets, room } = await live();
    here.device.start();
    const template = { type: "ThingAsset", name: "valve", parentId: room, attributes: { open: { type: "boolean" } } };
    const made = await answer((callback) => assets.create(template, {}, callback));
    const event = made.result as Result;
    expect(event.get("cause")).toBe("CREATE");
    const id = String((event.get("asset") as Result).get("id"));
    expect(manager.asset(id)).toMatchObject({ name: "valve", parentId: room });
    const asset = (await answer((callback) => assets.get(id, {}, callback))).result as Result;
    expect(asset.get("name")).toBe("valve");
    const changed = await answer((callback) => assets.update(id, { ...template, name: "gate" }, {}, callback));
    expect((changed.result as Result).get("cause")).toBe("UPDATE");
    expect(manager.asset(id)).toMatchObject({ name: "gate", parentId: room });
    const gone = await answer((callback) => assets.delete(id, {}, callback));
    expect((gone.result as Result).get("cause")).toBe("DELETE");
    expect(manager.hasAsset(id)).toBe(false);
    const missing = await answer((callback) => assets.get(id, {}, callback));
    expect(missing.error).toMatchObject({ reason: "operation-not-found" });
    expect(manager.denied).toEqual([]);
  });

  test("write attributes, text without quotes, and read them", async () => {
    const { manager, here, assets, lamp } = await live();
    here.device.start();
    expect((await answer((callback) => assets.write(lamp, "note", "Hello", {}, callback))).error).toBeUndefined();
    await until("it is stored", () => manager.valueOf(lamp, "note") === "Hello");
    await answer((callback) => assets.write(lamp, "level", 70, {}, callback));
    await until("it is stored, too", () => manager.valueOf(lamp, "level") === 70);
    await answer((callback) => assets.writeAll(lamp, { level: 80, on: "true" }, {}, callback));
    await until("both are stored", () => manager.valueOf(lamp, "level") === 80 && manager.valueOf(lamp, "on") === true);
    const value = async (name: string) =>
      (await answer((callback) => assets.getValue(lamp, name, {}, callback))).result;
    expect([await value("level"), await value("note")]).toEqual([80, "Hello"]);
    manager.write(lamp, "note", null);
    expect(await value("note")).toBeNull();
    const { result } = await answer((callback) => assets.getAttribute(lamp, "level", {}, callback));
    expect(Object.fromEntries(result as Result)).toMatchObject({ name: "level", type: "number", value: 80 });
    const { error } = await answer((callback) => assets.getAttribute(lamp, "nothing", {}, callback));
    expect(error).toMatchObject({ reason: "operation-not-found", message: "NOT_FOUND: Attribute not found" });
  });

  test.each<[string, (ids: { readonly room: string; readonly shed: string }) => object, string]>([
    ["is invalid", () => ({ type: "PresenceSensorAsset", name: "x", attributes: {} }), "operation-invalid"],
    ["exists", ({ shed }) => ({ type: "ThingAsset", name: "x", id: shed, realm: "master" }), "operation-conflict"],
  ])("tell by name why an asset cannot be made that %s", async (_, template, reason) => {
    const { here, assets, room, shed } = await live();
    here.device.start();
    const { error } = await answer((callback) => assets.create({ ...template({ room, shed }) }, {}, callback));
    expect(error).toMatchObject({ reason });
  });

  test("are refused as unauthorized where one of several attributes is, and nothing is written", async () => {
    const { manager, here, assets, lamp } = await live();
    here.device.start();
    const { error } = await answer((callback) => assets.writeAll(lamp, { level: 5, missing: 1 }, {}, callback));
    expect(error).toMatchObject({ reason: "operation-unauthorized" });
    expect(manager.valueOf(lamp, "level")).toBe(1);
  });

  test("are denied by the end of the session, which is told by name", async () => {
    const { here, assets } = await live();
    here.device.start();
    const { error } = await answer((callback) => assets.delete("4Y1FoulaL6ocSwl5ukKl4R", {}, callback));
    expect(error).toMatchObject({ reason: "operation-denied" });
    await until("it is back", () => isLive(here, 2));
  });

  test("time out where nobody answers, and the late answer is nobody's", async () => {
    const { manager, here, assets, lamp } = await live();
    here.device.start();
    await until("it is live", () => isLive(here));
    manager.isMute = true;
    const { error } = await answer((callback) => assets.get(lamp, { timeout: 100 }, callback));
    expect(error).toMatchObject({ reason: "request-timeout" });
    manager.isMute = false;
    const { result } = await answer((callback) => assets.get(lamp, {}, callback));
    expect((result as Result).get("name")).toBe("lamp");
  });

  test("that are the same are made one after the other, each with its own answer", async () => {
    const { manager, here, assets, lamp } = await live();
    here.device.start();
    const writes = [1, 2, 3].map((level) => answer((callback) => assets.write(lamp, "level", level, {}, callback)));
    const values = (await Promise.all(writes)).map(({ result }) => (result as Result).get("value"));
    expect(values).toEqual(["1", "2", "3"]);
    await until("the last is stored", () => manager.valueOf(lamp, "level") === 3);
  });
});

test("its own writes are nobody else's, although a subscription to the whole realm brings copies of them", async () => {
  const { manager, here, assets, room } = await live();
  const heard: (Json | undefined)[] = [];
  here.device.attributes.onShared("level", (value) => heard.push(value));
  assets.onValues({ of: "realm", attribute: "level" }, () => undefined);
  assets.onAttributes({ of: "realm" }, () => undefined);
  here.device.start();
  await until("it is live", () => isLive(here) && heard.length === 1);
  for (const level of [60, 61, 62]) {
    here.device.attributes.publish({ level });
    here.device.telemetry.record("level", level + 10);
    await until("it is stored", () => [level, level + 10].includes(Number(manager.valueOf(room, "level"))));
  }
  await pause(50);
  expect(heard).toHaveLength(1);
  manager.write(room, "level", 5);
  await until("it has heard of another's", () => heard.at(-1) === 5);
});

test("with the Gateway API the values are asked for at each connect", async () => {
  const { manager, here, room } = await live();
  const heard: (Json | undefined)[] = [];
  manager.write(room, "level", 33);
  here.device.attributes.onShared("level", (value) => heard.push(value));
  here.device.attributes.onShared("missing", (value) => heard.push(value));
  here.device.start();
  await until("it has heard", () => heard.length === 1);
  await until("it is live", () => isLive(here));
  manager.drop("thing");
  manager.write(room, "level", 34);
  await until("it has heard of what it missed", () => heard.length === 2);
  expect(heard).toEqual([33, 34]);
  const values = await new Promise((resolve) => {
    here.device.attributes.request({ shared: ["level", "missing"] }, {}, (_reason, found) => resolve(found?.shared));
  });
  expect(values).toEqual(new Map([["level", 34]]));
  expect(manager.denied).toEqual([]);
});

describe("events by the released API", () => {
  // One at a time: where filters overlap, what one of them brings goes to the handlers of all that match its topic.
  test.each<["realm" | "root" | "asset" | "below" | "children", string[]]>([
    ["realm", ["shed", "lamp", "room", "site"]],
    ["root", ["shed", "site"]],
    ["asset", ["room"]],
    ["below", ["lamp", "room"]],
    ["children", ["lamp"]],
  ])("of one attribute of assets that are %s", async (of, expected) => {
    const { manager, here, assets, site, room, lamp, shed } = await live();
    const names = new Map([
      [site, "site"],
      [room, "room"],
      [lamp, "lamp"],
      [shed, "shed"],
    ]);
    const heard: string[] = [];
    const scope = of === "realm" || of === "root" ? { of } : { of, assetId: room };
    assets.onAttributes({ ...scope, attribute: "level" }, (event: AttributeEvent) => {
      heard.push(String(names.get(event.assetId)));
    });
    here.device.start();
    await until("it is live", () => isLive(here));
    for (const assetId of [shed, lamp, room, site]) {
      manager.write(assetId, "level", 11);
      manager.write(assetId, "note", "of no interest");
    }
    await until("it has heard", () => heard.length >= expected.length);
    await pause(20);
    expect(heard).toEqual(expected);
    expect(manager.denied).toEqual([]);
  });
});

describe.each(["released", "gateway"] as const)("events by the %s API", (api) => {
  test("that come in copies are told once", async () => {
    const { manager, here, assets, room, lamp } = await live();
    const heard: string[] = [];
    const listen = (label: string, assetId: string, of: "asset" | "below") =>
      assets.onAttributes({ of, assetId, attribute: "level" }, ({ value }) => heard.push(`${label} ${value}`), { api });
    listen("lamp", lamp, "asset");
    listen("below", room, "below");
    listen("below lamp", lamp, "below");
    here.device.start();
    await until("it is live", () => isLive(here));
    for (const value of [11, 12]) manager.write(lamp, "level", value);
    await until("all have heard", () => heard.length >= 6);
    await pause(20);
    expect(heard.sort()).toEqual(["below 11", "below 12", "below lamp 11", "below lamp 12", "lamp 11", "lamp 12"]);
  });

  test("of assets: made, changed and deleted, once each", async () => {
    const { manager, here, assets, room } = await live();
    const heard: string[] = [];
    assets.onAssets(
      { of: "below", assetId: room },
      (event: AssetEvent) => {
        heard.push(`${event.cause} ${event.asset.get("name")}`);
      },
      { api },
    );
    here.device.start();
    await until("it is live", () => isLive(here));
    const id = manager.addAsset({ realm: "master", name: "new", parentId: room, attributes: {} });
    manager.editAsset(id, { name: "newer" });
    manager.deleteAsset(id);
    await until("it has heard all", () => heard.length === 3);
    expect(heard).toEqual(["CREATE new", "UPDATE newer", "DELETE newer"]);
  });

  test("as bare values, with whose they are", async () => {
    const { manager, here, assets, room, lamp } = await live();
    const heard: unknown[] = [];
    assets.onValues({ of: "below", assetId: room, attribute: "on" }, (...told) => heard.push(told), { api });
    assets.onValues({ of: "asset", assetId: lamp, attribute: "note" }, (...told) => heard.push(told), { api });
    here.device.start();
    await until("it is live", () => isLive(here));
    manager.write(lamp, "on", true);
    manager.write(lamp, "note", "x");
    await until("it has heard", () => heard.length === 2);
    expect(heard).toEqual([
      [lamp, "on", true],
      [lamp, "note", "x"],
    ]);
    expect(manager.denied).toEqual([]);
  });
});

describe("a gateway", () => {
  async function liveGateway() {
    const { manager } = await startManager();
    const gateway = manager.addAsset({ realm: "master", type: "GatewayV2Asset", name: "gateway" });
    const { clientId, password } = manager.credentialsOf(gateway);
    const child = manager.addAsset({
      ...{ realm: "master", name: "child", parentId: gateway },
      attributes: { level: { type: "number", value: 1 } },
    });
    const here = boot({
      ...{ manager, openremote: { realm: "master", assetId: gateway, gatewayApi: true } },
      config: { credentials: { userName: clientId, password, clientId } },
    });
    return { manager, gateway, child, here, assets: here.device.assets, clientId };
  }

  test("gets what others write to the assets below it, and what it acknowledges is stored", async () => {
    const { manager, child, here, assets } = await liveGateway();
    const pending: PendingEvent[] = [];
    assets.onPending((event) => pending.push(event));
    here.device.start();
    await until("it is live", () => isLive(here));
    manager.write(child, "level", 50);
    await until("it has heard", () => pending.length === 1);
    expect(pending[0]).toMatchObject({ assetId: child, name: "level", value: 50 });
    expect(manager.valueOf(child, "level")).toBe(1);
    assets.acknowledge("wrong");
    assets.acknowledge(String(pending[0]?.ackId));
    await until("it is stored", () => manager.valueOf(child, "level") === 50);
    expect(manager.pending).toEqual([]);
  });

  test("writes to the assets below it without being asked itself, and makes more of them", async () => {
    const { manager, gateway, child, here, assets } = await liveGateway();
    const pending: PendingEvent[] = [];
    assets.onPending((event) => pending.push(event));
    here.device.start();
    await answer((callback) => assets.write(child, "level", 7, {}, callback));
    await until("it is stored", () => manager.valueOf(child, "level") === 7);
    const { result } = await answer((callback) => assets.create({ type: "ThingAsset", name: "more" }, {}, callback));
    const made = (result as Result).get("asset") as Result;
    expect(manager.asset(String(made.get("id"))).parentId).toBe(gateway);
    expect(pending).toEqual([]);
  });

  test("asks for its own values without losing its session", async () => {
    const { manager, gateway, here } = await liveGateway();
    const heard: (Json | undefined)[] = [];
    here.device.attributes.onShared("gatewayStatus", (value) => heard.push(value));
    here.device.start();
    await until("it has heard", () => heard.includes("CONNECTED"));
    expect(manager.valueOf(gateway, "gatewayStatus")).toBe("CONNECTED");
    expect(manager.denied).toEqual([]);
  });

  test("makes nothing below a foreign asset, and nobody else takes what is its own", async () => {
    const { manager, child, here, assets } = await liveGateway();
    const foreign = manager.addAsset({ realm: "master", name: "foreign", attributes: {} });
    here.device.start();
    const template = { type: "ThingAsset", name: "more", parentId: foreign };
    const { error } = await answer((callback) => assets.create(template, {}, callback));
    expect(error).toMatchObject({ reason: "operation-invalid" });
    const user = manager.addUser({ realm: "master", username: "ordinary", secret: "s" });
    const other = boot({
      ...{ manager, openremote: { realm: user.realm, assetId: foreign, gatewayApi: true } },
      config: { credentials: { userName: "ordinary", password: "s", clientId: "ordinary" } },
    });
    other.device.start();
    const denied = await answer((callback) => other.device.assets.delete(child, {}, callback));
    expect(denied.error).toMatchObject({ reason: "operation-denied" });
    expect(manager.hasAsset(child)).toBe(true);
  });

  test("moves nothing out of its own, and nothing in", async () => {
    const { manager, gateway, child, here, assets } = await liveGateway();
    const foreign = manager.addAsset({ realm: "master", name: "foreign", attributes: {} });
    here.device.start();
    const template = { type: "ThingAsset", name: "child", attributes: {} };
    const out = await answer((callback) => assets.update(child, { ...template, parentId: foreign }, {}, callback));
    expect(out.error).toMatchObject({ reason: "operation-invalid" });
    expect(manager.asset(child).parentId).toBe(gateway);
    const into = await answer((callback) => assets.update(foreign, { ...template, parentId: gateway }, {}, callback));
    expect(into.error).toMatchObject({ reason: "operation-denied" });
    expect(manager.asset(foreign).parentId).toBeUndefined();
  });

  test("is given a foreign asset by name as denied", async () => {
    const { manager, here, assets } = await liveGateway();
    const foreign = manager.addAsset({ realm: "master", name: "foreign", attributes: { level: { type: "number" } } });
    here.device.start();
    const { error } = await answer((callback) => assets.getValue(foreign, "level", {}, callback));
    expect(error).toMatchObject({ reason: "operation-denied" });
  });
});

test("operations are refused by name where the manager is not said to have them", async () => {
  const { manager, room } = await startManager();
  const { device } = boot({ manager, openremote: { realm: "master", assetId: room } });
  const nothing = () => undefined;
  expect(() => device.assets.get(room, {}, nothing)).toThrow("assets: needs config.openremote.gatewayApi");
  expect(() => device.assets.onPending(nothing)).toThrow("gatewayApi");
  expect(() => device.assets.onAssets({ of: "realm" }, nothing, { api: "gateway" })).toThrow("gatewayApi");
  expect(() => device.attributes.request({ shared: ["a"] }, {}, nothing)).toThrow("attributes.request: OpenRemote");
  expect(() => device.rpc.call("m", {})).toThrow("rpc.call: OpenRemote has no methods to call");
  expect(() => device.rpc.handle("m", {}, nothing)).toThrow("rpc.handle: OpenRemote");
  expect(() => device.claiming.open()).toThrow("claiming.open: the platform has no claiming");
  expect(() => device.telemetry.record("a b", 1)).toThrow('key: "a b" is not of letters');
  expect(() => device.attributes.publish({ "a/b": 1 })).toThrow('values: "a/b" is not of letters');
  expect(() => device.attributes.onShared("a b", nothing)).toThrow('name: "a b" is not of letters');
});
