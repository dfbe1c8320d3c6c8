import { expect, test } from "@jest/globals";
import { demoGateway } from "../../../server/server.js";
import { startGateway } from "./gateway-fixture.js";
import { connectPacket } from "./raw-client.js";

const telemetry = "v1/gateway/telemetry";

test.each([
  ["telemetry messages", { telemetryMessages: "2:60" }, telemetry, { A: [{ a: 1 }] }, 2],
  ["telemetry messages of all together", { telemetryMessages: "3:60" }, telemetry, { A: [{ a: 1 }], B: [{ b: 1 }] }, 1],
  ["telemetry data points", { telemetryDataPoints: "5:60" }, telemetry, { A: [{ a: 1 }, { a: 1, b: 2 }] }, 1],
  ["telemetry messages", { telemetryMessages: "2:60" }, "v1/gateway/attributes", { A: { a: 1 } }, 2],
  ["other messages", { messages: "4:60" }, "v1/gateway/attributes", { A: {} }, 2],
  ["other messages", { messages: "4:60" }, "v1/gateway/claim", { A: {} }, 2],
  ["other messages", { messages: "4:60" }, "v1/gateway/rpc", { device: "A", id: 9, data: 1 }, 2],
])("over the limit of %s (%j) %s is acknowledged, and closes", async (_, gatewayLimits, topic, message, passing) => {
  const { gateway, tell, event } = await startGateway({ gatewayLimits });
  for (let count = 0; count < passing; count++) await tell(topic, message);
  const messageId = gateway.publish(topic, JSON.stringify(message));
  expect(await gateway.closed()).toEqual([expect.objectContaining({ cmd: "puback", messageId })]);
  expect(await event("device.disconnected")).toMatchObject({ reason: expect.stringContaining("rate limit") });
});

test.each(["v1/gateway/connect", "v1/gateway/rpc"])(
  "%s: over the limit of other messages a device is not even looked for: closed without a PUBACK",
  async (topic) => {
    const { gateway, tell, isKnown } = await startGateway({ gatewayLimits: { messages: "2:60" } });
    await tell("v1/gateway/connect", { device: "A" });
    gateway.publish(topic, '{"device":"B","id":0,"data":1}');
    expect(await gateway.closed()).toEqual([]);
    expect(await isKnown("B")).toBe(false);
  },
);

test("a connect that is over the limit once the device is found is acknowledged, and nothing is pushed", async () => {
  const { gateway, tell, share } = await startGateway({ gatewayLimits: { messages: "1:60" } });
  await tell("v1/gateway/connect", { device: "A" });
  await share("A", { a: 1 });
  expect(await gateway.settle()).toEqual([]);
});

test("a disconnect counts, and over the limit it is not noted", async () => {
  const { tell, rest, idOf } = await startGateway({ gatewayLimits: { messages: "5:60" } });
  for (const device of ["A", "B"]) await tell("v1/gateway/connect", { device });
  for (const device of ["A", "B"]) await tell("v1/gateway/disconnect", { device });
  expect(await rest.attributes(await idOf("A"), "SERVER_SCOPE")).toHaveProperty("lastDisconnectTime");
  expect(await rest.attributes(await idOf("B"), "SERVER_SCOPE")).not.toHaveProperty("lastDisconnectTime");
});

test("a gateway's own messages have limits of their own, and its sub-devices' do not count", async () => {
  const gatewayDeviceLimits = { messages: "3:60", telemetryMessages: "1:60" };
  const { gateway, tell, open, event } = await startGateway({ gatewayDeviceLimits, limits: { messages: "1:60" } });
  for (let count = 0; count < 5; count++) await tell(telemetry, { A: [{ a: 1 }] });
  await tell("v1/devices/me/telemetry", { a: 1 });
  gateway.publish("v1/devices/me/telemetry", '{"a":1}');
  expect(await gateway.closed()).toEqual([]);
  await event("device.disconnected");
  for (const returnCode of [0, 0, 3]) {
    const client = await open();
    client.send(connectPacket({ username: demoGateway.token }));
    expect(await client.next("connack")).toMatchObject({ returnCode });
  }
});

test("getSessionLimits tells a gateway of both kinds of limits", async () => {
  const { gateway } = await startGateway({
    limits: { messages: "1:1" },
    gatewayDeviceLimits: { messages: "20:600" },
    gatewayLimits: { telemetryMessages: "200:60", telemetryDataPoints: "300:60" },
  });
  gateway.publish("v1/devices/me/rpc/request/1", '{"method":"getSessionLimits"}');
  expect(await gateway.nextPublish()).toMatchObject({
    topic: "v1/devices/me/rpc/response/1",
    payload:
      '{"maxPayloadSize":65536,"maxInflightMessages":100,' +
      '"rateLimits":{"messages":"20:600","telemetryMessages":null,"telemetryDataPoints":null},' +
      '"gatewayRateLimits":{"messages":null,"telemetryMessages":"200:60","telemetryDataPoints":"300:60"}}',
  });
});

test.each(["gatewayLimits", "gatewayDeviceLimits"])("malformed %s are refused at the start", async (option) => {
  await expect(startGateway({ [option]: { messages: "x" } })).rejects.toThrow("limits.messages");
});
