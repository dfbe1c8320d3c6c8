import { expect, test } from "@jest/globals";
import mqtt from "mqtt-packet";
import { demoDevice } from "../../../server/server.js";
import { startFixture } from "./fixture.js";
import { connectPacket } from "./raw-client.js";

/** The bytes of a PUBLISH at QoS 1 with a given remaining length. */
function publishOfSize(remainingLength: number): Buffer {
  const topic = "v2/t";
  const payload = `{"a":"${"x".repeat(remainingLength - topic.length - 4 - 8)}"}`;
  return mqtt.generate({ cmd: "publish", topic, payload, qos: 1, dup: false, retain: false, messageId: 1 });
}

test("a packet of the largest size passes, in many pieces", async () => {
  const client = await (await startFixture()).login();
  const packet = publishOfSize(65_536);
  for (let start = 0; start < packet.length; start += 9973) client.write(packet.subarray(start, start + 9973));
  await client.next("puback");
});

test("a packet one byte larger closes the connection", async () => {
  const { login, event } = await startFixture();
  const client = await login();
  client.write(publishOfSize(65_537));
  expect(await client.closed()).toEqual([]);
  expect(await event("device.disconnected")).toMatchObject({ reason: "packet larger than 65536 bytes" });
});

test("a packet that only announces its size closes the connection at once", async () => {
  const client = await (await startFixture({ maxPayloadSize: 1000 })).login();
  client.write(Uint8Array.of(0x32, 0xff, 0xff, 0x7f));
  await client.closed();
});

test.each([
  ["telemetry messages", { telemetryMessages: "2:60" }, '{"a":1}', 2],
  ["telemetry data points", { telemetryDataPoints: "5:60" }, '{"a":1,"b":2}', 2],
  ["the tightest of several", { telemetryMessages: "100:3600,1:60" }, '{"a":1}', 1],
  ["other messages, the connection included", { messages: "3:60" }, "{}", 2],
])("over the limit of %s the session is closed without a PUBACK", async (_, limits, payload, passing) => {
  const { login, event } = await startFixture({ limits });
  const client = await login();
  for (let count = 0; count < passing; count++) {
    client.publish("v2/t", payload);
    await client.next("puback");
  }
  client.publish("v2/t", payload);
  expect(await client.closed()).toEqual([]);
  expect(await event("device.disconnected")).toMatchObject({ reason: expect.stringContaining("rate limit") });
});

test("attribute publishes count as telemetry", async () => {
  const client = await (await startFixture({ limits: { telemetryMessages: "1:60" } })).login();
  client.publish("v2/a", '{"a":1}');
  await client.next("puback");
  client.publish("v2/a", '{"a":1}');
  await client.closed();
});

test("limits outlive the session: a new connection over the limit is refused with code 3", async () => {
  const { login, open } = await startFixture({ limits: { messages: "1:60" } });
  await login();
  const client = await open();
  client.send(connectPacket({ username: demoDevice.token }));
  expect((await client.next("connack")).returnCode).toBe(3);
});

test("a SUBSCRIBE over the limit is granted and has no effect", async () => {
  const { login, rest, deviceId } = await startFixture({ limits: { messages: "1:60" } });
  const client = await login();
  expect(await client.subscribe(["v2/a"])).toEqual([1]);
  await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/SHARED_SCOPE`, { period: 5 });
  expect(await client.settle()).toEqual([]);
});

test("the buckets refill", async () => {
  const client = await (await startFixture({ limits: { telemetryMessages: "20:1" } })).login();
  for (let count = 0; count < 20; count++) client.publish("v2/t", '{"a":1}');
  await new Promise((resolve) => setTimeout(resolve, 150));
  client.publish("v2/t", '{"a":1}');
  for (let count = 0; count < 21; count++) await client.next("puback");
});

test.each(["20", "0:1", "x:y", "1:2:3", "5:60,"])("the limit %s is refused at the start", async (messages) => {
  await expect(startFixture({ limits: { messages } })).rejects.toThrow("limits.messages");
});
