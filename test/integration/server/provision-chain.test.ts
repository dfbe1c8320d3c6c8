import { expect, test } from "@jest/globals";
import { demoDevice } from "../../../server/server.js";
import { type Identity, makeAuthority } from "../../fakes/certificates.js";
import { type Fixture, startFixture } from "./fixture.js";
import { profileBody } from "./profile.js";
import { connectPacket } from "./raw-client.js";

const factory = makeAuthority("Factory");

interface ChainFixture extends Fixture {
  readonly profileId: string;
  /** Connects with a certificate and those that signed it. @returns the CONNACK code */
  connect(identity: Identity, ...signers: readonly string[]): Promise<unknown>;
}

/** A server with a profile for the devices of the factory. */
async function chainFixture(configuration: object = {}): Promise<ChainFixture> {
  const fixture = await startFixture({ tls: { port: 0, ...makeAuthority("S").issue({ commonName: "server" }) } });
  const profile = profileBody({
    provisionType: "X509_CERTIFICATE_CHAIN",
    configuration: {
      provisionDeviceSecret: factory.certificate,
      certificateRegExPattern: "(.*)\\.sensor",
      allowCreateNewDevicesByX509Certificate: true,
      ...configuration,
    },
  });
  const { id } = await fixture.rest.call("POST", "/deviceProfile", profile);
  const connect = async ({ certificate, privateKey }: Identity, ...signers: string[]): Promise<unknown> => {
    const client = await fixture.openSecurely({ cert: [certificate, ...signers].join(""), key: privateKey });
    client.send(connectPacket());
    return (await client.next("connack")).returnCode;
  };
  return { ...fixture, profileId: id.id, connect };
}

async function deviceCount({ rest }: Fixture): Promise<number> {
  return (await rest.call("GET", "/tenant/devices?pageSize=9&page=0")).totalElements;
}

test("a device is created by the certificate that signed its own, and named by its common name", async () => {
  const fixture = await chainFixture();
  expect(await fixture.connect(factory.issue({ commonName: "S1.sensor" }), factory.certificate)).toBe(0);
  const device = await fixture.rest.call("GET", "/tenant/devices?deviceName=S1");
  expect(device).toMatchObject({ type: "sensor", deviceProfileId: { id: fixture.profileId } });
  expect(await fixture.rest.attributes(device.id.id, "SERVER_SCOPE")).toMatchObject({ provisionState: "provisioned" });
});

test("a new certificate of the same name takes the place of the old one", async () => {
  const fixture = await chainFixture();
  const [first, second] = [factory.issue({ commonName: "S1.sensor" }), factory.issue({ commonName: "S1.sensor" })];
  expect(await fixture.connect(first, factory.certificate)).toBe(0);
  expect(await fixture.connect(second, factory.certificate)).toBe(0);
  expect(await fixture.connect(first)).toBe(5);
  expect(await deviceCount(fixture)).toBe(3);
});

test("an authority between the factory and the device does not matter", async () => {
  const line = factory.issueAuthority("Line 1");
  const fixture = await chainFixture();
  const device = line.issue({ commonName: "S1.sensor" });
  expect(await fixture.connect(device, line.certificate, factory.certificate)).toBe(0);
});

test.each([
  ["the signer is not sent", {}, "S1.sensor", []],
  ["the common name does not fit", {}, "S1.other", [factory.certificate]],
  ["the expression is none", { certificateRegExPattern: "(" }, "S1.sensor", [factory.certificate]],
  [
    "new devices are not allowed",
    { allowCreateNewDevicesByX509Certificate: false },
    "S1.sensor",
    [factory.certificate],
  ],
  ["the name is another device's", {}, `${demoDevice.name}.sensor`, [factory.certificate]],
])("nothing is provisioned and the CONNECT is refused if %s", async (_, configuration, commonName, signers) => {
  const fixture = await chainFixture(configuration);
  expect(await fixture.connect(factory.issue({ commonName }), ...signers)).toBe(5);
  expect(await deviceCount(fixture)).toBe(2);
});

test("a chain that is not signed link by link ends the connection", async () => {
  const fixture = await chainFixture();
  const impostor = makeAuthority("Factory").issue({ commonName: "S1.sensor" });
  await expect(fixture.connect(impostor, factory.certificate)).rejects.toThrow("closed");
  expect(await deviceCount(fixture)).toBe(2);
  expect(await fixture.event("connection.closed")).toMatchObject({ reason: expect.stringContaining("Invalid Chain") });
});

test("such a profile has nothing for a provisioning request: acknowledged, closed", async () => {
  const { open, rest, profileId } = await chainFixture();
  const { provisionDeviceKey } = await rest.call("GET", `/deviceProfile/${profileId}`);
  const client = await open();
  client.send(connectPacket({ username: "provision" }));
  await client.next("connack");
  client.publish("/provision/request", JSON.stringify({ provisionDeviceKey, provisionDeviceSecret: "any" }));
  expect((await client.closed()).map(({ cmd }) => cmd)).toEqual(["puback"]);
});
