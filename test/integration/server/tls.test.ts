import { connect } from "node:net";
import { expect, test } from "@jest/globals";
import { demoDevice, startServer } from "../../../server/server.js";
import { type Identity, makeAuthority } from "../../fakes/certificates.js";
import { type Fixture, startFixture } from "./fixture.js";
import { connectPacket, type RawClient } from "./raw-client.js";

const authority = makeAuthority("Test authority");
const hour = 3_600_000;

function secureFixture(): Promise<Fixture> {
  const identity = authority.issue({ commonName: "server", hosts: ["127.0.0.1"] });
  return startFixture({ tls: { port: 0, ...identity } });
}

/** A fixture whose demo device has the certificate as its credentials. */
async function fixtureWithDevice({ certificate }: Identity): Promise<Fixture> {
  const fixture = await secureFixture();
  const wanted = { credentialsType: "X509_CERTIFICATE", credentialsValue: certificate };
  await fixture.rest.setCredentials(fixture.deviceId, wanted);
  return fixture;
}

async function connack(client: RawClient, more: Parameters<typeof connectPacket>[0] = {}): Promise<unknown> {
  client.send(connectPacket(more));
  return (await client.next("connack")).returnCode;
}

function showing({ certificate, privateKey }: Identity): { cert: string; key: string } {
  return { cert: certificate, key: privateKey };
}

test("a device with a token is served over TLS, by a server that can be verified", async () => {
  const { openSecurely, rest, deviceId } = await secureFixture();
  const client = await openSecurely({ ca: authority.certificate, rejectUnauthorized: true });
  expect(await connack(client, { username: demoDevice.token })).toBe(0);
  client.publish("v1/devices/me/telemetry", '{"a":1}');
  await client.next("puback");
  expect(await rest.latest(deviceId, "a")).toEqual({ a: 1 });
});

test("without a certificate of its own a client is asked for user name and password", async () => {
  const { openSecurely } = await secureFixture();
  expect(await connack(await openSecurely(), { username: "wrong" })).toBe(5);
  expect(await connack(await openSecurely(), { clientId: "wrong" })).toBe(2);
});

test("a certificate is enough: user name and password do not matter", async () => {
  const device = authority.issue({ commonName: "device" });
  const { openSecurely, open, event } = await fixtureWithDevice(device);
  expect(await connack(await openSecurely(showing(device)), { username: "x", password: Buffer.from("y") })).toBe(0);
  expect(await event("device.connected")).toMatchObject({ device: demoDevice.name });
  expect(await connack(await open(), { username: demoDevice.token })).toBe(5);
});

test("a certificate need not be of any authority, nor is its authority's name enough", async () => {
  const device = makeAuthority("Elsewhere").issue({ commonName: "device" });
  const { openSecurely } = await fixtureWithDevice(device);
  expect(await connack(await openSecurely(showing(device)))).toBe(0);
  const twin = makeAuthority("Elsewhere").issue({ commonName: "device" });
  expect(await connack(await openSecurely(showing(twin)))).toBe(5);
});

test.each([
  ["has expired", { notBefore: new Date(Date.now() - 2 * hour), notAfter: new Date(Date.now() - hour) }],
  ["is not valid yet", { notBefore: new Date(Date.now() + hour) }],
])("a certificate that %s is refused at CONNECT", async (_, validity) => {
  const device = authority.issue({ commonName: "device", ...validity });
  const { openSecurely } = await fixtureWithDevice(device);
  const client = await openSecurely(showing(device));
  expect(await connack(client)).toBe(5);
  await client.closed();
});

test("an unknown certificate is refused, whatever token comes with it", async () => {
  const { openSecurely } = await secureFixture();
  const stranger = authority.issue({ commonName: "stranger" });
  expect(await connack(await openSecurely(showing(stranger)), { username: demoDevice.token })).toBe(5);
  expect(await connack(await openSecurely(showing(stranger)), { clientId: "only" })).toBe(5);
});

test("a session over TLS ends when its certificate is replaced", async () => {
  const device = authority.issue({ commonName: "device" });
  const { openSecurely, rest, deviceId } = await fixtureWithDevice(device);
  const client = await openSecurely(showing(device));
  expect(await connack(client)).toBe(0);
  const { certificate } = authority.issue({ commonName: "device" });
  await rest.setCredentials(deviceId, { credentialsType: "X509_CERTIFICATE", credentialsValue: certificate });
  await client.closed();
  expect(await connack(await openSecurely(showing(device)))).toBe(5);
});

test("what is no handshake is reported, and keeps nobody from stopping the server", async () => {
  const { server, event } = await secureFixture();
  const silent = connect(server.tlsPort ?? 0, "127.0.0.1");
  const nonsense = connect(server.tlsPort ?? 0, "127.0.0.1");
  nonsense.on("error", () => {});
  silent.on("error", () => {});
  nonsense.write("no TLS at all\r\n\r\n");
  expect(await event("connection.closed")).toMatchObject({ reason: expect.stringContaining("TLS handshake failed") });
  await server.close();
  silent.destroy();
  nonsense.destroy();
});

test("a certificate that is none keeps the server from starting", async () => {
  const tls = { port: 0, certificate: "none", privateKey: "none" };
  await expect(startServer({ mqttPort: 0, httpPort: 0, tls })).rejects.toThrow("TLS");
});
