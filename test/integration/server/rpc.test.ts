import { expect, test } from "@jest/globals";
import type { ServerOptions } from "../../../server/server.js";
import { type Fixture, startFixture } from "./fixture.js";
import type { RawClient } from "./raw-client.js";

const request = "v1/devices/me/rpc/request/";
const response = "v1/devices/me/rpc/response/";

interface RpcFixture extends Fixture {
  readonly client: RawClient;
}

async function subscribedFixture(qos: 0 | 1 = 1, options: ServerOptions = {}): Promise<RpcFixture> {
  const fixture = await startFixture({ minRpcTimeout: 0, ...options });
  const client = await fixture.login();
  await client.subscribe([`${request}+`], qos);
  return { ...fixture, client };
}

test("two-way: ids from 0, method and params in this order, the answer returned", async () => {
  const { client, rest, deviceId } = await subscribedFixture();
  for (const id of [0, 1]) {
    const answer = rest.call("POST", `/rpc/twoway/${deviceId}`, { method: "getValue", params: true });
    const payload = '{"method":"getValue","params":true}';
    expect(await client.nextPublish()).toMatchObject({ topic: request + id, payload, qos: 1 });
    client.publish(response + id, `{"value":${id}}`);
    expect(await answer).toEqual({ value: id });
  }
});

test.each([
  ["{}", { method: "a", params: {} }],
  ["[1,null]", { method: "a", params: [1, null] }],
  ["null", { method: "a", params: null }],
  ["null", { method: "a" }],
  ['"x"', { method: "a", params: "x" }],
  ["42.0", '{"method":"a","params":42.0}'],
])("params %s", async (params, body) => {
  const { client, rest, deviceId } = await subscribedFixture();
  await rest.call("POST", `/rpc/oneway/${deviceId}`, body);
  expect((await client.nextPublish()).payload).toBe(`{"method":"a","params":${params}}`);
});

test("the last SUBSCRIBE decides the topic, and its QoS counts", async () => {
  const { client, rest, deviceId } = await subscribedFixture();
  await client.subscribe(["v2/r/req/+"], 0);
  await rest.call("POST", `/rpc/oneway/${deviceId}`, { method: "a" });
  expect(await client.nextPublish()).toMatchObject({ topic: "v2/r/req/0", qos: 0 });
});

test.each([
  ["v1/devices/me/rpc/response/0", 200],
  ["v2/r/res/0", 200],
  ["v2/r/res/j/0", 200],
])("an answer on %s", async (topic, status) => {
  const { client, rest, deviceId } = await subscribedFixture();
  const answer = rest.fetch("POST", `/rpc/twoway/${deviceId}`, { method: "a" });
  await client.nextPublish();
  client.publish(topic, "{}");
  expect((await answer).status).toBe(status);
});

test.each([
  ["text that is no JSON", "hello", 406, ""],
  ["nothing", "", 200, ""],
  ["a scalar", "5", 200, "5"],
])("answered with %s", async (_, payload, status, text) => {
  const { client, rest, deviceId } = await subscribedFixture();
  const answer = await Promise.all([
    rest.fetch("POST", `/rpc/twoway/${deviceId}`, { method: "a" }),
    client.nextPublish().then(() => client.publish(`${response}0`, payload)),
  ]);
  expect([answer[0].status, await answer[0].text()]).toEqual([status, text]);
});

test.each([
  ["/rpc/twoway", true, 504],
  ["/rpc/twoway", false, 504],
  ["/rpc/oneway", false, 504],
  ["/plugins/rpc/twoway", true, 408],
  ["/plugins/rpc/twoway", false, 409],
])("%s unanswered, device subscribed: %s", async (path, isSubscribed, status) => {
  const { rest, deviceId } = isSubscribed ? await subscribedFixture() : await startFixture({ minRpcTimeout: 0 });
  const answer = await rest.fetch("POST", `${path}/${deviceId}`, { method: "a", timeout: 60 });
  expect(answer.status).toBe(status);
});

test("an answer with an unknown id is acknowledged and dropped", async () => {
  const { client } = await subscribedFixture();
  const id = client.publish(`${response}77`, "{}");
  expect((await client.next("puback")).messageId).toBe(id);
});

test("a request waits for the device to subscribe", async () => {
  const { login, rest, deviceId, event } = await startFixture();
  const answer = rest.call("POST", `/rpc/twoway/${deviceId}`, { method: "a" });
  await event("rpc.requested");
  const client = await login();
  await client.subscribe([`${request}+`]);
  await client.nextPublish();
  client.publish(`${response}0`, '"late"');
  expect(await answer).toBe("late");
});

test("what is not answered is sent again, with the same id, at every SUBSCRIBE", async () => {
  const { client, login, rest, deviceId } = await subscribedFixture();
  const answer = rest.call("POST", `/rpc/twoway/${deviceId}`, { method: "a" });
  await client.nextPublish();
  await client.subscribe([`${request}+`]);
  expect((await client.nextPublish()).topic).toBe(`${request}0`);
  const again = await login();
  await again.subscribe(["v2/r/req/+"]);
  expect((await again.nextPublish()).topic).toBe("v2/r/req/0");
  again.publish("v2/r/res/0", "1");
  expect(await answer).toBe(1);
  await again.subscribe(["v2/r/req/+"]);
  expect(await again.settle()).toHaveLength(1);
});

test("getSessionLimits is built in, on the v1 topic", async () => {
  const limits = { messages: "100:60", telemetryMessages: null, telemetryDataPoints: "20:600,1000:7200" };
  const client = await (await startFixture({ limits })).login();
  const id = client.publish(`${request}-5`, '{"method":"getSessionLimits"}');
  expect((await client.next("puback")).messageId).toBe(id);
  const { topic, payload } = await client.nextPublish();
  expect(topic).toBe(`${response}-5`);
  expect(JSON.parse(payload)).toEqual({ maxPayloadSize: 65_536, maxInflightMessages: 100, rateLimits: limits });
});

test("every other method is answered with a timeout", async () => {
  const client = await (await startFixture({ clientRpcTimeout: 40 })).login();
  client.publish("v2/r/req/7", '{"method":"getSessionLimits"}');
  client.publish("v2/r/req/8", '{"method":"getTime","params":{}}');
  const answers = [await client.nextPublish(), await client.nextPublish()];
  expect(answers.map(({ topic, payload }) => [topic, payload])).toEqual([
    ["v2/r/res/7", '{"error":"timeout"}'],
    ["v2/r/res/8", '{"error":"timeout"}'],
  ]);
});

test("using an id again in time brings the timeout of the first call", async () => {
  const client = await (await startFixture({ clientRpcTimeout: 300 })).login();
  client.publish(`${request}1`, '{"method":"a"}');
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.publish(`${request}1`, '{"method":"b"}');
  await client.nextPublish();
  await new Promise((resolve) => setTimeout(resolve, 350));
  expect((await client.settle()).filter(({ cmd }) => cmd === "publish")).toEqual([]);
});

test("a rule answers; the latest request decides the topic", async () => {
  const rules = { echo: (params: unknown) => ({ got: JSON.stringify(params) }) };
  const client = await (await startFixture({ rules })).login();
  client.publish("v2/r/req/j/1", '{"method":"echo","params":{"a":1}}', 0);
  expect(await client.nextPublish()).toMatchObject({ topic: "v2/r/res/j/1", payload: '{"got":"{\\"a\\":1}"}' });
  client.publish("v2/r/req/2", '{"method":"echo"}', 0);
  expect(await client.nextPublish()).toMatchObject({ topic: "v2/r/res/2", payload: '{"got":"null"}' });
});
