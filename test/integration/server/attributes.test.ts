import { expect, test } from "@jest/globals";
import { startFixture } from "./fixture.js";

const request = "v1/devices/me/attributes/request/";

async function fixtureWithAttributes() {
  const fixture = await startFixture();
  const client = await fixture.login();
  client.publish("v1/devices/me/attributes", '{"model":"A1","serial":7}');
  await client.next("puback");
  const path = `/plugins/telemetry/DEVICE/${fixture.deviceId}/SHARED_SCOPE`;
  await fixture.rest.call("POST", path, '{"period":5,"ratio":42.0,"big":10000000000.0,"model":"shared"}');
  return { ...fixture, client, sharedPath: path };
}

test.each(["v1/devices/me/attributes", "v2/a", "v2/a/j"])("client attributes on %s", async (topic) => {
  const { login, rest, deviceId, events } = await startFixture();
  const client = await login();
  const id = client.publish(topic, '{"a":true,"b":"x","c":1.5,"d":73,"e":null,"ts":1,"values":{"f":1}}');
  expect((await client.next("puback")).messageId).toBe(id);
  const stored = { a: true, b: "x", c: 1.5, d: 73, ts: 1, values: { f: 1 } };
  expect(await rest.attributes(deviceId, "CLIENT_SCOPE")).toEqual(stored);
  expect(events.map(({ event }) => event)).toEqual(["device.connected", "attributes.published"]);
});

test("publishing does not echo, not even to a device that subscribed to the same topic", async () => {
  const client = await (await startFixture()).login();
  await client.subscribe(["v1/devices/me/attributes"]);
  client.publish("v1/devices/me/attributes", '{"a":1}');
  await client.next("puback");
  expect(await client.settle()).toEqual([]);
});

const everything =
  '{"client":{"model":"A1","serial":7},"shared":{"period":5,"ratio":42.0,"big":1.0E10,"model":"shared"}}';

test.each([
  ["no keys: everything", "{}", everything],
  ["only commas count as absent", '{"clientKeys":","}', everything],
  ["client keys only", '{"clientKeys":"model,unknown"}', '{"client":{"model":"A1"}}'],
  ["shared keys only", '{"sharedKeys":"ratio,period"}', '{"shared":{"period":5,"ratio":42.0}}'],
  ["both", '{"clientKeys":"serial","sharedKeys":"model"}', '{"client":{"serial":7},"shared":{"model":"shared"}}'],
  ["unknown keys", '{"clientKeys":"a","sharedKeys":"b"}', "{}"],
  ["keys are not trimmed", '{"clientKeys":"model, serial"}', '{"client":{"model":"A1"}}'],
  ["an array of one key", '{"clientKeys":["model"]}', '{"client":{"model":"A1"}}'],
])("attribute request: %s", async (_, payload, response) => {
  const { client } = await fixtureWithAttributes();
  const id = client.publish(`${request}0`, payload);
  expect((await client.next("puback")).messageId).toBe(id);
  const answer = await client.nextPublish();
  expect(answer).toMatchObject({ topic: "v1/devices/me/attributes/response/0", payload: response, qos: 1 });
});

test.each([
  ["an empty key", `${request}1`, '{"clientKeys":""}'],
  ["an empty key among others", `${request}1`, '{"sharedKeys":",period"}'],
  ["a negative id", `${request}-1`, "{}"],
])("attribute request acknowledged but not answered: %s", async (_, topic, payload) => {
  const { client } = await fixtureWithAttributes();
  client.publish(topic, payload);
  await client.next("puback");
  expect(await client.settle()).toEqual([]);
});

test.each([
  ["v1/devices/me/attributes/request/3", "v1/devices/me/attributes/response/3"],
  ["v2/a/req/3", "v2/a/res/3"],
  ["v2/a/req/j/3", "v2/a/res/j/3"],
])("a request on %s is answered on %s", async (topic, responseTopic) => {
  const { client } = await fixtureWithAttributes();
  client.publish(topic, "{}", 0);
  expect((await client.nextPublish()).topic).toBe(responseTopic);
});

test("the answer has the QoS of the subscription, 1 without one", async () => {
  const { client } = await fixtureWithAttributes();
  client.publish(`${request}1`, "{}", 0);
  expect((await client.nextPublish()).qos).toBe(1);
  await client.subscribe(["v1/devices/me/attributes/response/+"], 0);
  client.publish(`${request}2`, "{}", 0);
  expect((await client.nextPublish()).qos).toBe(0);
});

test("shared attributes are pushed as saved, unchanged ones included", async () => {
  const { client, rest, sharedPath } = await fixtureWithAttributes();
  await client.subscribe(["v1/devices/me/attributes"]);
  await rest.call("POST", sharedPath, '{"period":5,"limit":"1.0","on":true,"plan":{"a":[1]}}');
  expect(await client.nextPublish()).toMatchObject({
    topic: "v1/devices/me/attributes",
    payload: '{"period":5,"limit":1.0,"on":true,"plan":{"a":[1]}}',
    qos: 1,
  });
});

test("deletions are pushed as requested, unknown keys included", async () => {
  const { client, rest, deviceId, sharedPath } = await fixtureWithAttributes();
  await client.subscribe(["v1/devices/me/attributes"]);
  await rest.call("DELETE", `${sharedPath}?keys=period,never`);
  expect((await client.nextPublish()).payload).toBe('{"deleted":["period","never"]}');
  expect(await rest.attributes(deviceId, "SHARED_SCOPE")).not.toHaveProperty("period");
});

test("client and server attributes can be deleted too, of which a device hears nothing", async () => {
  const { client, rest, deviceId } = await fixtureWithAttributes();
  await client.subscribe(["v1/devices/me/attributes"]);
  const path = `/plugins/telemetry/DEVICE/${deviceId}`;
  await rest.call("POST", `${path}/SERVER_SCOPE`, { secret: 1, other: 2 });
  await rest.call("DELETE", `${path}/CLIENT_SCOPE?keys=model`);
  await rest.call("DELETE", `${path}/SERVER_SCOPE?keys=secret`);
  expect(await rest.attributes(deviceId, "CLIENT_SCOPE")).toEqual({ serial: 7 });
  const server = await rest.attributes(deviceId, "SERVER_SCOPE");
  expect([server.other, "secret" in server]).toEqual([2, false]);
  expect(await client.settle()).toEqual([]);
});

test("the last SUBSCRIBE decides the topic of the updates", async () => {
  const { client, rest, sharedPath } = await fixtureWithAttributes();
  await client.subscribe(["v1/devices/me/attributes", "v2/a/j"], 1);
  await rest.call("POST", sharedPath, { period: 6 });
  expect((await client.nextPublish()).topic).toBe("v2/a/j");
  await client.subscribe(["v1/devices/me/attributes"], 0);
  await rest.call("POST", sharedPath, { period: 7 });
  expect(await client.nextPublish()).toMatchObject({ topic: "v1/devices/me/attributes", qos: 0 });
});

test("nothing is pushed without a subscription, nor of the server scope", async () => {
  const { client, rest, deviceId, sharedPath } = await fixtureWithAttributes();
  await rest.call("POST", sharedPath, { period: 6 });
  expect(await client.settle()).toEqual([]);
  await client.subscribe(["v1/devices/me/attributes"]);
  await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/attributes/SERVER_SCOPE`, { period: 6 });
  expect(await client.settle()).toEqual([]);
});

test("subscriptions die with the connection, also of a session that is not clean", async () => {
  const { client, login, rest, sharedPath } = await fixtureWithAttributes();
  await client.subscribe(["v1/devices/me/attributes"]);
  const again = await login();
  await rest.call("POST", sharedPath, { period: 6 });
  expect(await again.settle()).toEqual([]);
});

test("packet ids count up over all messages of a connection, QoS 0 included", async () => {
  const { client } = await fixtureWithAttributes();
  await client.subscribe(["v2/a/res/+"], 0);
  const ids = [];
  for (const topic of [`${request}1`, "v2/a/req/2", `${request}3`]) {
    client.publish(topic, "{}", 0);
    ids.push(await client.nextPublish());
  }
  expect(ids.map(({ messageId, qos }) => [qos, messageId])).toEqual([
    [1, 1],
    [0, undefined],
    [1, 3],
  ]);
});
