import { expect, test } from "@jest/globals";
import { demoCustomerLogin, demoDevice, demoGateway } from "../../../server/server.js";
import { startFixture } from "./fixture.js";
import { startGateway } from "./gateway-fixture.js";
import { RestClient } from "./rest-client.js";

test("v1/gateway/connect creates the device, its profile and its relation to the gateway", async () => {
  const { tell, rest, idOf, gatewayId } = await startGateway();
  await tell("v1/gateway/connect", { device: "Device A", type: "thermometer" });
  const id = await idOf("Device A");
  const device = await rest.call("GET", `/device/${id}`);
  expect(device).toMatchObject({ type: "thermometer", additionalInfo: { lastConnectedGateway: gatewayId } });
  expect(await rest.call("GET", `/deviceProfile/${device.deviceProfileId.id}`)).toMatchObject({ name: "thermometer" });
  const relations = await rest.call("GET", `/relations?fromId=${gatewayId}&fromType=DEVICE`);
  expect(relations).toEqual([
    expect.objectContaining({
      from: { entityType: "DEVICE", id: gatewayId },
      to: { entityType: "DEVICE", id },
      type: "Created",
      typeGroup: "COMMON",
    }),
  ]);
  expect(await rest.call("GET", `/relations?toId=${id}&toType=DEVICE&relationType=Created`)).toEqual(relations);
  expect(await rest.call("GET", `/relations?toId=${id}&toType=DEVICE&relationType=Contains`)).toEqual([]);
});

test.each([
  ["no type", { device: "Device A" }],
  ["the type null", { device: "Device A", type: null }],
])("v1/gateway/connect with %s makes a device of the default profile", async (_, message) => {
  const { tell, rest, idOf } = await startGateway();
  await tell("v1/gateway/connect", message);
  expect(await rest.call("GET", `/device/${await idOf("Device A")}`)).toMatchObject({ type: "default" });
});

test("the type of a known device does not matter, but the gateway is noted beside its other info", async () => {
  const { tell, rest, gatewayId } = await startGateway();
  const known = await rest.call("POST", "/device", { name: "Device A", type: "x", additionalInfo: { room: 1 } });
  await tell("v1/gateway/connect", { device: "Device A", type: "y" });
  const additionalInfo = { room: 1, lastConnectedGateway: gatewayId };
  expect(await rest.call("GET", `/device/${known.id.id}`)).toEqual({ ...known, additionalInfo });
  expect(await rest.call("GET", `/relations?fromId=${gatewayId}&fromType=DEVICE`)).toEqual([]);
});

test("a new device belongs to the gateway's customer", async () => {
  const { gateway, tell, rest, server, idOf, gatewayId } = await startGateway();
  await tell("v1/devices/me/claim", {});
  const customer = await RestClient.login(server.httpPort, demoCustomerLogin);
  await customer.call("POST", `/customer/device/${encodeURIComponent(demoGateway.name)}/claim`);
  await tell("v1/gateway/connect", { device: "Device A" });
  const { customerId } = await rest.call("GET", `/device/${gatewayId}`);
  expect((await rest.call("GET", `/device/${await idOf("Device A")}`)).customerId).toEqual(customerId);
  expect(await gateway.settle()).toEqual([]);
});

test.each([
  ["v1/gateway/telemetry", { "Device A": [{ a: 1 }] }],
  ["v1/gateway/attributes", { "Device A": { a: 1 } }],
  ["v1/gateway/attributes/request", { id: 1, device: "Device A", client: true, key: "a" }],
  ["v1/gateway/rpc", { device: "Device A", id: 0, data: {} }],
  ["v1/gateway/claim", { "Device A": {} }],
])("%s connects the device it names, and creates it", async (topic, message) => {
  const { gateway, tell, rest, idOf, share } = await startGateway();
  await tell(topic, message);
  expect(await rest.call("GET", `/device/${await idOf("Device A")}`)).toMatchObject({ type: "default" });
  await share("Device A", { b: 2 });
  const pushes = [await gateway.nextPublish()];
  if (topic === "v1/gateway/attributes/request") pushes.push(await gateway.nextPublish());
  expect(pushes.at(-1)).toMatchObject({ payload: '{"device":"Device A","data":{"b":2}}' });
});

test("v1/gateway/disconnect ends the updates until a message names the device again", async () => {
  const { gateway, tell, share } = await startGateway();
  await tell("v1/gateway/connect", { device: "Device A" });
  await tell("v1/gateway/disconnect", { device: "Device A" });
  await share("Device A", { a: 1 });
  expect(await gateway.settle()).toEqual([]);
  await tell("v1/gateway/telemetry", { "Device A": [{ a: 1 }] });
  await share("Device A", { a: 2 });
  expect((await gateway.nextPublish()).payload).toBe('{"device":"Device A","data":{"a":2}}');
});

test("v1/gateway/disconnect of a device that is not connected is acknowledged, and creates nothing", async () => {
  const { tell, isKnown } = await startGateway();
  await tell("v1/gateway/disconnect", { device: "Device A" });
  expect(await isKnown("Device A")).toBe(false);
});

test("who is a gateway is settled at the connect", async () => {
  const { gateway, tell, rest, gatewayId, login, isKnown } = await startGateway();
  const device = await rest.call("GET", `/device/${gatewayId}`);
  await rest.call("POST", "/device", { ...device, additionalInfo: { gateway: false } });
  await tell("v1/gateway/connect", { device: "Device A" });
  gateway.destroy();
  const again = await login(demoGateway.token);
  again.publish("v1/gateway/connect", '{"device":"Device B"}');
  expect(await again.settle()).toEqual([]);
  expect(await isKnown("Device B")).toBe(false);
  await rest.call("POST", "/device", { ...device, additionalInfo: { gateway: true } });
  again.publish("v1/gateway/connect", '{"device":"Device B"}');
  expect(await again.settle()).toEqual([]);
});

test.each([
  "v1/gateway/connect",
  "v1/gateway/disconnect",
  "v1/gateway/telemetry",
  "v1/gateway/attributes",
  "v1/gateway/attributes/request",
  "v1/gateway/rpc",
  "v1/gateway/claim",
  "v1/gateway/nothing",
])("%s of a device that is no gateway gets no reaction at all", async (topic) => {
  const { login, events } = await startFixture();
  const client = await login();
  client.publish(topic, "{");
  client.publish(topic, '{"device":"Device A"}');
  expect(await client.settle()).toEqual([]);
  expect(events.filter(({ event }) => event === "publish.ignored")).toHaveLength(2);
});

test("v1/gateway/nothing of a gateway is acknowledged like any unknown topic", async () => {
  const { gateway, tell } = await startGateway();
  await tell("v1/gateway/nothing", "{");
  expect(await gateway.settle()).toEqual([]);
});

test("a gateway is also a device of its own", async () => {
  const { gateway, tell, rest, gatewayId } = await startGateway();
  await gateway.subscribe(["v1/devices/me/attributes"]);
  await tell("v1/devices/me/telemetry", { a: 1 });
  expect(await rest.latest(gatewayId, "a")).toEqual({ a: 1 });
  await rest.call("POST", `/plugins/telemetry/DEVICE/${gatewayId}/SHARED_SCOPE`, { b: 2 });
  expect(await gateway.nextPublish()).toMatchObject({ topic: "v1/devices/me/attributes", payload: '{"b":2}' });
});

test("a device entered over REST as a gateway is one", async () => {
  const { rest, login } = await startFixture();
  await rest.call("POST", "/device?accessToken=other", { name: "Other", additionalInfo: { gateway: true } });
  const client = await login("other");
  client.publish("v1/gateway/connect", '{"device":"Device A"}');
  await client.next("puback");
  expect(await rest.call("GET", "/tenant/devices?deviceName=Device%20A")).toMatchObject({ name: "Device A" });
});

test("filters of a gateway are literal, and v1/gateway/disconnect is none", async () => {
  const { gateway } = await startGateway();
  const accepted = ["v1/gateway/attributes", "v1/gateway/attributes/response", "v1/gateway/rpc"];
  const refused = ["v1/gateway/disconnect", "v1/gateway/#", "v1/gateway/+", "v1/gateway/connect", "v1/gateway/rpc/+"];
  expect(await gateway.subscribe([...accepted, ...refused])).toEqual([1, 1, 1, 0x80, 0x80, 0x80, 0x80, 0x80]);
});

test("relations go with either of their ends", async () => {
  const { tell, rest, idOf, gatewayId } = await startGateway();
  for (const device of ["A", "B"]) await tell("v1/gateway/connect", { device });
  await rest.call("DELETE", `/device/${await idOf("A")}`);
  const path = `/relations?toId=${await idOf("B")}&toType=DEVICE`;
  expect(await rest.call("GET", `/relations?fromId=${gatewayId}&fromType=DEVICE`)).toHaveLength(1);
  expect(await rest.call("GET", path)).toHaveLength(1);
  await rest.call("DELETE", `/device/${gatewayId}`);
  expect(await rest.call("GET", path)).toEqual([]);
});

test.each([
  ["/relations", 400],
  ["/relations?fromId=2f6c4f90-0000-11ee-8000-000000000001", 400],
  ["/relations?fromId=2f6c4f90-0000-11ee-8000-000000000001&fromType=DEVICE", 404],
  ["/relations?fromId=2f6c4f90-0000-11ee-8000-000000000001&fromType=TENANT", 404],
])("GET %s: %i", async (path, status) => {
  expect((await (await startFixture()).rest.fetch("GET", path)).status).toBe(status);
});

test("both demo devices are there from the start, one of them a gateway", async () => {
  const { rest } = await startFixture();
  const { data } = await rest.call("GET", "/tenant/devices?pageSize=9&page=0");
  expect(data).toEqual([
    expect.objectContaining({ name: demoDevice.name, additionalInfo: null }),
    expect.objectContaining({ name: demoGateway.name, additionalInfo: { gateway: true } }),
  ]);
});
