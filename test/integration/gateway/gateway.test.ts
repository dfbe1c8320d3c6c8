// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "@jest/globals";
import { demoCustomerLogin, demoGateway } from "../../../server/server.js";
import { RestClient } from "../server/rest-client.js";
import { until } from "../until.js";
import { startGatewayDevice } from "./fixture.js";

test("v1/gateway/connect with device, type: children are made before anything else is said of them", async () => {
  const { device, rest, events, idOf, isConnected } = await startGatewayDevice();
  const a = device.gateway.child("Device A", { type: "thermometer" });
  a.telemetry.record("temperature", 42);
  a.attributes.publish({ serial: "7" });
  device.gateway.child("Device B");
  device.start();
  await until("both are there", () => isConnected("Device A") && isConnected("Device B"));
  const { type } = await rest.call("GET", `/device/${await idOf("Device A")}`);
  expect(type).toBe("thermometer");
  expect((await rest.call("GET", `/device/${await idOf("Device B")}`)).type).toBe("default");
  const made = events.findIndex((each) => each.event === "subdevice.created");
  const told = events.findIndex(({ event }) => event === "telemetry" || event === "attributes.published");
  expect(told === -1 || told > made).toBe(true);
});

test("v1/gateway/telemetry with ts, values: data of children and of the device itself arrive under their own names", async () => {
  const since = Date.now();
  const { device, rest, idOf } = await startGatewayDevice();
  device.start();
  for (const name of ["Device A", "Device B"]) {
    device.gateway.child(name).telemetry.record({ temperature: name === "Device A" ? 42 : 43, humidity: 80 });
  }
  device.telemetry.record("own", 1);
  const latest = async (name: string, keys: string) => rest.latest(await idOf(name), keys);
  await until("the device's own", async () => (await latest(demoGateway.name, "own")).own === 1);
  await until("of B", async () => (await latest("Device B", "temperature")).temperature === 43);
  expect(await latest("Device A", "temperature,humidity")).toEqual({ temperature: 42, humidity: 80 });
  const path = `/plugins/telemetry/DEVICE/${await idOf("Device A")}/values/timeseries?keys=temperature`;
  const [{ ts }] = (await rest.call("GET", path)).temperature;
  // The time at which it was recorded, by the same clock.
  expect(ts).toBeGreaterThanOrEqual(since);
  expect(ts).toBeLessThanOrEqual(Date.now());
});

test("the platform tells of the gateway's connector how long data took", async () => {
  const { device, rest, idOf } = await startGatewayDevice({
    server: { gatewayMetricsInterval: 100 },
    config: { gateway: { maxChildren: 2, connector: "Field bus" }, telemetry: { maxAge: 200 } },
  });
  device.start();
  device.gateway.child("Device A").telemetry.record("temperature", 42);
  const metrics = async () => (await rest.latest(await idOf(demoGateway.name), "gatewayMetrics")).gatewayMetrics;
  await until("it does", async () => JSON.stringify(await metrics()).includes("Field bus"));
  expect(JSON.stringify(await metrics())).toMatch(/avgGwLatency.*maxTransportLatency/);
  expect(await rest.latest(await idOf("Device A"), "temperature")).toEqual({ temperature: 42 });
});

test("v1/gateway/attributes with attribute1, attribute2, and with device, data: they go both ways, and what is wrong with the server's is told", async () => {
  const { device, rest, idOf, isConnected, share } = await startGatewayDevice();
  const child = device.gateway.child("Device A");
  const periods: unknown[] = [];
  child.attributes.declareShared("period", { type: "integer", minimum: 1 }, (value) => periods.push(value));
  child.attributes.publish({ attribute1: "value1", attribute2: 42 });
  device.start();
  await until("it is there", () => isConnected("Device A"));
  const clientOf = async () => rest.attributes(await idOf("Device A"), "CLIENT_SCOPE");
  await until("they arrived", async () => (await clientOf()).attribute2 === 42);
  await share("Device A", { period: 5 });
  await until("it is pushed", () => periods.length === 1);
  await share("Device A", { period: 0 });
  await until("it is refused", async () => JSON.stringify(await clientOf()).includes("below 1"));
  await rest.call("DELETE", `/plugins/telemetry/DEVICE/${await idOf("Device A")}/SHARED_SCOPE?keys=period`);
  await until("it is deleted", () => periods.length === 2);
  expect(periods).toEqual([5, undefined]);
});

test("v1/gateway/attributes/request with id, device, client, key, and v1/gateway/attributes/response with value: one or several", async () => {
  const { device, idOf, isConnected, share } = await startGatewayDevice();
  device.start();
  device.gateway.child("Device A").attributes.publish({ attribute1: "value1" });
  device.gateway.child("Device B");
  await until("both are there", () => isConnected("Device A") && isConnected("Device B"));
  await share("Device A", { x: 1 });
  await share("Device B", { x: 2, y: [3] });
  await idOf("Device A");
  device.stop();
  const values: unknown[] = [];
  for (const name of ["x", "y"]) {
    device.gateway.child("Device B").attributes.onShared(name, (value) => values.push([name, value]));
  }
  device.gateway.child("Device A").attributes.onShared("x", (value) => values.push(value));
  device.start();
  await until("all have come", () => values.length === 3);
  expect(values).toEqual(expect.arrayContaining([1, ["x", 2], ["y", [3]]]));
  const answers: unknown[] = [];
  device.gateway.child("Device B").attributes.request({ client: ["none"], shared: ["x", "z"] }, {}, (reason, found) => {
    answers.push(reason, [...(found?.client ?? [])], [...(found?.shared ?? [])]);
  });
  await until("it is answered", () => answers.length > 0);
  expect(answers).toEqual([undefined, [], [["x", 2]]]);
  const own: unknown[] = [];
  device.gateway.child("Device A").attributes.request({ client: ["attribute1"] }, {}, (reason, found) => {
    own.push(reason, [...(found?.client ?? [])]);
  });
  await until("it is answered", () => own.length > 0);
  expect(own).toEqual([undefined, [["attribute1", "value1"]]]);
});

test("v1/gateway/rpc with device, data, id, method, params: calls reach the child that is meant, and unknown ones get an error", async () => {
  const { device, rest, idOf, isConnected } = await startGatewayDevice();
  for (const name of ["Device A", "Device B"]) {
    device.gateway
      .child(name)
      .rpc.handle("toggle_gpio", { pin: "integer" }, ({ pin }) => Promise.resolve({ success: true, name, pin }));
  }
  device.start();
  await until("both are there", () => isConnected("Device A") && isConnected("Device B"));
  const call = async (name: string, method: string) =>
    rest.call("POST", `/rpc/twoway/${await idOf(name)}`, { method, params: { pin: 1 } });
  for (const name of ["Device A", "Device B"]) {
    expect(await call(name, "toggle_gpio")).toEqual({ success: true, name, pin: 1 });
    expect(await call(name, "nothing")).toMatchObject({ error: { code: "unknown-method" } });
  }
});

test("v1/gateway/claim with secretKey, durationMs, or without: children can be claimed, several at once", async () => {
  const { device, server, events } = await startGatewayDevice();
  device.gateway.child("Device A").claiming.open({ secretKey: "value_A", duration: 60_000 });
  device.gateway.child("Device B").claiming.open();
  device.start();
  await until("both are offered", () => events.filter(({ event }) => event === "claim.offered").length === 2);
  const customer = await RestClient.login(server.httpPort, demoCustomerLogin);
  for (const [name, secretKey] of [
    ["Device A", "value_A"],
    ["Device B", ""],
  ] as const) {
    const body = { secretKey };
    const response = await customer.fetch("POST", `/customer/device/${encodeURIComponent(name)}/claim`, body);
    expect(JSON.stringify(await response.json())).toContain("SUCCESS");
  }
});

test("v1/gateway/disconnect with device: a child that leaves is disconnected after its last data, and may come back", async () => {
  const { device, rest, idOf, isConnected, events } = await startGatewayDevice();
  device.start();
  const child = device.gateway.child("Device A");
  await until("it is there", () => isConnected("Device A"));
  child.telemetry.record("last", 1);
  child.disconnect();
  await until("it has left", () => !isConnected("Device A"));
  expect(await rest.latest(await idOf("Device A"), "last")).toEqual({ last: 1 });
  const left = events.findIndex(({ event }) => event === "subdevice.disconnected");
  expect(events.findIndex(({ event }) => event === "telemetry")).toBeLessThan(left);
  device.gateway.child("Device A");
  await until("it is back", () => isConnected("Device A"));
});

test("a child that is silent is never dropped", async () => {
  // A minute of the device is a second: ten minutes are the server's time out, eight are the device's.
  const { device, isConnected, events } = await startGatewayDevice({ server: { sessionTimeout: 10_000 }, haste: 60 });
  const values: unknown[] = [];
  device.gateway.child("Device A");
  device.gateway.child("Device B").attributes.onShared("x", (value) => values.push(value));
  device.start();
  await until("both are there", () => isConnected("Device A") && isConnected("Device B"));
  await new Promise((resolve) => setTimeout(resolve, 18_000));
  const dropped = events.filter((each) => each.event === "subdevice.disconnected");
  // A machine that stands still for a second ends the session of a device whose clock is this fast, and all of its children with it.
  expect(dropped.filter(({ reason }) => reason !== "gateway disconnected")).toEqual([]);
  expect(events.filter(({ event }) => event === "attributes.requested").length).toBeGreaterThanOrEqual(4);
}, 60_000);

test("200 children come, report and answer in one session", async () => {
  const { device, rest, idOf, events, isConnected, log } = await startGatewayDevice();
  const names = Array.from({ length: 200 }, (_, index) => `Sensor ${index}`);
  device.start();
  for (const [index, name] of names.entries()) {
    const child = device.gateway.child(name);
    child.telemetry.record("value", index);
    child.attributes.publish({ index });
  }
  await until("all are there", () => names.every(isConnected), 40_000);
  const reported = () => new Set(events.flatMap((each) => (each.event === "telemetry" ? [each.device] : [])));
  await until("all have reported", () => names.every((name) => reported().has(name)), 40_000);
  const stated = () => events.filter(({ event }) => event === "attributes.published").length;
  await until("all have stated", () => stated() >= 200, 40_000);
  expect(await rest.attributes(await idOf("Sensor 199"), "CLIENT_SCOPE")).toEqual({ index: 199 });
  expect(log.entries.filter(({ event }) => event === "session.disconnected")).toEqual([]);
}, 120_000);

test("children keep to the limits that the server has for them, from the first session on", async () => {
  const gatewayLimits = { messages: "8:1", telemetryMessages: "8:1" };
  const { device, isConnected, events } = await startGatewayDevice({ server: { gatewayLimits } });
  const names = Array.from({ length: 10 }, (_, index) => `Sensor ${index}`);
  for (const name of names) device.gateway.child(name).attributes.publish({ name });
  device.start();
  await until("all are there", () => names.every(isConnected));
  await until("all have stated", () => events.filter(({ event }) => event === "attributes.published").length >= 10);
  expect(events.filter(({ event }) => event === "device.disconnected")).toEqual([]);
}, 30_000);

test("a device that is no gateway on the server loses a session, not its own data", async () => {
  const { device, rest, deviceId, log } = await startGatewayDevice({ isPlain: true, haste: 20 });
  const child = device.gateway.child("Device A");
  device.start();
  await until("it is refused", () => log.events().includes("gateway.refused"));
  child.telemetry.record("theirs", 1);
  device.telemetry.record("own", 1);
  await until("its own data arrive", async () => (await rest.latest(deviceId, "own")).own === 1);
  expect(device.telemetry).toMatchObject({ delivered: 1, depth: 1 });
}, 30_000);
