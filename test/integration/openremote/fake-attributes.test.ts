// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { login, messages, nextJson, own, startManager } from "./manager-fixture.js";

test("B1: a user under the name of another realm is refused", async () => {
  const { manager, open } = await startManager();
  manager.addRealm("other");
  const client = await open();
  client.send(login({ username: "other:device" }));
  expect((await client.next("connack")).returnCode).toBe(5);
  await client.closed();
  expect(manager.clients).toHaveLength(0);
});

test("B2: right credentials let in", async () => {
  const { manager, connect, user } = await startManager();
  await connect();
  expect(manager.clients.map((client) => client.user)).toEqual([user]);
});

test("B3: filters of another realm, without client id, and of another client are denied", async () => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect();
  const filters = [`other/raw/attribute/+/${lamp}`, `master/attribute/+/${lamp}`, `master/you/attribute/+/${lamp}`];
  expect(await client.subscribe(filters)).toEqual([0x80, 0x80, 0x80]);
  manager.write(lamp, "level", 50);
  expect(await messages(client)).toEqual([]);
});

test("B4: a change of an attribute is told once, with id, name, value and time", async () => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect();
  expect(await client.subscribe([own(`attribute/+/${lamp}`)])).toEqual([1]);
  manager.write(lamp, "level", 50);
  manager.write(lamp, "on", true);
  const { timestamp } = manager.attribute(lamp, "level");
  expect(await nextJson(client)).toEqual({
    topic: own(`attribute/level/${lamp}`),
    json: {
      eventType: "attribute",
      ref: { id: lamp, name: "level" },
      value: 50,
      timestamp,
      deleted: false,
      realm: "master",
    },
  });
  expect(await nextJson(client)).toMatchObject({ json: { ref: { name: "on" }, value: true } });
  expect(await messages(client)).toEqual([]);
});

test("B5: what is written is stored with its type, and told to the writer", async () => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect();
  await client.subscribe([own(`attributevalue/+/${lamp}`)]);
  client.publish(own(`writeattributevalue/level/${lamp}`), "70");
  client.publish(own(`writeattributevalue/on/${lamp}`), "false");
  client.publish(own(`writeattributevalue/on/${lamp}`), "true");
  const topic = own(`attributevalue/on/${lamp}`);
  expect(await messages(client)).toEqual([
    { topic: own(`attributevalue/level/${lamp}`), payload: "70" },
    { topic, payload: "false" },
    { topic, payload: "true" },
  ]);
  expect(manager.valueOf(lamp, "level")).toBe(70);
  expect(manager.valueOf(lamp, "on")).toBe(true);
});

test("B6: nothing comes after UNSUBSCRIBE", async () => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect();
  const filter = own(`attribute/+/${lamp}`);
  await client.subscribe([filter]);
  client.send({ cmd: "unsubscribe", messageId: 9, unsubscriptions: [filter] });
  await client.next("unsuback");
  manager.write(lamp, "level", 50);
  expect(await messages(client)).toEqual([]);
});

test("B7: a filter of one attribute gets only that one", async () => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect();
  await client.subscribe([own(`attribute/level/${lamp}`)]);
  manager.write(lamp, "on", true);
  manager.write(lamp, "level", 50);
  expect((await messages(client)).map(({ topic }) => topic)).toEqual([own(`attribute/level/${lamp}`)]);
});

test.each([
  ["attribute/+/#", ["site", "room", "lamp", "shed"]],
  ["attribute/level/#", ["site", "room", "lamp", "shed"]],
  ["attribute/+/+", ["site", "shed"]],
  ["attribute/level/+", ["site", "shed"]],
  ["attribute/+/{site}/#", ["{site}/site", "{site}/room", "{site}/lamp"]],
  ["attribute/level/{room}/#", ["{room}/room", "{room}/lamp"]],
  ["attribute/+/{site}/+", ["{site}/room"]],
  ["attribute/level/{room}/+", ["{room}/lamp"]],
])("B8: %s gets attributes of the right assets", async (filter, expected) => {
  const { connect, manager, ...assets } = await startManager();
  const ids: Record<string, string> = { site: assets.site, room: assets.room, lamp: assets.lamp, shed: assets.shed };
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? "");
  const client = await connect();
  expect(await client.subscribe([own(filled(filter))])).toEqual([1]);
  for (const id of Object.values(ids)) manager.write(id, "level", 50);
  const topics = expected.map((place) => own(`attribute/level/${filled(place.replace(/\w+$/, "{$&}"))}`));
  expect((await messages(client)).map(({ topic }) => topic)).toEqual(topics);
});

test("B9: a bare value comes beside an event, and overlapping filters multiply", async () => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect();
  await client.subscribe([own(`attributevalue/level/${lamp}`), own(`attribute/+/${lamp}/#`)]);
  manager.write(lamp, "level", 50);
  manager.write(lamp, "on", true);
  const first = await messages(client);
  expect(first.map(({ topic }) => topic).sort()).toEqual(
    [
      own(`attribute/level/${lamp}/${lamp}`),
      own(`attribute/on/${lamp}/${lamp}`),
      own(`attributevalue/level/${lamp}`),
    ].sort(),
  );
  expect(first.find(({ topic }) => topic.includes("attributevalue"))?.payload).toBe("50");
  await client.subscribe([own(`attributevalue/+/${lamp}`)]);
  manager.write(lamp, "level", 51);
  const copies = (await messages(client)).filter(({ topic }) => topic.includes("attributevalue"));
  expect(copies).toHaveLength(4);
});

test("B10: a clean session forgets its subscriptions, another keeps them", async () => {
  const { connect, lamp, manager, open } = await startManager();
  for (const clean of [true, false]) {
    const client = await connect({ clean });
    await client.subscribe([own(`attributevalue/level/${lamp}`)]);
    client.send({ cmd: "disconnect" });
    await client.closed();
    manager.write(lamp, "level", 7);
    const again = await open();
    again.send(login({ clean }));
    expect(await again.next("connack")).toMatchObject({ returnCode: 0, sessionPresent: !clean });
    manager.write(lamp, "level", 8);
    const topic = own(`attributevalue/level/${lamp}`);
    expect(await messages(again)).toEqual(clean ? [] : [{ topic, payload: "8" }]);
    again.send({ cmd: "disconnect" });
    await again.closed();
  }
});

test("B11: assets that change, come and go are told to filters of assets", async () => {
  const { connect, site, room, manager } = await startManager();
  const client = await connect();
  expect(await client.subscribe([own("asset/+"), own(`asset/${site}/#`)])).toEqual([1, 1]);
  manager.editAsset(site, { attributes: { more: { type: "number" } } });
  const attic = manager.addAsset({ realm: "master", parentId: room });
  manager.deleteAsset(attic);
  const events = (await messages(client)).map(({ topic, payload }) => {
    const { cause, asset, updatedProperties } = JSON.parse(payload);
    return [topic, cause, asset.id, updatedProperties];
  });
  const topic = own(`asset/${site}/${attic}`);
  expect(events).toEqual([
    [own(`asset/${site}`), "UPDATE", site, ["attributes"]],
    // A trailing # matches the level above it too.
    [own(`asset/${site}`), "UPDATE", site, ["attributes"]],
    [own(`asset/${site}/${site}`), "UPDATE", site, ["attributes"]],
    [topic, "CREATE", attic, undefined],
    [topic, "DELETE", attic, undefined],
  ]);
});

test("B12: a will writes its value when the connection breaks, and not after DISCONNECT", async () => {
  const { connect, lamp, manager } = await startManager();
  const will = { topic: own(`writeattributevalue/level/${lamp}`), payload: Buffer.from("1000"), qos: 0, retain: false };
  const orderly = await connect({ will } as object);
  orderly.send({ cmd: "disconnect" });
  await orderly.closed();
  expect(manager.valueOf(lamp, "level")).toBe(1);
  (await connect({ will } as object)).destroy();
  await manager.until(() => manager.valueOf(lamp, "level") === 1000);
  await connect();
});

test("B13: a value with its time carries it, and an older one goes into the history only", async () => {
  const { connect, lamp, manager } = await startManager({ now: () => 1000 });
  const client = await connect();
  await client.subscribe([own(`attribute/level/${lamp}`)]);
  const write = async (point: unknown) => {
    client.publish(own(`writeattribute/level/${lamp}`), JSON.stringify(point));
    return (await messages(client)).map(({ payload }) => JSON.parse(payload).timestamp);
  };
  manager.attribute(lamp, "level").timestamp = 100;
  expect(await write({ value: 170, timestamp: 105 })).toEqual([105]);
  expect(await write({ value: 3, timestamp: 50 })).toEqual([]);
  expect(await write({ value: 171, timestamp: 105 })).toEqual([]);
  expect(manager.valueOf(lamp, "level")).toBe(171);
  expect(await write({ value: 172, timestamp: 9000 })).toEqual([1000]);
  expect(manager.history(lamp, "level")).toEqual([
    { timestamp: 50, value: 3 },
    { timestamp: 105, value: 171 },
    { timestamp: 1000, value: 172 },
  ]);
});

test("B14: a will that its client may not publish comes to nothing", async () => {
  const { connect, lamp, manager } = await startManager();
  manager.addUser({ realm: "master", username: "guest", secret: "s", isRestricted: true });
  const more = { username: "master:guest", password: Buffer.from("s"), clientId: "guest" };
  for (const [id, credentials] of [
    ["you", {}],
    ["guest", more],
  ] as const) {
    const topic = `master/${id}/writeattributevalue/level/${lamp}`;
    const denied = manager.denied.length;
    const client = await connect({
      ...credentials,
      will: { topic, payload: Buffer.from("1000"), qos: 0, retain: false },
    });
    client.destroy();
    await manager.until(() => manager.denied.length > denied);
    expect(manager.valueOf(lamp, "level")).toBe(1);
  }
});

test("B15: a restricted user may subscribe to, and write, only what is linked and open", async () => {
  const { connect, lamp, room, manager } = await startManager();
  manager.addUser({ realm: "master", username: "guest", secret: "s", isRestricted: true, links: [lamp] });
  const client = await connect({ username: "master:guest", password: Buffer.from("s") });
  expect(await client.subscribe([own(`attribute/+/${room}`), own(`attribute/+/${lamp}`)])).toEqual([0x80, 1]);
  client.publish(own(`writeattributevalue/level/${lamp}`), "5");
  await manager.until(() => manager.valueOf(lamp, "level") === 5);
  client.publish(own(`writeattributevalue/note/${lamp}`), '"x"');
  expect((await client.closed()).map(({ cmd }) => cmd)).toContain("publish");
  expect(manager.valueOf(lamp, "note")).toBe(null);
});

test("B16: a change of its links disconnects a restricted user that subscribed, and then counts", async () => {
  const { connect, lamp, room, manager, open } = await startManager({ linkChangeDelay: 20 });
  const guest = manager.addUser({
    realm: "master",
    username: "guest",
    secret: "s",
    isRestricted: true,
    links: [lamp],
  });
  const credentials = { username: "master:guest", password: Buffer.from("s"), clean: false };
  const filters = [own(`attribute/+/${lamp}`), own(`attribute/+/${room}`)];
  const client = await connect(credentials);
  expect(await client.subscribe(filters)).toEqual([1, 0x80]);
  manager.link(guest, room);
  await client.closed();
  const again = await open();
  again.send(login(credentials));
  expect(await again.next("connack")).toMatchObject({ returnCode: 0, sessionPresent: false });
  expect(await again.subscribe(filters)).toEqual([1, 1]);
  manager.unlink(guest, room);
  await again.closed();
  expect(await (await connect(credentials)).subscribe(filters)).toEqual([1, 0x80]);
});

test("B17: filters of a whole realm get a restricted user only what is linked and open to it", async () => {
  const { connect, lamp, room, manager } = await startManager();
  manager.addUser({ realm: "master", username: "guest", secret: "s", isRestricted: true, links: [lamp] });
  const client = await connect({ username: "master:guest", password: Buffer.from("s") });
  expect(await client.subscribe([own("attribute/+/#"), own("asset/#")])).toEqual([1, 1]);
  for (const name of ["level", "note"]) {
    manager.write(lamp, name, 50);
    manager.write(room, name, 50);
  }
  manager.editAsset(room, { name: "hall" });
  manager.editAsset(lamp, { name: "torch" });
  const got = await messages(client);
  expect(got.map(({ topic }) => topic)).toEqual([own(`attribute/level/${lamp}`), own(`asset/${lamp}`)]);
  expect(Object.keys(JSON.parse(got[1]?.payload ?? "").asset.attributes)).toEqual(["level", "on"]);
});
