// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import mqtt from "mqtt-packet";
import { makeAuthority } from "../../fakes/certificates.js";
import { connectPacket, RawClient } from "../server/raw-client.js";
import { anonymous, clientId, login, messages, own, startManager } from "./manager-fixture.js";

test.each([
  ["no colon", { username: "device" }],
  ["nothing before the colon", { username: ":device" }],
  ["an unknown user", { username: "master:you" }],
  ["a wrong secret", { password: Buffer.from("x") }],
  ["an empty secret", { password: Buffer.alloc(0) }],
])("a user name and secret with %s are refused", async (_, more) => {
  const { open } = await startManager();
  const client = await open();
  client.send(login(more));
  expect((await client.next("connack")).returnCode).toBe(5);
  await client.closed();
});

test("who gives no secret is let in, and may do nothing", async () => {
  const { open, lamp } = await startManager();
  const client = await open();
  client.send(connectPacket({ clientId, username: "master:device" }));
  expect((await client.next("connack")).returnCode).toBe(0);
  expect(await client.subscribe([own(`attribute/+/${lamp}`)])).toEqual([0x80]);
  client.publish(own(`writeattributevalue/level/${lamp}`), "5");
  await client.closed();
});

test("a client id is not taken over: the second connection is closed without a CONNACK", async () => {
  const { connect, open, manager } = await startManager();
  const first = await connect();
  const second = await open();
  second.send(login());
  expect(await second.closed()).toEqual([]);
  await first.settle();
  first.destroy();
  await manager.until(() => manager.clients.length === 0);
  await connect();
});

test.each([
  ["a second CONNECT", [login(), login({ clientId: "other" })]],
  ["anything before CONNECT", [{ cmd: "pingreq" } as const]],
])("%s closes the connection, and its client id is free again", async (_, packets) => {
  const { open, connect, manager } = await startManager();
  const client = await open();
  client.send(...packets);
  await client.closed();
  expect(manager.clients).toEqual([]);
  await connect();
});

test("without client id there is a clean session, or a refusal", async () => {
  const { open, manager } = await startManager();
  const clean = await open();
  clean.send(login({ clientId: "" }));
  expect((await clean.next("connack")).returnCode).toBe(0);
  expect(manager.clients[0]?.clientId).toMatch(/^[0-9a-f-]{36}$/);
  const kept = await open();
  const bytes = mqtt.generate(login({ clientId: "" }));
  // The codec does not write what is wrong: clears the flag for a clean session.
  bytes[9] = (bytes[9] ?? 0) & ~0x02;
  kept.write(bytes);
  expect((await kept.next("connack")).returnCode).toBe(2);
});

test.each([0, 61, 600])("a keep-alive of %d s is overruled to 60", async (keepalive) => {
  const { connect, manager } = await startManager();
  await connect({ keepalive });
  expect(manager.clients[0]?.timeout).toBe(90_000);
});

test("a silent client is dropped after one and a half keep-alives, and its will fires", async () => {
  const { connect, manager, lamp } = await startManager({ serverKeepAlive: 1 });
  const topic = own(`writeattributevalue/note/${lamp}`);
  const client = await connect({
    keepalive: 600,
    will: { topic, payload: Buffer.from('"gone"'), qos: 1, retain: false },
  });
  const start = Date.now();
  await client.closed();
  expect(Date.now() - start).toBeGreaterThan(1400);
  expect(manager.valueOf(lamp, "note")).toBe("gone");
});

test.each([
  ["an unknown attribute", (lamp: string) => own(`writeattributevalue/nothing/${lamp}`)],
  ["an unknown asset", () => own("writeattributevalue/level/0000000000000000000000")],
  ["an id that is too short", () => own("writeattributevalue/level/0")],
  ["the client id of another", (lamp: string) => `master/you/writeattributevalue/level/${lamp}`],
  ["another realm", (lamp: string) => `other/raw/writeattributevalue/level/${lamp}`],
  ["too many levels", (lamp: string) => own(`writeattributevalue/level/${lamp}/x`)],
  ["an unknown third level", (lamp: string) => own(`telemetry/level/${lamp}`)],
  ["a subscription's topic", (lamp: string) => own(`attribute/level/${lamp}`)],
  ["operations that are only described", (lamp: string) => own(`operations/assets/${lamp}/attributes/get`)],
])("PUBLISH to %s closes the connection, with no PUBACK", async (_, topic) => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect();
  client.publish(topic(lamp), "5");
  expect(await client.closed()).toEqual([]);
  expect(manager.denied).toMatchObject([{ kind: "denied", clientId, topic: topic(lamp) }]);
  expect(manager.valueOf(lamp, "level")).toBe(1);
});

test("under MQTT 3.1 what is denied is granted and acknowledged, and is dead", async () => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect({ protocolId: "MQIsdp", protocolVersion: 3 });
  expect(await client.subscribe([`master/you/attribute/+/${lamp}`])).toEqual([1]);
  const messageId = client.publish(own(`writeattributevalue/nothing/${lamp}`), "5");
  expect(await client.next("puback")).toMatchObject({ messageId });
  manager.write(lamp, "level", 5);
  expect(await messages(client)).toEqual([]);
});

test("messages of QoS 2 count once, and each is acknowledged", async () => {
  const { connect, lamp, manager } = await startManager();
  const client = await connect();
  const packet = client.publishPacket(own(`writeattributevalue/level/${lamp}`), "5", 2);
  client.send(packet, { ...packet, dup: true });
  expect(await client.next("pubrec")).toMatchObject({ messageId: packet.messageId });
  client.send({ cmd: "pubrel", messageId: packet.messageId ?? 0 });
  expect(await client.next("pubcomp")).toMatchObject({ messageId: packet.messageId });
  expect(manager.history(lamp, "level")).toHaveLength(1);
});

test.each([
  ["level", "70.5", 70.5],
  ["level", '"70"', 70],
  ["level", "null", null],
  ["level", "", null],
  ["level", "NaN", null],
  ["level", "true", 1],
  ["level", "[1]", 1],
  ["on", "1", true],
  ["on", "0", false],
  ["on", '"true"', true],
  ["on", "ON", null],
  ["note", '"text"', "text"],
  ["note", "5", "5"],
  ["note", "Hello", null],
  ["any", '{"a":[1]}', { a: [1] }],
])("%s of %s is stored as %j", async (name, payload, stored) => {
  const { connect, manager, shed } = await startManager();
  manager.editAsset(shed, {
    attributes: {
      level: { type: "number", value: 1 },
      on: { type: "boolean", value: true },
      note: { type: "text", value: "x" },
      any: { type: "JSON", value: 1 },
    },
  });
  const client = await connect();
  client.publish(own(`writeattributevalue/${name}/${shed}`), payload);
  await client.settle();
  expect(manager.valueOf(shed, name)).toEqual(stored);
});

test.each([
  ["level", '{"value":5}', 1],
  ["level", '{"value":5,"timestamp":0}', 1],
  ["level", '{"value":5,"timestamp":"2030-01-01T00:00:00Z"}', 1],
  ["level", "5", 1],
  ["level", '{"value":null,"timestamp":99999999999999}', 0],
  ["on", '{"value":null,"timestamp":99999999999999}', false],
  ["note", '{"value":null,"timestamp":"99999999999999"}', "null"],
])("%s with its time as %s is stored as %j", async (name, payload, stored) => {
  const { connect, manager, lamp } = await startManager();
  const client = await connect();
  client.publish(own(`writeattribute/${name}/${lamp}`), payload);
  await client.settle();
  expect(manager.valueOf(lamp, name)).toBe(stored);
});

test("a topic in another case is let through, and nobody listens", async () => {
  const { connect, manager, lamp } = await startManager();
  const client = await connect();
  client.publish(own(`WriteAttributeValue/level/${lamp}`), "5");
  await client.next("puback");
  expect(manager.valueOf(lamp, "level")).toBe(1);
});

test("a value beyond the constraints of its attribute is dropped", async () => {
  const { manager, shed } = await startManager();
  const constraints = [{ type: "max", max: 9 }];
  manager.editAsset(shed, { attributes: { level: { type: "number", value: 1, meta: { constraints } } } });
  manager.write(shed, "level", 10);
  expect(manager.valueOf(shed, "level")).toBe(1);
  expect(manager.log).toMatchObject([{ kind: "dropped", reason: "more than 9" }]);
});

test.each([
  ["is disabled", { isEnabled: false }, 5],
  ["has another secret", { secret: "other" }, 5],
  ["is called otherwise", { username: "thing" }, 5],
])("a user that %s is disconnected at once, and its session forgotten", async (_, edit, code) => {
  const { connect, manager, user, lamp, open } = await startManager();
  const client = await connect({ clean: false });
  await client.subscribe([own(`attribute/+/${lamp}`)]);
  manager.editUser(user, edit);
  await client.closed();
  const refused = await open();
  refused.send(login({ clean: false }));
  expect((await refused.next("connack")).returnCode).toBe(code);
  manager.editUser(user, { isEnabled: true, secret: "secret", username: "device" });
  const again = await open();
  again.send(login({ clean: false }));
  expect(await again.next("connack")).toMatchObject({ returnCode: 0, sessionPresent: false });
});

test("a user without the role to read or write is denied", async () => {
  const { connect, manager, user, lamp } = await startManager();
  manager.editUser(user, { roles: ["write:attributes"] });
  const writer = await connect();
  expect(await writer.subscribe([own(`attribute/+/${lamp}`)])).toEqual([0x80]);
  writer.publish(own(`writeattributevalue/level/${lamp}`), "5");
  await manager.until(() => manager.valueOf(lamp, "level") === 5);
  manager.editUser(user, { roles: ["read"] });
  const reader = await connect({ clientId: "reader" });
  expect(await reader.subscribe([`master/reader/attribute/+/${lamp}`])).toEqual([1]);
  reader.publish(`master/reader/writeattributevalue/level/${lamp}`, "6");
  await reader.closed();
  expect(manager.valueOf(lamp, "level")).toBe(5);
});

test("a permission to publish is remembered", async () => {
  const { connect, manager, user, lamp } = await startManager();
  const client = await connect();
  const topic = own(`writeattributevalue/level/${lamp}`);
  client.publish(topic, "5");
  await client.settle();
  manager.editUser(user, { roles: [] });
  client.publish(topic, "6");
  await client.settle();
  expect(manager.valueOf(lamp, "level")).toBe(6);
});

test("a second change within a millisecond is stored and not told", async () => {
  const { connect, manager, lamp } = await startManager();
  const client = await connect();
  await client.subscribe([own(`attributevalue/level/${lamp}`)]);
  const time = manager.attribute(lamp, "level").timestamp + 1;
  manager.write(lamp, "level", 5, time);
  manager.write(lamp, "level", 6, time);
  expect((await messages(client)).map(({ payload }) => payload)).toEqual(["5"]);
  expect(manager.valueOf(lamp, "level")).toBe(6);
});

test("a kept session whose subscriptions are no more allowed cannot come back", async () => {
  const { connect, lamp, open } = await startManager();
  const client = await connect({ clean: false });
  await client.subscribe([own(`attribute/+/${lamp}`)]);
  client.send({ cmd: "disconnect" });
  await client.closed();
  const nobody = await open();
  nobody.send(anonymous({ clean: false }));
  expect(await nobody.closed()).toEqual([]);
});

test("TLS is spoken where it is wanted", async () => {
  const authority = makeAuthority("A");
  const { manager } = await startManager({ tls: authority.issue({ commonName: "manager", hosts: ["127.0.0.1"] }) });
  const client = await RawClient.openSecurely(manager.tlsPort, { ca: authority.certificate, rejectUnauthorized: true });
  client.send(login());
  expect((await client.next("connack")).returnCode).toBe(0);
  client.destroy();
});
