import { expect, test } from "@jest/globals";
import { startGateway } from "./gateway-fixture.js";

const telemetry = "v1/gateway/telemetry";

test("v1/gateway/telemetry of several devices, with times and without", async () => {
  const { gateway, rest, idOf } = await startGateway();
  const id = gateway.publish(
    telemetry,
    `{"Device A":[{"ts":1483228800000,"values":{"temperature":42,"humidity":80}},
      {"ts":1483228801000,"values":{"temperature":43,"humidity":82}}],
      "Device B":[{"temperature":44},{"humidity":83}]}`,
  );
  expect((await gateway.next("puback")).messageId).toBe(id);
  expect(await rest.history(await idOf("Device A"), "temperature")).toEqual([42, 43]);
  expect(await rest.latest(await idOf("Device B"), "temperature,humidity")).toEqual({ temperature: 44, humidity: 83 });
  expect(await gateway.settle()).toEqual([]);
});

test("values are typed like those of any device", async () => {
  const { gateway, rest, idOf } = await startGateway();
  gateway.publish(telemetry, '{"A":[{"a":"42","b":"1.10","c":"1e5","d":0.30000000000000004,"e":null,"f":{"g":[1]}}]}');
  gateway.publish("v1/gateway/attributes", '{"A":{"a":"007","b":"x","c":1e3,"d":9223372036854775808,"e":true}}');
  await gateway.next("puback");
  await gateway.next("puback");
  const latest = await rest.latest(await idOf("A"), "a,b,c,d,e,f");
  expect(latest).toEqual({ a: 42, b: 1.1, c: "1e5", d: "0.30000000000000004", e: null, f: { g: [1] } });
  const attributes = { a: 7, b: "x", c: 1000, d: "9223372036854775808", e: true };
  expect(await rest.attributes(await idOf("A"), "CLIENT_SCOPE")).toEqual(attributes);
});

test("v1/gateway/attributes of several devices are client attributes, of which nothing comes back", async () => {
  const { gateway, tell, rest, idOf } = await startGateway();
  await gateway.subscribe(["v1/gateway/attributes"]);
  await tell("v1/gateway/attributes", {
    "Device A": { attribute1: "value1", attribute2: 42 },
    "Device B": { ts: 1, values: { attribute1: "value2" } },
  });
  expect(await rest.attributes(await idOf("Device A"), "CLIENT_SCOPE")).toEqual({
    attribute1: "value1",
    attribute2: 42,
  });
  expect(await rest.attributes(await idOf("Device B"), "CLIENT_SCOPE")).toEqual({
    ts: 1,
    values: { attribute1: "value2" },
  });
  expect(await gateway.settle()).toEqual([]);
});

test.each([
  [telemetry, { A: { a: 1 }, B: 1, C: null, D: [{ a: 1 }] }],
  ["v1/gateway/attributes", { A: [{ a: 1 }], B: 1, C: null, D: { a: 1 } }],
  ["v1/gateway/claim", { A: [{}], B: "", C: null, D: {} }],
])("%s: what is not of the right kind is skipped without a word, and creates no device", async (topic, message) => {
  const { tell, isKnown } = await startGateway();
  await tell(topic, message);
  expect(await Promise.all(["A", "B", "C", "D"].map(isKnown))).toEqual([false, false, false, true]);
});

test.each([
  ["alone", { A: [] }],
  ["beside others", { B: [{ b: 1 }], A: [], C: [{ b: 1 }] }],
])("an empty array is never acknowledged: %s", async (_, message) => {
  const { gateway, isKnown } = await startGateway();
  gateway.publish(telemetry, JSON.stringify(message));
  expect(await gateway.settle()).toEqual([]);
  expect(await isKnown("A")).toBe(true);
});

test("empty objects are acknowledged", async () => {
  const { tell } = await startGateway();
  await tell(telemetry, { A: [{}] });
  await tell("v1/gateway/attributes", { A: {} });
});

test("a key that cannot be stored is acknowledged, and the other devices' values are stored", async () => {
  const { tell, rest, idOf, event } = await startGateway();
  await tell(telemetry, { A: [{ " ": 1 }], B: [{ b: 1 }] });
  expect(await rest.latest(await idOf("B"), "b")).toEqual({ b: 1 });
  expect(await event("save.rejected")).toMatchObject({ device: "A" });
});

test("QoS 0 telemetry is stored, QoS 2 is answered by a PUBACK", async () => {
  const { gateway, rest, idOf } = await startGateway();
  gateway.publish(telemetry, '{"A":[{"a":1}]}', 0);
  const id = gateway.publish(telemetry, '{"A":[{"b":2}],"B":[{"b":2}]}', 2);
  expect((await gateway.next("puback")).messageId).toBe(id);
  expect(await rest.latest(await idOf("A"), "a,b")).toEqual({ a: 1, b: 2 });
  expect(await gateway.settle()).toEqual([]);
});

test("what is published before the CONNACK waits for it", async () => {
  const { open, rest, idOf } = await startGateway();
  const client = await open();
  const connect = { protocolId: "MQTT", protocolVersion: 4, clean: true, clientId: "g", keepalive: 0 } as const;
  const publish = client.publishPacket(telemetry, '{"A":[{"a":1}]}');
  client.send({ cmd: "connect", username: "xsthing-gateway", ...connect }, publish);
  await client.next("puback");
  expect(await rest.latest(await idOf("A"), "a")).toEqual({ a: 1 });
});

const times = { connector: "modbus", receivedTs: 1_000_000, publishedTs: 1_000_040 };

test("metadata is not stored, and becomes the telemetry gatewayMetrics of the gateway", async () => {
  const { tell, rest, idOf, gatewayId } = await startGateway({ gatewayMetricsInterval: 150 });
  const publishedTs = Date.now();
  const at = (latency: number) => ({ ...times, receivedTs: publishedTs - latency, publishedTs });
  await tell(telemetry, { A: [{ a: 1, metadata: at(10) }], B: [{ ts: 5, values: { b: 2 }, metadata: at(41) }] });
  await tell(telemetry, { A: [{ c: 3, metadata: { ...times, connector: "ble", publishedTs: "1000001" } }, { d: 4 }] });
  let metrics: Record<string, Record<string, number>> | undefined;
  while (!metrics) metrics = (await rest.history(gatewayId, "gatewayMetrics"))[0] as typeof metrics;
  expect(Object.keys(metrics)).toEqual(["modbus", "ble"]);
  expect(metrics.modbus).toMatchObject({ avgGwLatency: 25, minGwLatency: 10, maxGwLatency: 41 });
  expect(metrics.ble).toMatchObject({ avgGwLatency: 1, minGwLatency: 1, maxGwLatency: 1 });
  const transport = ["minTransportLatency", "avgTransportLatency", "maxTransportLatency"];
  expect(Object.keys(metrics.modbus ?? {})).toEqual(expect.arrayContaining(transport));
  expect(metrics.ble?.minTransportLatency).toBeGreaterThan(1_000_000_000);
  const path = `/plugins/telemetry/DEVICE/${await idOf("A")}/keys/timeseries`;
  expect(await rest.call("GET", path)).toEqual(["a", "c", "d"]);
  await new Promise((resolve) => setTimeout(resolve, 320));
  expect(await rest.history(gatewayId, "gatewayMetrics")).toHaveLength(1);
});

test("there are no metrics of a gateway that was deleted", async () => {
  const { tell, rest, login, gatewayId, events } = await startGateway({ gatewayMetricsInterval: 300 });
  await rest.call("POST", "/device?accessToken=other", { name: "Other", additionalInfo: { gateway: true } });
  const other = await login("other");
  await tell(telemetry, { A: [{ metadata: times }] });
  await rest.call("DELETE", `/device/${gatewayId}`);
  other.publish(telemetry, JSON.stringify({ A: [{ metadata: times }] }));
  const reports = (): unknown[] => events.filter((event) => "keys" in event && event.keys.includes("gatewayMetrics"));
  while (reports().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(reports()).toEqual([expect.objectContaining({ device: "Other" })]);
});

test.each([
  ["no object", 1],
  ["null", null],
  ["empty", {}],
  ["without a connector", { ...times, connector: undefined }],
  ["without receivedTs", { ...times, receivedTs: undefined }],
  ["without publishedTs", { ...times, publishedTs: null }],
  ["with a time that is no number", { ...times, publishedTs: "x" }],
])("metadata that is %s makes the telemetry of its device unreadable: no PUBACK, and closed", async (_, metadata) => {
  const { gateway } = await startGateway();
  gateway.publish(telemetry, JSON.stringify({ A: [{ a: 1, metadata }] }));
  expect(await gateway.closed()).toEqual([]);
});
