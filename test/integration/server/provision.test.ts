import { expect, test } from "@jest/globals";
import { demoDevice, type ServerOptions } from "../../../server/server.js";
import { makeAuthority } from "../../fakes/certificates.js";
import { type Fixture, startFixture } from "./fixture.js";
import { profileBody } from "./profile.js";
import { connectPacket, type RawClient } from "./raw-client.js";

const requestTopic = "/provision/request";
const responseTopic = "/provision/response";
const keys = { provisionDeviceKey: "key", provisionDeviceSecret: "secret" };
const notFound = '{"errorMsg":"Provision data was not found!","status":"NOT_FOUND"}';
const failure = '{"errorMsg":"Failed to provision device!","status":"FAILURE"}';

interface ProvisionFixture extends Fixture {
  readonly client: RawClient;
  readonly profileId: string;
}

/** A connection for provisioning, and a profile with a strategy. */
async function provisionFixture(
  provisionType = "ALLOW_CREATE_NEW_DEVICES",
  options: ServerOptions = {},
): Promise<ProvisionFixture> {
  const fixture = await startFixture(options);
  const { id } = await fixture.rest.call("POST", "/deviceProfile", profileBody({ provisionType }));
  return { ...fixture, client: await openProvisioning(fixture), profileId: id.id };
}

async function openProvisioning({ open }: Fixture): Promise<RawClient> {
  const client = await open();
  client.send(connectPacket({ username: "provision" }));
  expect((await client.next("connack")).returnCode).toBe(0);
  return client;
}

async function ask(client: RawClient, request: object | string): Promise<string> {
  client.publish(requestTopic, typeof request === "string" ? request : JSON.stringify(request));
  await client.next("puback");
  const { topic, payload } = await client.nextPublish();
  expect(topic).toBe(responseTopic);
  return payload;
}

test("a token is made up, and the device connects with it", async () => {
  const { client, rest, login, profileId } = await provisionFixture();
  const response = JSON.parse(await ask(client, { ...keys, deviceName: " New " }));
  expect(Object.keys(response)).toEqual(["credentialsValue", "credentialsType", "status"]);
  expect(response).toMatchObject({ credentialsType: "ACCESS_TOKEN", status: "SUCCESS" });
  const device = await rest.call("GET", "/tenant/devices?deviceName=New");
  expect(device).toMatchObject({ type: "sensor", deviceProfileId: { id: profileId }, additionalInfo: null });
  expect(await rest.attributes(device.id.id, "SERVER_SCOPE")).toEqual({ provisionState: "provisioned" });
  await (await login(response.credentialsValue)).settle();
});

test.each([
  ["a token of its own", { token: "mine" }, '"mine"', "ACCESS_TOKEN"],
  [
    "client id, user name and password",
    { credentialsType: "MQTT_BASIC", clientId: "c", username: "u", password: "p" },
    '{"clientId":"c","userName":"u","password":"p"}',
    "MQTT_BASIC",
  ],
  [
    "only a user name",
    { credentialsType: "MQTT_BASIC", username: "u" },
    '{"clientId":"","userName":"u","password":""}',
    "MQTT_BASIC",
  ],
])("a device chooses %s", async (_, wanted, value, credentialsType) => {
  const { client, open } = await provisionFixture();
  const response = await ask(client, { ...keys, deviceName: "New", ...wanted });
  expect(response).toBe(`{"credentialsValue":${value},"credentialsType":"${credentialsType}","status":"SUCCESS"}`);
  const device = await open();
  const { token, clientId = "any", username = token, password } = wanted as Record<string, string>;
  device.send(
    connectPacket({ clientId, username, ...(password ? { password: Buffer.from(password) } : {}) } as object),
  );
  expect((await device.next("connack")).returnCode).toBe(0);
});

test("a device brings its certificate, as hash, and connects with it over TLS", async () => {
  const authority = makeAuthority("A");
  const { certificate, privateKey } = authority.issue({ commonName: "device" });
  const { client, openSecurely } = await provisionFixture("ALLOW_CREATE_NEW_DEVICES", {
    tls: { port: 0, ...authority.issue({ commonName: "server" }) },
  });
  const request = { ...keys, deviceName: "New", credentialsType: "X509_CERTIFICATE", hash: certificate };
  const credentialsValue = certificate.split("\n").slice(1, -2).join("");
  const response = { credentialsValue, credentialsType: "X509_CERTIFICATE", status: "SUCCESS" };
  expect(JSON.parse(await ask(client, request))).toEqual(response);
  const device = await openSecurely({ cert: certificate, key: privateKey });
  device.send(connectPacket());
  expect((await device.next("connack")).returnCode).toBe(0);
});

test("without a name it gets 20 letters and digits; gateway makes a gateway", async () => {
  const { client, rest } = await provisionFixture();
  await ask(client, { ...keys, gateway: true });
  const { data } = await rest.call("GET", "/tenant/devices?pageSize=9&page=0");
  expect(data.at(-1)).toMatchObject({
    name: expect.stringMatching(/^[A-Za-z0-9]{20}$/),
    additionalInfo: { gateway: true },
  });
});

test("without any data of its own the type does not matter: it is a token", async () => {
  const { client } = await provisionFixture();
  const response = await ask(client, { ...keys, deviceName: "New", credentialsType: "X509_CERTIFICATE" });
  expect(JSON.parse(response)).toMatchObject({ credentialsType: "ACCESS_TOKEN", status: "SUCCESS" });
});

test.each([
  ["an unknown key", { ...keys, provisionDeviceKey: "x" }, notFound],
  ["a wrong secret", { ...keys, provisionDeviceSecret: "x" }, notFound],
  ["an empty key", { ...keys, provisionDeviceKey: "" }, notFound],
  ["an empty secret", { ...keys, provisionDeviceSecret: "" }, notFound],
  ["a blank name", { ...keys, deviceName: "  " }, failure],
  ["the name of another device", { ...keys, deviceName: demoDevice.name }, failure],
  ["the token of another device", { ...keys, deviceName: "New", token: demoDevice.token }, failure],
  ["a token, and data of another kind", { ...keys, deviceName: "New", clientId: "c" }, failure],
  ["LwM2M", { ...keys, deviceName: "New", credentialsType: "LWM2M_CREDENTIALS", token: "t" }, failure],
])("with %s nothing is provisioned", async (_, request, response) => {
  const { client, rest } = await provisionFixture();
  expect(await ask(client, request)).toBe(response);
  expect((await rest.call("GET", "/tenant/devices?pageSize=9&page=0")).totalElements).toBe(2);
});

test("a disabled profile provisions nothing", async () => {
  expect(await ask((await provisionFixture("DISABLED")).client, { ...keys, deviceName: "New" })).toBe(notFound);
});

test("a device that was entered before gets its credentials, once", async () => {
  const { client, rest, profileId } = await provisionFixture("CHECK_PRE_PROVISIONED_DEVICES");
  const known = await rest.call("POST", "/device?accessToken=known", {
    name: "Known",
    deviceProfileId: { id: profileId },
  });
  const request = { ...keys, deviceName: "Known", token: "ignored" };
  const success = '{"credentialsValue":"known","credentialsType":"ACCESS_TOKEN","status":"SUCCESS"}';
  expect(await ask(client, { ...request, deviceName: "Nobody" })).toBe(failure);
  expect(await ask(client, { ...request, deviceName: demoDevice.name })).toBe(failure);
  expect(await ask(client, { ...request, provisionDeviceSecret: "x" })).toBe(notFound);
  expect(await ask(client, request)).toBe(success);
  expect(await ask(client, request)).toBe(failure);
  await rest.call("DELETE", `/plugins/telemetry/DEVICE/${known.id.id}/SERVER_SCOPE?keys=provisionState`);
  expect(await ask(client, request)).toBe(success);
});

test.each([
  ["the user name, with any client id", { username: "provision", clientId: "x", password: Buffer.from("y") }, 0],
  ["the client id, with a token beside it", { username: demoDevice.token, clientId: "provision" }, 0],
  ["another spelling", { username: "Provision" }, 5],
])("a provisioning session is opened by %s", async (_, names, returnCode) => {
  const { open, events } = await startFixture();
  const client = await open();
  client.send(connectPacket({ ...names, clean: false }));
  expect(await client.next("connack")).toMatchObject({ returnCode, sessionPresent: true });
  expect(events.some(({ event }) => event === "device.connected")).toBe(false);
});

test("only the answer can be subscribed to; without that it comes at QoS 1", async () => {
  const { client } = await provisionFixture();
  client.publish(requestTopic, JSON.stringify(keys), 0);
  expect(await client.nextPublish()).toMatchObject({ topic: responseTopic, qos: 1 });
  expect(await client.subscribe([responseTopic, "v1/devices/me/attributes", "/provision/+"], 0)).toEqual([
    0, 0x80, 0x80,
  ]);
  client.publish(requestTopic, JSON.stringify(keys), 0);
  expect(await client.nextPublish()).toMatchObject({ topic: responseTopic, qos: 0 });
  client.send({ cmd: "unsubscribe", messageId: 9, unsubscriptions: [responseTopic] });
  expect((await client.next("unsuback")).messageId).toBe(9);
  client.publish(requestTopic, JSON.stringify(keys), 0);
  expect((await client.nextPublish()).qos).toBe(1);
  expect(await client.settle()).toEqual([]);
  client.send({ cmd: "disconnect" });
  await client.closed();
});

test.each(["v1/devices/me/telemetry", "/provision/response", "provision/request"])(
  "a PUBLISH on %s is acknowledged and closes the connection",
  async (topic) => {
    const { client } = await provisionFixture();
    const id = client.publish(topic, "{}");
    expect(await client.closed()).toEqual([expect.objectContaining({ cmd: "puback", messageId: id })]);
  },
);

test.each([
  ["no key", { provisionDeviceSecret: "s" }, true],
  ["no secret", { provisionDeviceKey: "k" }, true],
  ["null for a name", { ...keys, deviceName: null }, true],
  ["an object for a token", { ...keys, token: {} }, true],
  ["null for gateway", { ...keys, gateway: null }, true],
  ["an unknown type", { ...keys, credentialsType: "PASSWORD" }, true],
  ["an array for a name", { ...keys, deviceName: ["a", "b"] }, false],
  ["no object", [keys], false],
  ["no JSON", "{", false],
])("a request with %s closes the connection, acknowledged or not", async (_, request, isAcknowledged) => {
  const { client } = await provisionFixture();
  client.publish(requestTopic, typeof request === "string" ? request : JSON.stringify(request));
  expect((await client.closed()).map(({ cmd }) => cmd)).toEqual(isAcknowledged ? ["puback"] : []);
});

test("an empty request is one in protobuf, and makes the session one in protobuf", async () => {
  const { client, open } = await provisionFixture();
  expect(await ask(client, "")).toBe("\b\u0002");
  expect(await ask(client, { ...keys, deviceName: "New", token: "chosen" })).toBe("\b\u0001\u001a\u0006chosen");
  const basic = { credentialsType: "MQTT_BASIC", username: "u" };
  const value = '{"clientId":"","userName":"u","password":""}';
  expect(await ask(client, { ...keys, deviceName: "Newer", ...basic })).toBe(`\b\u0001\u0010\u0002\u001a,${value}`);
  expect(await ask(await openProvisioning({ open } as Fixture), { ...keys, provisionDeviceKey: "x" })).toBe(notFound);
});

test("the connection is closed some time after the first answer, and not before it", async () => {
  const { client } = await provisionFixture("ALLOW_CREATE_NEW_DEVICES", {
    provisionCloseDelay: 200,
    sessionTimeout: 50,
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await ask(client, { ...keys, deviceName: "A" });
  const answered = Date.now();
  await ask(client, { ...keys, deviceName: "B" });
  await client.closed();
  expect(Date.now() - answered).toBeGreaterThan(150);
});

test("another CONNECT does not turn a provisioning session into one of a device", async () => {
  const { client } = await provisionFixture();
  client.send(connectPacket({ username: demoDevice.token }));
  expect((await client.next("connack")).returnCode).toBe(0);
  client.publish("v1/devices/me/telemetry", "{}");
  await client.closed();
});

test("what was sent before the CONNECT stays without an answer", async () => {
  const { open } = await provisionFixture();
  const client = await open();
  client.send(client.publishPacket(requestTopic, JSON.stringify(keys)), connectPacket({ username: "provision" }));
  await client.next("connack");
  expect(await client.settle()).toEqual([]);
});
