import { expect, test } from "@jest/globals";
import { startGateway } from "./gateway-fixture.js";

const connect = "v1/gateway/connect";
const disconnect = "v1/gateway/disconnect";
const telemetry = "v1/gateway/telemetry";
const attributes = "v1/gateway/attributes";
const request = "v1/gateway/attributes/request";
const rpc = "v1/gateway/rpc";
const claim = "v1/gateway/claim";
const topics = [connect, disconnect, telemetry, attributes, request, rpc, claim];

test.each(topics)("%s: what is no JSON closes the connection without a PUBACK", async (topic) => {
  const { gateway } = await startGateway();
  gateway.publish(topic, '{"A":');
  expect(await gateway.closed()).toEqual([]);
});

test.each(topics)("%s: what is no object is acknowledged, and closes the connection", async (topic) => {
  for (const payload of ["", "null", "[]", '"A"', "1"]) {
    const { gateway } = await startGateway();
    const messageId = gateway.publish(topic, payload);
    expect(await gateway.closed()).toEqual([expect.objectContaining({ cmd: "puback", messageId })]);
  }
});

const complete = { id: 1, device: "A", client: true, key: "k", data: 1 };

test.each([
  [connect, {}],
  [connect, { device: null }],
  [connect, { device: "" }],
  [connect, { device: {} }],
  [connect, { device: ["A", "B"] }],
  [connect, { device: "A", type: {} }],
  [disconnect, {}],
  [disconnect, { device: "" }],
  [telemetry, {}],
  [telemetry, { A: { a: 1 } }],
  [attributes, {}],
  [attributes, { A: [{ a: 1 }] }],
  [claim, {}],
  [claim, { A: "" }],
  [request, { ...complete, id: undefined }],
  [request, { ...complete, id: "x" }],
  [request, { ...complete, id: "2147483648" }],
  [request, { ...complete, device: undefined }],
  [request, { ...complete, device: null }],
  [request, { ...complete, client: undefined }],
  [request, { ...complete, client: null }],
  [request, { ...complete, key: undefined }],
  [request, { ...complete, key: null }],
  [request, { ...complete, key: undefined, keys: "k" }],
  [request, { ...complete, key: undefined, keys: [null] }],
  [rpc, { ...complete, id: undefined }],
  [rpc, { ...complete, id: true }],
  [rpc, { ...complete, device: undefined }],
  [rpc, { ...complete, data: undefined }],
])("%s %j lacks what it needs: acknowledged, and closed", async (topic, message) => {
  const { gateway, isKnown } = await startGateway();
  const messageId = gateway.publish(topic, JSON.stringify(message));
  expect(await gateway.closed()).toEqual([expect.objectContaining({ cmd: "puback", messageId })]);
  expect(await isKnown("A")).toBe(false);
});

test("at QoS 0 the same closes without a PUBACK", async () => {
  const { gateway } = await startGateway();
  gateway.publish(connect, "{}", 0);
  expect(await gateway.closed()).toEqual([]);
});

test.each([
  [telemetry, [1]],
  [telemetry, [{ ts: "x", values: {} }]],
  [telemetry, [{ ts: 1, values: 1 }]],
  [attributes, { a: "number out of range" }],
  [claim, { durationMs: "x" }],
  [claim, { secretKey: null }],
])("%s %j of one device closes without a PUBACK, and the others' is stored", async (topic, bad) => {
  const { gateway, rest, idOf } = await startGateway();
  const good = topic === telemetry ? [{ a: 1 }] : { a: 1 };
  // Beyond what JSON.stringify writes: the only thing that cannot be an attribute.
  const payload = JSON.stringify({ A: good, B: bad, C: good }).replace('"number out of range"', "1e99999");
  gateway.publish(topic, payload);
  expect(await gateway.closed()).toEqual([]);
  for (const name of ["A", "C"]) {
    const id = await idOf(name);
    if (topic === telemetry) expect(await rest.latest(id, "a")).toEqual({ a: 1 });
    if (topic === attributes) expect(await rest.attributes(id, "CLIENT_SCOPE")).toEqual({ a: 1 });
  }
});

test.each([
  [connect, { device: " " }],
  [connect, { device: "A", type: "" }],
  [connect, { device: "A", type: " " }],
  [telemetry, { "": [{ a: 1 }] }],
  [attributes, { " ": { a: 1 } }],
  [claim, { "": {} }],
  [request, { ...complete, device: "" }],
  [rpc, { ...complete, device: "" }],
])("%s %j: a device that cannot be is acknowledged like any other", async (topic, message) => {
  const { gateway, tell, rest, event } = await startGateway();
  await tell(topic, message);
  expect(await gateway.settle()).toEqual([]);
  await event("save.rejected");
  expect((await rest.call("GET", "/tenant/devices?pageSize=9&page=0")).totalElements).toBe(2);
});

test("of several devices one that cannot be makes the PUBACK come at once, but only one", async () => {
  const { gateway, tell, rest, idOf } = await startGateway();
  await tell(telemetry, { A: [], "": [{ a: 1 }], B: [{ b: 1 }], " ": [{ a: 1 }] });
  expect(await gateway.settle()).toEqual([]);
  expect(await rest.latest(await idOf("B"), "b")).toEqual({ b: 1 });
});

test("what comes first decides: a failure is acknowledged before the close, and not after", async () => {
  for (const [message, count] of [
    [{ "": [{ a: 1 }], A: [1] }, 1],
    [{ A: [1], "": [{ a: 1 }] }, 0],
  ] as const) {
    const { gateway } = await startGateway();
    gateway.publish(telemetry, JSON.stringify(message));
    expect(await gateway.closed()).toHaveLength(count);
  }
});

test("a gateway that names itself takes over from itself", async () => {
  const { gateway, rest, gatewayId, login, tell } = await startGateway({ minRpcTimeout: 0 });
  gateway.publish(telemetry, '{"Demo gateway":[{"a":1}]}');
  expect(await gateway.closed()).toEqual([]);
  expect(await rest.latest(gatewayId, "a")).toEqual({ a: 1 });
  await expect(tell(connect, { device: "A" })).rejects.toThrow("closed");
  const { lastConnectTime, lastDisconnectTime } = await rest.attributes(gatewayId, "SERVER_SCOPE");
  expect(lastDisconnectTime).toBeGreaterThanOrEqual(Number(lastConnectTime));
  expect((await rest.fetch("POST", `/rpc/oneway/${gatewayId}`, { method: "m", timeout: 50 })).status).toBe(504);
  const again = await login("xsthing-gateway");
  again.publish(connect, '{"device":"A"}');
  await again.next("puback");
});

test("the log says which device a connection was closed for, by the first of several", async () => {
  const { gateway, event } = await startGateway();
  gateway.publish(telemetry, '{"A":[{"a":1}],"B":[1],"C":[1]}');
  await gateway.closed();
  expect(await event("device.disconnected")).toMatchObject({ reason: expect.stringMatching(/^B: /) });
});
