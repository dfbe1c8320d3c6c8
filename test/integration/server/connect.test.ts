import { expect, test } from "@jest/globals";
import mqtt from "mqtt-packet";
import { demoDevice } from "../../../server/server.js";
import { startFixture } from "./fixture.js";
import { connectPacket } from "./raw-client.js";

async function connackOf(
  more: Parameters<typeof connectPacket>[0],
  options: Parameters<typeof startFixture>[0] = {},
): Promise<unknown> {
  const { open } = await startFixture(options);
  const client = await open();
  client.send(connectPacket(more));
  const { returnCode, sessionPresent } = await client.next("connack");
  return { returnCode, sessionPresent };
}

test.each([
  ["the token as user name", { username: demoDevice.token }, 0],
  [
    "the token, whatever client id and password",
    { username: demoDevice.token, clientId: "x", password: Buffer.from("y") },
    0,
  ],
  ["an unknown token", { username: "wrong" }, 5],
  ["an unknown user name with a password", { username: "wrong", password: Buffer.from("secret") }, 5],
  ["only a client id", { clientId: "unknown" }, 2],
  ["an empty user name and a client id", { clientId: "unknown", username: "" }, 2],
  ["nothing at all", { clientId: "" }, 5],
  ["the token as client id", { clientId: demoDevice.token }, 2],
])("CONNECT with %s", async (_, more, returnCode) => {
  expect(await connackOf(more)).toEqual({ returnCode, sessionPresent: false });
});

test("a refused connection is closed after the CONNACK, and reported", async () => {
  const { open, event } = await startFixture();
  const client = await open();
  client.send(connectPacket({ username: "wrong" }));
  await client.next("connack");
  await client.closed();
  expect(await event("device.refused")).toMatchObject({ code: 5 });
});

test.each([
  ["an unknown token", { username: "wrong" }, 4],
  ["an empty user name", { username: "" }, 4],
  ["no user name", { clientId: "unknown" }, 2],
])("legacy refusals: CONNECT with %s", async (_, more, returnCode) => {
  expect(await connackOf(more, { legacyRefusals: true })).toMatchObject({ returnCode });
});

test("session present means no more than not clean, even when refused", async () => {
  expect(await connackOf({ username: demoDevice.token, clean: false })).toEqual({
    returnCode: 0,
    sessionPresent: true,
  });
  expect(await connackOf({ username: "wrong", clean: false })).toEqual({ returnCode: 5, sessionPresent: true });
});

test("MQTT 5 is refused with its own code, unsupported protocol version", async () => {
  const { open } = await startFixture();
  const client = await open();
  const connect = connectPacket({ protocolVersion: 5, username: demoDevice.token });
  client.write(mqtt.generate(connect, { protocolVersion: 5 }));
  expect((await client.next("connack")).returnCode).toBe(0x84);
  await client.closed();
});

test("a client may send everything at once: CONNECT, SUBSCRIBE and PUBLISH in one segment", async () => {
  const { open } = await startFixture();
  const client = await open();
  client.send(
    connectPacket({ username: demoDevice.token }),
    client.subscribePacket(["v1/devices/me/attributes", "v1/devices/me/attributes/response/+"]),
    client.publishPacket("v1/devices/me/telemetry", '{"a":1}'),
    client.publishPacket("v1/devices/me/attributes/request/1", "{}"),
  );
  expect((await client.next("connack")).returnCode).toBe(0);
  expect((await client.next("suback")).granted).toEqual([1, 1]);
  expect((await client.next("puback")).messageId).toBe(2);
  expect((await client.next("puback")).messageId).toBe(3);
  expect(await client.nextPublish()).toMatchObject({ topic: "v1/devices/me/attributes/response/1", payload: "{}" });
});

test("a client may send everything at once, byte by byte", async () => {
  const { open } = await startFixture();
  const client = await open();
  const packets = [
    connectPacket({ username: demoDevice.token }),
    client.subscribePacket(["v1/devices/me/rpc/request/+"]),
    client.publishPacket("v1/devices/me/telemetry", '{"a":1}'),
  ];
  for (const byte of Buffer.concat(packets.map((packet) => mqtt.generate(packet)))) {
    client.write(Uint8Array.of(byte));
    await new Promise(setImmediate);
  }
  await client.next("connack");
  await client.next("suback");
  await client.next("puback");
});

test("100 packets may wait for the CONNACK", async () => {
  const { open } = await startFixture();
  const client = await open();
  const publishes = Array.from({ length: 100 }, () => client.publishPacket("v2/t", '{"a":1}'));
  client.send(...publishes, connectPacket({ username: demoDevice.token }));
  await client.next("connack");
  for (const { messageId } of publishes) expect((await client.next("puback")).messageId).toBe(messageId);
});

test("the 101st packet before the CONNACK closes the connection", async () => {
  const { open } = await startFixture();
  const client = await open();
  const publishes = Array.from({ length: 101 }, () => client.publishPacket("v2/t", '{"a":1}'));
  client.send(connectPacket({ username: demoDevice.token }), ...publishes);
  expect(await client.closed()).toEqual([]);
});

test("a new session of a device takes over, whatever the client ids", async () => {
  const { login, rest, deviceId, events } = await startFixture();
  const first = await login();
  const second = await login();
  await first.closed();
  await second.settle();
  expect(events).toContainEqual(
    expect.objectContaining({ event: "device.disconnected", reason: expect.stringContaining("taken over") }),
  );
  expect(await rest.attributes(deviceId, "SERVER_SCOPE")).toMatchObject({ active: true });
});

test("devices with the same client id do not disturb each other", async () => {
  const { login, rest } = await startFixture();
  await rest.createDevice("Other", "other-token");
  const first = await login();
  const second = await login("other-token");
  await first.settle();
  await second.settle();
});

test("a second CONNECT on a live connection is answered again", async () => {
  const { login } = await startFixture();
  const client = await login();
  client.send(connectPacket({ username: demoDevice.token }));
  expect((await client.next("connack")).returnCode).toBe(0);
  await client.settle();
});

test("a connection without a sign of life is closed after the session timeout", async () => {
  const { login, event } = await startFixture({ sessionTimeout: 50 });
  await (await login()).closed();
  expect(await event("device.disconnected")).toMatchObject({ reason: "session timeout" });
});

test("a PINGREQ is a sign of life", async () => {
  const client = await (await startFixture({ sessionTimeout: 1000 })).login();
  for (let count = 0; count < 5; count++) {
    await client.settle();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
});

test("deleting a device and changing its token close its session", async () => {
  const { login, rest, deviceId } = await startFixture();
  const client = await login();
  const credentials = await rest.call("GET", `/device/${deviceId}/credentials`);
  await rest.call("POST", "/device/credentials", { ...credentials, credentialsId: "new-token" });
  await client.closed();
  const again = await login("new-token");
  await rest.call("DELETE", `/device/${deviceId}`);
  await again.closed();
  await expect(login("new-token")).rejects.toThrow("code 5");
});

test("the device's state is kept in server attributes", async () => {
  const { login, rest, deviceId, event } = await startFixture();
  const before = Date.now();
  const client = await login();
  const connected = await rest.attributes(deviceId, "SERVER_SCOPE");
  expect(connected).toMatchObject({ active: true });
  expect(connected.lastConnectTime).toBeGreaterThanOrEqual(before);
  client.send({ cmd: "disconnect" });
  await client.closed();
  await event("device.disconnected");
  const disconnected = await rest.attributes(deviceId, "SERVER_SCOPE");
  expect(disconnected.lastDisconnectTime).toBeGreaterThanOrEqual(Number(connected.lastConnectTime));
  expect(disconnected.active).toBe(true);
});

test("a silent device turns inactive after its inactivity timeout", async () => {
  const { login, rest, deviceId } = await startFixture();
  await login();
  await rest.call("POST", `/plugins/telemetry/DEVICE/${deviceId}/SERVER_SCOPE`, { inactivityTimeout: 100 });
  const isActive = async (): Promise<unknown> => {
    const infos = await rest.call("GET", "/tenant/deviceInfos?pageSize=10&page=0");
    return infos.data[0].active;
  };
  expect(await isActive()).toBe(true);
  while (await isActive()) await new Promise((resolve) => setTimeout(resolve, 50));
});
