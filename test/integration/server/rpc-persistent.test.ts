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

/** Polls a persistent RPC until it has a status. */
async function untilStatus({ rest }: Fixture, rpcId: string, status: string): Promise<{ response: unknown }> {
  for (;;) {
    const rpc = await rest.call("GET", `/rpc/persistent/${rpcId}`);
    if (rpc.status === status) return rpc;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function persist({ rest, deviceId }: Fixture, way: "oneway" | "twoway", more: object = {}): Promise<string> {
  const body = { method: "a", params: 1, persistent: true, ...more };
  return (await rest.call("POST", `/rpc/${way}/${deviceId}`, body)).rpcId;
}

test("persistent at QoS 1: SENT, DELIVERED at the PUBACK, SUCCESSFUL with the answer", async () => {
  const fixture = await subscribedFixture(1);
  const rpcId = await persist(fixture, "twoway");
  const { messageId } = await fixture.client.nextPublish();
  await untilStatus(fixture, rpcId, "SENT");
  fixture.client.acknowledge(messageId);
  await untilStatus(fixture, rpcId, "DELIVERED");
  fixture.client.publish(`${response}0`, '{"b":2}');
  expect(await untilStatus(fixture, rpcId, "SUCCESSFUL")).toMatchObject({
    response: { b: 2 },
    request: { oneway: false, body: { method: "a", params: "1" } },
  });
});

test("persistent at QoS 0: DELIVERED when sent; an answer that is no JSON is kept as an error", async () => {
  const fixture = await subscribedFixture(0);
  const rpcId = await persist(fixture, "twoway");
  await untilStatus(fixture, rpcId, "DELIVERED");
  await fixture.client.nextPublish();
  fixture.client.publish(`${response}0`, "oops");
  expect(await untilStatus(fixture, rpcId, "SUCCESSFUL")).toMatchObject({ response: { error: "oops" } });
});

test("persistent and one-way: finished at DELIVERED, not sent again, an answer is dropped", async () => {
  const fixture = await subscribedFixture(1);
  const rpcId = await persist(fixture, "oneway");
  const { messageId } = await fixture.client.nextPublish();
  fixture.client.publish(`${response}0`, "{}");
  await fixture.client.next("puback");
  fixture.client.acknowledge(messageId);
  await untilStatus(fixture, rpcId, "DELIVERED");
  await fixture.client.subscribe([`${request}+`]);
  expect(await fixture.client.settle()).toEqual([]);
});

test("persistent without a device: QUEUED, then EXPIRED", async () => {
  const fixture = await startFixture();
  const rpcId = await persist(fixture, "twoway", { expirationTime: Date.now() + 500 });
  await untilStatus(fixture, rpcId, "QUEUED");
  await untilStatus(fixture, rpcId, "EXPIRED");
});

test("persistent and not acknowledged in time: TIMEOUT, sent again at a SUBSCRIBE, then FAILED", async () => {
  const fixture = await subscribedFixture(1, { rpcDeliveryTimeout: 30 });
  const rpcId = await persist(fixture, "twoway", { retries: 1 });
  await untilStatus(fixture, rpcId, "TIMEOUT");
  await fixture.client.nextPublish();
  expect(await fixture.client.settle()).toEqual([]);
  await fixture.client.subscribe([`${request}+`]);
  await fixture.client.nextPublish();
  expect(await untilStatus(fixture, rpcId, "FAILED")).toMatchObject({
    response: { error: expect.stringContaining("all retry attempts have been exhausted") },
  });
});

test("a deleted persistent RPC is neither found nor sent", async () => {
  const fixture = await startFixture();
  const rpcId = await persist(fixture, "twoway");
  await fixture.rest.call("DELETE", `/rpc/persistent/${rpcId}`);
  expect((await fixture.rest.fetch("GET", `/rpc/persistent/${rpcId}`)).status).toBe(404);
  const client = await fixture.login();
  await client.subscribe([`${request}+`]);
  expect(await client.settle()).toEqual([]);
});

test("persistent RPCs are listed by device, of one status if that is asked for", async () => {
  const fixture = await subscribedFixture(0);
  const { rest, deviceId } = fixture;
  const otherId = await rest.createDevice("Other", "other");
  const rpcId = await persist(fixture, "twoway");
  await untilStatus(fixture, rpcId, "DELIVERED");
  await rest.call("POST", `/rpc/oneway/${otherId}`, { method: "b", persistent: true });
  const path = `/rpc/persistent/device/${deviceId}?pageSize=9&page=0`;
  const record = await rest.call("GET", `/rpc/persistent/${rpcId}`);
  expect(record).toMatchObject({
    deviceId: { entityType: "DEVICE", id: deviceId },
    request: { id: rpcId, persisted: true },
  });
  expect(await rest.call("GET", path)).toEqual({ data: [record], totalPages: 1, totalElements: 1, hasNext: false });
  expect((await rest.call("GET", `${path}&rpcStatus=DELIVERED`)).totalElements).toBe(1);
  expect((await rest.call("GET", `${path}&rpcStatus=QUEUED`)).totalElements).toBe(0);
  expect((await rest.fetch("GET", `${path}&rpcStatus=DELETED`)).status).toBe(400);
});

test("no PUBACK: the session is closed and the RPC queued again, if the server is set up so", async () => {
  const options = { rpcDeliveryTimeout: 30, closeSessionOnRpcDeliveryTimeout: true };
  const fixture = await subscribedFixture(1, options);
  const rpcId = await persist(fixture, "twoway", { retries: 0 });
  await fixture.client.closed();
  await untilStatus(fixture, rpcId, "QUEUED");
  expect(await fixture.event("device.disconnected")).toMatchObject({ reason: "RPC delivery timeout" });
  const client = await fixture.login();
  await client.subscribe([`${request}+`]);
  client.acknowledge((await client.nextPublish()).messageId);
  await untilStatus(fixture, rpcId, "DELIVERED");
});

test("in sequence by PUBACK: the next one is sent when the one before is acknowledged", async () => {
  const fixture = await subscribedFixture(1, { rpcSubmitStrategy: "SEQUENTIAL_ON_ACK_FROM_DEVICE" });
  const { client } = fixture;
  const ids = [await persist(fixture, "twoway"), await persist(fixture, "oneway"), await persist(fixture, "twoway")];
  for (const index of [0, 1, 2]) {
    const { topic, messageId } = await client.nextPublish();
    expect(topic).toBe(request + index);
    expect(await client.settle()).toEqual([]);
    client.acknowledge(messageId);
    await untilStatus(fixture, ids[index] ?? "", "DELIVERED");
  }
});

test("in sequence by PUBACK: what is not acknowledged is sent again, then given up for the next", async () => {
  const options = { rpcSubmitStrategy: "SEQUENTIAL_ON_ACK_FROM_DEVICE", rpcDeliveryTimeout: 30 } as const;
  const fixture = await subscribedFixture(1, options);
  const first = await persist(fixture, "twoway", { retries: 1 });
  await persist(fixture, "twoway", { retries: 1 });
  const topics = [];
  for (let count = 0; count < 3; count++) topics.push((await fixture.client.nextPublish()).topic);
  expect(topics).toEqual([`${request}0`, `${request}0`, `${request}1`]);
  await untilStatus(fixture, first, "FAILED");
});

test("in sequence by PUBACK, at QoS 0: all are sent, in order", async () => {
  const fixture = await startFixture({ rpcSubmitStrategy: "SEQUENTIAL_ON_ACK_FROM_DEVICE" });
  for (let count = 0; count < 3; count++) await persist(fixture, "twoway");
  const client = await fixture.login();
  await client.subscribe([`${request}+`], 0);
  for (const id of [0, 1, 2]) expect((await client.nextPublish()).topic).toBe(request + id);
});

test("in sequence by answer: the next one is sent when the one before is answered", async () => {
  const fixture = await subscribedFixture(1, { rpcSubmitStrategy: "SEQUENTIAL_ON_RESPONSE_FROM_DEVICE" });
  const { client, login } = fixture;
  const first = await persist(fixture, "twoway");
  await persist(fixture, "twoway");
  client.acknowledge((await client.nextPublish()).messageId);
  await untilStatus(fixture, first, "DELIVERED");
  expect(await client.settle()).toEqual([]);
  // Delivered, it is not sent again, and still it holds up the next one.
  const again = await login();
  await again.subscribe([`${request}+`]);
  expect(await again.settle()).toEqual([]);
  again.publish(`${response}0`, "{}");
  expect((await again.nextPublish()).topic).toBe(`${request}1`);
});

test("in sequence by answer: one that is not answered fails and makes room", async () => {
  const options = { rpcSubmitStrategy: "SEQUENTIAL_ON_RESPONSE_FROM_DEVICE", rpcResponseTimeout: 50 } as const;
  const fixture = await subscribedFixture(1, options);
  const first = await persist(fixture, "twoway");
  await persist(fixture, "twoway");
  fixture.client.acknowledge((await fixture.client.nextPublish()).messageId);
  expect((await fixture.client.nextPublish()).topic).toBe(`${request}1`);
  expect(await untilStatus(fixture, first, "FAILED")).toMatchObject({
    response: { error: "There was a timeout awaiting for RPC response from device." },
  });
});

test("in sequence: deleting the one that holds up the others lets the next one go", async () => {
  const fixture = await subscribedFixture(1, { rpcSubmitStrategy: "SEQUENTIAL_ON_ACK_FROM_DEVICE" });
  const first = await persist(fixture, "twoway");
  await persist(fixture, "twoway");
  await fixture.client.nextPublish();
  await fixture.rest.call("DELETE", `/rpc/persistent/${first}`);
  expect((await fixture.client.nextPublish()).topic).toBe(`${request}1`);
});
