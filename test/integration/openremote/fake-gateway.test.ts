// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { Requester, startGateway } from "./gateway-fixture.js";
import { messages, nextJson, own, startManager } from "./manager-fixture.js";

type Names = Readonly<Record<string, string>>;

function filled(text: string, ids: Names): string {
  return text.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? "");
}

/** Topics after `events/assets/` of what comes when every asset changes. */
async function eventTopics(filter: string, change: "asset" | "attribute"): Promise<string[]> {
  const { manager, connect, site, room, lamp, shed } = await startManager();
  const ids: Names = { site, room, lamp, shed };
  const client = await connect();
  expect(await client.subscribe([own(`events/assets/${filled(filter, ids)}`)])).toEqual([1]);
  for (const [name, id] of Object.entries(ids)) {
    if (change === "attribute") manager.write(id, "level", 50);
    else manager.editAsset(id, { attributes: { level: { type: "number" }, [name]: { type: "text" } } });
  }
  const prefix = own("events/assets/");
  return (await messages(client)).map(({ topic }) => {
    const tail = topic.slice(prefix.length);
    return Object.entries(ids).reduce((text, [name, id]) => text.replaceAll(id, name), tail);
  });
}

test.each([
  ["#", ["site", "room", "lamp", "shed"]],
  ["+", ["site", "shed"]],
  ["{room}", ["room"]],
  ["{site}/#", ["site/site", "site/room", "site/lamp"]],
  ["{site}/+", ["site/room"]],
])("G7: %s gets events of the right assets", async (filter, expected) => {
  expect(await eventTopics(filter, "asset")).toEqual(expected);
});

test.each([
  ["+/attributes/#", ["site", "room", "lamp", "shed"].map((id) => `${id}/attributes/level`)],
  ["+/attributes/+", ["site", "shed"].map((id) => `${id}/attributes/level`)],
  ["+/attributes/level/#", ["site", "room", "lamp", "shed"].map((id) => `${id}/attributes/level/${id}`)],
  ["+/attributes/level/+", ["site", "shed"].map((id) => `${id}/attributes/level/${id}`)],
  ["+/attributes/on/#", []],
  ["{room}/attributes", ["room/attributes"]],
  ["{room}/attributes/level", ["room/attributes/level"]],
  ["{room}/attributes/on", []],
  ["{site}/attributes/level/#", ["site", "room", "lamp"].map((id) => `site/attributes/level/${id}`)],
  ["{site}/attributes/level/+", ["site/attributes/level/room"]],
])("G8: %s gets attributes of the right assets", async (filter, expected) => {
  expect(await eventTopics(filter, "attribute")).toEqual(expected);
});

test.each(["{lamp}/attributes/+", "{lamp}/attributes/#", "+/attributes", "+/attributes/level", "{lamp}/x/y", "x"])(
  "%s is no filter of events",
  async (filter) => {
    const { connect, lamp } = await startManager();
    const client = await connect();
    expect(await client.subscribe([own(`events/assets/${filled(filter, { lamp })}`)])).toEqual([0x80]);
  },
);

test("G9: bare values come where they are asked for", async () => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect();
  const filters = [`events/assets/${lamp}/attributes-value/level`, `events/assets/${lamp}/attributes/on`].map(own);
  expect(await client.subscribe(filters)).toEqual([1, 1]);
  manager.write(lamp, "level", 50);
  manager.write(lamp, "level", null);
  manager.write(lamp, "on", true);
  const got = await messages(client);
  expect(got.slice(0, 2).map(({ payload }) => payload)).toEqual(["50", "null"]);
  expect(JSON.parse(got[2]?.payload ?? "")).toMatchObject({ eventType: "attribute", value: true });
});

test("G10: what a gateway creates is below it, and nowhere else", async () => {
  const { requester, manager, gateway, child, room } = await startGateway();
  const template = { type: "ThingAsset", name: "new" };
  const { asset } = await requester.ask("a/create", template);
  expect(asset.parentId).toBe(gateway);
  expect((await requester.ask("a/create", { ...template, parentId: child })).asset.parentId).toBe(child);
  const count = manager.assets("master").length;
  expect(await requester.ask("a/create", { ...template, parentId: room })).toEqual({
    type: "error",
    error: "BAD_REQUEST",
    message: "Bad request, the asset cannot be created with the provided parent ID",
  });
  expect(manager.assets("master")).toHaveLength(count);
});

test("G11: what others write below a gateway waits for the gateway's acknowledgement", async () => {
  const { requester, manager, prefix, child } = await startGateway();
  const { client } = requester;
  expect(await client.subscribe([`${prefix}gateway/events/pending`])).toEqual([1]);
  manager.write(child, "level", 9);
  const packet = await client.nextPublish();
  const { ackId, event } = JSON.parse(packet.payload);
  expect(packet).toMatchObject({ topic: `${prefix}gateway/events/pending`, qos: 1 });
  expect(ackId).toMatch(/^[0-9A-Za-z]{22}$/);
  expect(event).toMatchObject({ eventType: "attribute", ref: { id: child, name: "level" }, value: 9 });
  expect(manager.clients[0]?.unacknowledged.size).toBe(1);
  client.acknowledge(packet.messageId);
  for (const wrong of ["x", `"${ackId}"`]) client.publish(`${prefix}gateway/events/acknowledge`, wrong);
  await client.settle();
  expect(manager.clients[0]?.unacknowledged.size).toBe(0);
  expect(manager.valueOf(child, "level")).toBe(1);
  client.publish(`${prefix}gateway/events/acknowledge`, ackId);
  await manager.until(() => manager.valueOf(child, "level") === 9);
  expect(manager.attribute(child, "level").timestamp).toBe(event.timestamp);
  expect(manager.pending).toEqual([]);
});

test("G12: what a gateway writes itself is stored at once, but by the other API it is pending", async () => {
  const { requester, manager, prefix, child } = await startGateway();
  const { client } = requester;
  await client.subscribe([`${prefix}gateway/events/pending`]);
  await requester.ask(`${child}/attributes/level/update`, "5");
  expect(manager.valueOf(child, "level")).toBe(5);
  client.publish(`${prefix}writeattributevalue/level/${child}`, "6");
  expect(await nextJson(client)).toMatchObject({ json: { event: { value: 6 } } });
  expect(manager.valueOf(child, "level")).toBe(5);
});

test.each(["attributes/level/update", "attributes/level/get-value", "update", "delete"])(
  "G13: %s of what is not below it is denied to a gateway, without an answer",
  async (operation) => {
    const { requester, manager, lamp } = await startGateway();
    const tail = `${lamp}/${operation}`;
    await requester.client.subscribe([`${requester.topic(tail)}/response`]);
    requester.tell(tail, "5");
    expect(await requester.client.closed()).toEqual([]);
    expect(manager.valueOf(lamp, "level")).toBe(1);
  },
);

test("a gateway is told that several attributes are not its own, and may get any asset", async () => {
  const { requester, lamp } = await startGateway();
  expect(await requester.ask(`${lamp}/attributes/update`, { level: 5 })).toMatchObject({ error: "UNAUTHORIZED" });
  expect(await requester.ask(`${lamp}/get`)).toMatchObject({ id: lamp });
});

test.each(["update", "delete"])("G14: a user may not %s what is below a gateway", async (operation) => {
  const { connect, manager, child } = await startGateway();
  const requester = new Requester(await connect());
  requester.tell(`${child}/${operation}`, { type: "ThingAsset", name: "mine" });
  await requester.client.closed();
  expect(manager.asset(child).name).toBe("child");
});

test("G14: nor may it create anything there", async () => {
  const { connect, gateway, child } = await startGateway();
  const requester = new Requester(await connect());
  for (const parentId of [gateway, child]) {
    expect(await requester.ask("a/create", { type: "ThingAsset", name: "mine", parentId })).toMatchObject({
      error: "BAD_REQUEST",
    });
  }
});

test("G15: a gateway moves nothing out, but to the root, and nothing in", async () => {
  const { requester, manager, gateway, child, room, lamp, connect } = await startGateway();
  const template = { type: "ThingAsset", name: "child" };
  expect(await requester.ask(`${child}/update`, { ...template, parentId: room })).toEqual({
    type: "error",
    error: "BAD_REQUEST",
    message: "Bad request, the asset cannot be updated with the provided parent ID",
  });
  expect(manager.asset(child).parentId).toBe(gateway);
  await requester.ask(`${child}/update`, template);
  expect(manager.asset(child).parentId).toBeUndefined();
  requester.tell(`${lamp}/update`, { ...template, parentId: gateway });
  await requester.client.closed();
  expect(manager.asset(lamp).parentId).toBe(room);
  await connect();
});

test("a gateway subscribes to events of what is below it, and of nothing else", async () => {
  const { requester, manager, prefix, gateway, child, lamp } = await startGateway();
  const filter = (tail: string): string => `${prefix}events/assets/${tail}`;
  const filters = ["#", "+", gateway, `${gateway}/#`, lamp, "+/attributes/#"].map(filter);
  expect(await requester.client.subscribe(filters)).toEqual(filters.map(() => 0x80));
  expect(await requester.client.subscribe([filter(`${child}/attributes/level/#`)])).toEqual([1]);
  // It leaks: the filter by path takes all that is below the gateway.
  const attributes = { level: { type: "number" } };
  const sibling = manager.addAsset({ realm: "master", parentId: gateway, attributes });
  expect(await messages(requester.client)).toMatchObject([{ topic: filter(`${child}/attributes/level/${sibling}`) }]);
});

test("only gateways have pending events", async () => {
  const { connect } = await startManager();
  const client = await connect();
  expect(await client.subscribe([own("gateway/events/pending")])).toEqual([0x80]);
  client.publish(own("gateway/events/acknowledge"), "x");
  await client.closed();
});

test("a gateway under another client id is a user as any other", async () => {
  const { manager, gateway, connect } = await startGateway();
  const { username, password } = manager.credentialsOf(gateway);
  const client = await connect({ username, password: Buffer.from(password) });
  expect(await client.subscribe([own("gateway/events/pending"), own("events/assets/#")])).toEqual([0x80, 1]);
});

test("a gateway's asset tells whether it is connected, and disabled it is kicked out", async () => {
  const { requester, manager, gateway, connect } = await startGateway();
  const status = (): unknown => manager.valueOf(gateway, "gatewayStatus");
  expect(status()).toBe("CONNECTED");
  requester.client.destroy();
  await manager.until(() => status() === "DISCONNECTED");
  manager.write(gateway, "disabled", true);
  const { clientId, username, password } = manager.credentialsOf(gateway);
  await (await connect({ clientId, username, password: Buffer.from(password) })).closed();
});

test("a gateway that is deleted is disconnected, and its user gone", async () => {
  const { requester, manager, gateway } = await startGateway();
  const { clientId } = manager.credentialsOf(gateway);
  manager.deleteAsset(gateway);
  await requester.client.closed();
  expect(manager.user("master", clientId)).toBeUndefined();
});

test("who comes back gets events of the Gateway API twice, unless it unsubscribed", async () => {
  const { connect, manager, lamp } = await startManager();
  const filter = own(`events/assets/${lamp}/attributes/level`);
  const counts: number[] = [];
  for (const isOrderly of [false, true, true]) {
    const client = await connect();
    await client.subscribe([filter]);
    manager.write(lamp, "level", counts.length + 10);
    counts.push((await messages(client)).length);
    if (isOrderly) client.send({ cmd: "unsubscribe", messageId: 9, unsubscriptions: [filter] });
    client.send({ cmd: "disconnect" });
    await client.closed();
  }
  expect(counts).toEqual([1, 2, 2]);
});
