// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { Requester } from "./gateway-fixture.js";
import { login, messages, own, startManager } from "./manager-fixture.js";

const sensor = { type: "PresenceSensorAsset", name: "Hall", attributes: { presence: {}, notes: {}, location: {} } };

async function start() {
  const fixture = await startManager();
  return { ...fixture, requester: new Requester(await fixture.connect()) };
}

test("G1: an asset is created, and the response to the chosen identifier shows it", async () => {
  const { requester, manager } = await start();
  const event = await requester.ask("abc/create", sensor);
  expect(event).toMatchObject({ eventType: "asset", cause: "CREATE", timestamp: 0 });
  const { id, attributes, ...asset } = event.asset;
  const { type, name } = sensor;
  expect(asset).toEqual({ version: 0, name, accessPublicRead: false, realm: "master", type });
  expect(attributes.presence).toEqual({
    name: "presence",
    type: "boolean",
    meta: {},
    value: null,
    timestamp: manager.attribute(id, "presence").timestamp,
  });
});

test.each([
  ["nothing", ""],
  ["no JSON", "x"],
  ["no type", { name: "x" }],
])("a template with %s is no template", async (_, template) => {
  const { requester } = await start();
  expect(await requester.ask("abc/create", template)).toEqual({
    type: "error",
    error: "BAD_REQUEST",
    message: "Invalid asset template",
  });
});

test("what a type demands has to be in a template", async () => {
  const { requester } = await start();
  const missing = ["notes", "location", "presence"].map((name) => `attributes.${name}: required attribute is missing`);
  expect(await requester.ask("abc/create", { ...sensor, attributes: {} })).toEqual({
    type: "error",
    error: "BAD_REQUEST",
    message: `Asset validation failed: ${missing.join(", ")}, : Asset is not valid`,
  });
});

test("an identifier in a template is made up", async () => {
  const { requester } = await start();
  const { asset } = await requester.ask("abc/create", { ...sensor, name: "%UNIQUE_ID%" });
  expect(asset.name).toMatch(/^[0-9A-Za-z]{22}$/);
});

test("G2: an id that is taken is a conflict, and a new one needs its realm", async () => {
  const { requester, lamp } = await start();
  expect(await requester.ask("abc/create", { ...sensor, id: lamp })).toEqual({
    type: "error",
    error: "CONFLICT",
    message: "Asset ID already exists",
  });
  const id = `${lamp.slice(0, -3)}000`;
  expect(await requester.ask("abc/create", { ...sensor, id })).toEqual({
    type: "error",
    error: "INTERNAL_SERVER_ERROR",
    message: "Failed to process asset",
  });
  expect(await requester.ask("abc/create", { ...sensor, id, realm: "master" })).toMatchObject({ asset: { id } });
});

test("G3: an asset is got, updated and deleted with all below it", async () => {
  const { requester, manager, site, room, lamp } = await start();
  const asset = await requester.ask(`${room}/get`);
  expect(asset).toMatchObject({ id: room, name: "room", parentId: site, path: [site, room], version: 0 });
  const updated = await requester.ask(`${room}/update`, { ...asset, name: "hall" });
  expect(updated).toMatchObject({ cause: "UPDATE", asset: { name: "hall", parentId: site, version: 1 } });
  expect(await requester.ask(`${room}/delete`)).toMatchObject({ cause: "DELETE", asset: { id: room } });
  expect([room, lamp, site].map((id) => manager.hasAsset(id))).toEqual([false, false, true]);
});

test("an update without parent and attributes takes them away", async () => {
  const { requester, manager, room } = await start();
  await requester.ask(`${room}/update`, { type: "ThingAsset", name: "hall" });
  expect(manager.asset(room)).toMatchObject({ parentId: undefined });
  expect(manager.asset(room).attributes.size).toBe(0);
});

test("an asset that is not there is found missing by get, and denied to all else", async () => {
  const { requester, manager } = await start();
  const nobody = "0000000000000000000000";
  expect(await requester.ask(`${nobody}/get`)).toEqual({
    type: "error",
    error: "NOT_FOUND",
    message: "Asset not found",
  });
  requester.tell(`${nobody}/delete`);
  await requester.client.closed();
  expect(manager.denied).toMatchObject([{ reason: "no such asset" }]);
});

test("what was deleted once is found missing the second time", async () => {
  const { requester, room } = await start();
  await requester.ask(`${room}/delete`);
  expect(await requester.ask(`${room}/delete`)).toMatchObject({ error: "NOT_FOUND" });
});

test("G4: an attribute takes raw text, and the response repeats it", async () => {
  const { requester, manager, lamp } = await start();
  expect(await requester.ask(`${lamp}/attributes/level/update`, "70")).toEqual({
    eventType: "attribute",
    ref: { id: lamp, name: "level" },
    value: "70",
    timestamp: 0,
    deleted: false,
  });
  expect(manager.valueOf(lamp, "level")).toBe(70);
  await requester.ask(`${lamp}/attributes/note/update`, '"a"');
  expect(manager.valueOf(lamp, "note")).toBe('"a"');
  expect(await requester.ask(`${lamp}/attributes/level/update`, "much")).toMatchObject({ value: "much" });
  expect(manager.valueOf(lamp, "level")).toBe(70);
});

test("G5: an attribute is got whole, or only its value, if it has one", async () => {
  const { requester, manager, lamp } = await start();
  manager.write(lamp, "level", 70);
  const whole = { name: "level", type: "number", value: 70 };
  expect(await requester.ask(`${lamp}/attributes/level/get-value`)).toBe(70);
  expect(await requester.ask(`${lamp}/attributes/level/get`)).toMatchObject(whole);
  expect(await requester.ask(`${lamp}/attributes/note/get-value`)).toMatchObject({ name: "note", value: null });
  expect(await requester.ask(`${lamp}/attributes/nothing/get`)).toEqual({
    type: "error",
    error: "NOT_FOUND",
    message: "Attribute not found",
  });
});

test("an attribute of an asset that is not there is not answered", async () => {
  const { requester } = await start();
  requester.tell("0000000000000000000000/attributes/level/get");
  expect(await messages(requester.client)).toEqual([]);
});

test("G6: several attributes are updated at once, or none", async () => {
  const { requester, manager, lamp } = await start();
  const tail = `${lamp}/attributes/update`;
  const events = await requester.ask(tail, { level: 80, on: "true" });
  expect(events).toMatchObject([{ ref: { name: "level" }, value: 80 }, { value: "true" }]);
  expect([manager.valueOf(lamp, "level"), manager.valueOf(lamp, "on")]).toEqual([80, true]);
  expect(await requester.ask(tail, { level: 1, nothing: 1 })).toEqual({
    type: "error",
    error: "UNAUTHORIZED",
    message: "One or more attribute updates were not authorized",
  });
  expect(manager.valueOf(lamp, "level")).toBe(80);
  expect(await requester.ask(tail, "")).toMatchObject({ error: "BAD_REQUEST", message: "Invalid data provided" });
  requester.tell(tail, "[1]");
  expect(await messages(requester.client)).toEqual([]);
});

test("responses come only to topics of responses, and at QoS 0", async () => {
  const { requester, lamp } = await start();
  const { client } = requester;
  const filters = ["operations/#", "operations/assets/+/create", "operations/assets/+/create/response"];
  expect(await client.subscribe(filters.map(own))).toEqual([0x80, 0x80, 1]);
  await client.subscribe([`${requester.topic(`${lamp}/get`)}/response`]);
  requester.tell(`${lamp}/get`);
  expect(await client.nextPublish()).toMatchObject({ qos: 0 });
});

test("who may only read is denied to change anything, without an answer", async () => {
  const { manager, user, lamp, connect } = await start();
  manager.editUser(user, { roles: ["read:assets"] });
  for (const tail of ["abc/create", `${lamp}/update`, `${lamp}/delete`, `${lamp}/attributes/level/update`]) {
    const requester = new Requester(await connect({ clientId: "reader" }), "master/reader/");
    await requester.client.subscribe([`${requester.topic(tail)}/response`]);
    requester.tell(tail, "5");
    expect(await requester.client.closed()).toEqual([]);
  }
});

test("a restricted user creates nothing", async () => {
  const { manager, connect } = await start();
  manager.addUser({ realm: "master", username: "guest", secret: "s", isRestricted: true });
  const guest = login({ clientId: "guest", username: "master:guest", password: Buffer.from("s") });
  const requester = new Requester(await connect(guest), "master/guest/");
  requester.tell("abc/create", sensor);
  await requester.client.closed();
});

test("a mute manager answers nothing", async () => {
  const { requester, manager, lamp } = await start();
  manager.isMute = true;
  await requester.client.subscribe([`${requester.topic(`${lamp}/get`)}/response`]);
  requester.tell(`${lamp}/get`);
  expect(await messages(requester.client)).toEqual([]);
});
