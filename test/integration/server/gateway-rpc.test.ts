import { expect, test } from "@jest/globals";
import type { ServerOptions } from "../../../server/server.js";
import { startGateway } from "./gateway-fixture.js";

const topic = "v1/gateway/rpc";

async function gatewayWithDevices(options: ServerOptions = {}, qos?: 0 | 1) {
  const fixture = await startGateway(options);
  for (const device of ["A", "B"]) await fixture.tell("v1/gateway/connect", { device });
  if (qos !== undefined) await fixture.gateway.subscribe([topic], qos);
  const { rest, idOf, gateway } = fixture;
  const call = async (name: string, body: object, kind = "twoway"): Promise<unknown> => {
    return rest.call("POST", `/rpc/${kind}/${await idOf(name)}`, body);
  };
  const persist = async (name: string, kind = "twoway"): Promise<string> => {
    return ((await call(name, { method: "m", persistent: true }, kind)) as { rpcId: string }).rpcId;
  };
  const statusOf = async (rpcId: string): Promise<string> => {
    return (await rest.call("GET", `/rpc/persistent/${rpcId}`)).status;
  };
  const pushed = async (): Promise<{ device: string; id: number }> => {
    const { device, data } = JSON.parse((await gateway.nextPublish()).payload);
    return { device, id: data.id };
  };
  return { ...fixture, call, persist, statusOf, pushed };
}

test("v1/gateway/rpc: the request names the device, the answer is the caller's", async () => {
  const { gateway, tell, call } = await gatewayWithDevices();
  const result = call("A", { method: "toggle_gpio", params: { pin: 1 } });
  expect(await gateway.nextPublish()).toMatchObject({
    topic,
    payload: '{"device":"A","data":{"id":0,"method":"toggle_gpio","params":{"pin":1}}}',
    qos: 1,
  });
  await tell(topic, { device: "A", id: 0, data: { success: true } });
  expect(await result).toEqual({ success: true });
});

test.each([
  ["1.10", 1.1],
  ['"text"', "text"],
  ["null", null],
  ['{"a":null,"b":[null]}', { a: null, b: [null] }],
])("the data of an answer may be %s", async (data, expected) => {
  const { gateway, call } = await gatewayWithDevices();
  const result = call("A", { method: "m" });
  expect((await gateway.nextPublish()).payload).toBe('{"device":"A","data":{"id":0,"method":"m","params":null}}');
  gateway.publish(topic, `{"device":"A","id":0,"data":${data}}`);
  expect(await result).toEqual(expected);
});

test("ids count up from 0 for each device, and an answer is for the device it names", async () => {
  const { tell, call, pushed } = await gatewayWithDevices();
  const results = [];
  for (const [name, id] of [
    ["A", 0],
    ["B", 0],
    ["A", 1],
  ] as const) {
    results.push(call(name, { method: "m" }));
    expect(await pushed()).toEqual({ device: name, id });
  }
  await tell(topic, { device: "B", id: 1, data: "nobody's" });
  await tell(topic, { device: "A", id: 1, data: "A1" });
  await tell(topic, { device: "B", id: "0", data: "B0" });
  await tell(topic, { device: "A", id: 0, data: "A0" });
  await tell(topic, { device: "A", id: 0, data: "late" });
  expect(await Promise.all(results)).toEqual(["A0", "B0", "A1"]);
});

test("a one-way request is done when it is sent", async () => {
  const { call, pushed } = await gatewayWithDevices();
  expect(await call("A", { method: "m" }, "oneway")).toBeUndefined();
  expect(await pushed()).toEqual({ device: "A", id: 0 });
});

test("requests at the gateway itself come on its own topic, and count for themselves", async () => {
  const { gateway, call, pushed } = await gatewayWithDevices();
  await gateway.subscribe(["v1/devices/me/rpc/request/+"]);
  const result = call("Demo gateway", { method: "m" });
  expect(await gateway.nextPublish()).toMatchObject({
    topic: "v1/devices/me/rpc/request/0",
    payload: '{"method":"m","params":null}',
  });
  gateway.publish("v1/devices/me/rpc/response/0", "1");
  expect(await result).toBe(1);
  void call("A", { method: "m" }, "oneway");
  expect(await pushed()).toEqual({ device: "A", id: 0 });
});

test("a request waits for the device, and comes again each time it connects until it is answered", async () => {
  const { tell, call, pushed } = await gatewayWithDevices();
  await tell("v1/gateway/disconnect", { device: "A" });
  const result = call("A", { method: "m" });
  for (const _ of [1, 2]) {
    await tell("v1/gateway/connect", { device: "A" });
    expect(await pushed()).toEqual({ device: "A", id: 0 });
    await tell("v1/gateway/disconnect", { device: "A" });
  }
  await tell(topic, { device: "A", id: 0, data: 1 });
  expect(await result).toBe(1);
});

test("connecting again without a disconnect, or subscribing, sends nothing again", async () => {
  const { gateway, tell, persist, pushed } = await gatewayWithDevices();
  await persist("A");
  await pushed();
  await tell("v1/gateway/connect", { device: "A" });
  await gateway.subscribe([topic]);
  expect(await gateway.settle()).toEqual([]);
});

test("persistent, QoS 1: SENT whatever is acknowledged, then SUCCESSFUL with the answer", async () => {
  const { gateway, tell, persist, statusOf } = await gatewayWithDevices({ rpcDeliveryTimeout: 50 }, 1);
  const rpcId = await persist("A");
  gateway.acknowledge((await gateway.nextPublish()).messageId);
  await gateway.settle();
  expect(await statusOf(rpcId)).toBe("SENT");
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(await statusOf(rpcId)).toBe("SENT");
  await tell(topic, { device: "A", id: 0, data: {} });
  expect(await statusOf(rpcId)).toBe("SUCCESSFUL");
});

test("what a device has not acknowledged itself is not waited for once a gateway has taken it over", async () => {
  const { tell, rest, idOf, login, statusOf, pushed } = await gatewayWithDevices({ rpcDeliveryTimeout: 300 });
  await rest.createDevice("C", "c");
  const direct = await login("c");
  await direct.subscribe(["v1/devices/me/rpc/request/+"]);
  const body = { method: "m", persistent: true, retries: 0 };
  const { rpcId } = await rest.call("POST", `/rpc/twoway/${await idOf("C")}`, body);
  await direct.nextPublish();
  await tell("v1/gateway/connect", { device: "C" });
  expect(await pushed()).toEqual({ device: "C", id: 0 });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await statusOf(rpcId)).toBe("SENT");
});

test("persistent, one-way, QoS 1: SENT again at every connect until it is EXPIRED", async () => {
  const { tell, rest, idOf, statusOf, pushed } = await gatewayWithDevices({}, 1);
  const expirationTime = Date.now() + 700;
  const body = { method: "m", persistent: true, expirationTime };
  const { rpcId } = await rest.call("POST", `/rpc/oneway/${await idOf("A")}`, body);
  await pushed();
  await tell("v1/gateway/disconnect", { device: "A" });
  await tell("v1/gateway/connect", { device: "A" });
  expect(await pushed()).toEqual({ device: "A", id: 0 });
  expect(await statusOf(rpcId)).toBe("SENT");
  await new Promise((resolve) => setTimeout(resolve, expirationTime - Date.now() + 50));
  expect(await statusOf(rpcId)).toBe("EXPIRED");
});

test.each([
  ["oneway", "DELIVERED"],
  ["twoway", "DELIVERED"],
])("persistent, %s, QoS 0: DELIVERED when it is sent", async (kind, status) => {
  const { persist, statusOf, pushed } = await gatewayWithDevices({}, 0);
  const rpcId = await persist("A", kind);
  await pushed();
  expect(await statusOf(rpcId)).toBe(status);
});

test("in a sequence by acknowledgement, QoS 1 holds up the next request of the device until the answer", async () => {
  const options = { rpcSubmitStrategy: "SEQUENTIAL_ON_ACK_FROM_DEVICE" } as const;
  const { gateway, tell, persist, pushed } = await gatewayWithDevices(options, 1);
  await persist("A");
  await persist("A");
  await persist("B");
  expect([await pushed(), await pushed()]).toEqual([
    { device: "A", id: 0 },
    { device: "B", id: 0 },
  ]);
  gateway.acknowledge(1);
  expect(await gateway.settle()).toEqual([]);
  await tell(topic, { device: "A", id: 0, data: 1 });
  expect(await pushed()).toEqual({ device: "A", id: 1 });
});
