import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { demoDevice } from "../../../server/server.js";
import { makeAuthority } from "../../fakes/certificates.js";
import { type Fixture, startFixture } from "./fixture.js";
import { connectPacket } from "./raw-client.js";

type Names = readonly [clientId: string, username?: string, password?: string];

/** The CONNACK codes of clients that connect one after the other. */
async function connackCodes({ open }: Fixture, clients: readonly Names[]): Promise<unknown[]> {
  const codes = [];
  for (const [clientId, username, password] of clients) {
    const client = await open();
    const more = password === undefined ? {} : { password: Buffer.from(password) };
    client.send(connectPacket({ clientId, ...(username === undefined ? {} : { username }), ...more }));
    codes.push((await client.next("connack")).returnCode);
  }
  return codes;
}

function basic(value: object): object {
  return { credentialsType: "MQTT_BASIC", credentialsValue: JSON.stringify(value) };
}

test.each<[string, object, readonly Names[], number[]]>([
  ["only a client id", { clientId: "c" }, [["c"], ["d"], ["c", "u"], ["c", "", "p"]], [0, 2, 5, 0]],
  ["only a user name", { userName: "u" }, [["any", "u"], ["x", "u", "p"], ["x", "v"], ["u"]], [0, 0, 5, 2]],
  [
    "user name and password",
    { userName: "u", password: "p" },
    [
      ["x", "u", "p"],
      ["x", "u", "q"],
      ["x", "u"],
    ],
    [0, 5, 5],
  ],
  [
    "client id and user name",
    { clientId: "c", userName: "u" },
    [["c", "u"], ["d", "u"], ["c", "v"], ["c"]],
    [0, 5, 5, 2],
  ],
  [
    "all three",
    { clientId: "c", userName: "u", password: "p" },
    [
      ["c", "u", "p"],
      ["c", "u", "q"],
      ["d", "u", "p"],
      ["c", "u"],
    ],
    [0, 5, 5, 5],
  ],
])("MQTT_BASIC with %s", async (_, value, clients, codes) => {
  const fixture = await startFixture();
  await fixture.rest.setCredentials(fixture.deviceId, basic(value));
  expect(await connackCodes(fixture, clients)).toEqual(codes);
  expect(await connackCodes(fixture, [["raw", demoDevice.token]])).toEqual([5]);
});

test("MQTT_BASIC is stored with all its members, and looked up by a hash", async () => {
  const { rest, deviceId } = await startFixture();
  const stored = await rest.setCredentials(deviceId, basic({ clientId: "c", userName: "u" }));
  expect(stored).toMatchObject({
    credentialsType: "MQTT_BASIC",
    credentialsId: createHash("sha3-256").update("c|u").digest("hex"),
    credentialsValue: '{"clientId":"c","userName":"u","password":null}',
  });
  expect(await rest.call("GET", `/device/${deviceId}/credentials`)).toEqual(stored);
});

test("credentials of client and user go before a token that is the user name", async () => {
  const fixture = await startFixture();
  await fixture.rest.createDevice("Token", "u");
  await fixture.rest.setCredentials(fixture.deviceId, basic({ clientId: "c", userName: "u", password: "p" }));
  // With the client id of the first a wrong password is final; any other client is the second device.
  expect(
    await connackCodes(fixture, [
      ["c", "u", "q"],
      ["d", "u", "q"],
    ]),
  ).toEqual([5, 0]);
  expect(fixture.events.at(-1)).toMatchObject({ event: "device.connected", device: "Token" });
});

test("a certificate is stored without its PEM markers, and neither it nor its hash is a user name", async () => {
  const fixture = await startFixture();
  const { certificate } = makeAuthority("A").issue({ commonName: "device" });
  const base64 = certificate.split("\n").slice(1, -2).join("");
  const stored = await fixture.rest.setCredentials(fixture.deviceId, {
    credentialsType: "X509_CERTIFICATE",
    credentialsValue: certificate.replaceAll("\n", "\r\n"),
  });
  const credentialsId = createHash("sha3-256").update(base64).digest("hex");
  expect(stored).toMatchObject({ credentialsType: "X509_CERTIFICATE", credentialsId, credentialsValue: base64 });
  expect(await connackCodes(fixture, [["raw", credentialsId], [credentialsId]])).toEqual([5, 2]);
});

test.each<[string, object, string]>([
  ["no type", { credentialsType: null }, "Device credentials type should be specified"],
  ["an unknown type", { credentialsType: "PASSWORD" }, "'credentialsType' must be one of"],
  ["LWM2M", { credentialsType: "LWM2M_CREDENTIALS" }, "not supported by the local server"],
  ["no token", { credentialsType: "ACCESS_TOKEN", credentialsId: "" }, "Device credentials id should be specified!"],
  ["a token of another", { credentialsType: "ACCESS_TOKEN", credentialsId: "taken" }, "already assigned"],
  ["a line end", { credentialsType: "ACCESS_TOKEN", credentialsId: "a\tb" }, "must not contain control characters!"],
  ["no value", { credentialsType: "MQTT_BASIC" }, "Invalid credentials body for simple mqtt credentials!"],
  ["no client and no user", basic({ password: "p" }), "Both mqtt client id and user name are empty!"],
  [
    "a password and no user",
    basic({ clientId: "c", password: "p" }),
    "Password cannot be specified along with client id",
  ],
  ["no certificate", { credentialsType: "X509_CERTIFICATE" }, "should be specified!"],
  ["no id of their own", { id: null, credentialsType: "ACCESS_TOKEN", credentialsId: "b" }, "already specified!"],
  [
    "an id of nobody",
    { id: { id: "00000000-0000-0000-0000-000000000000" }, credentialsType: "ACCESS_TOKEN", credentialsId: "b" },
    "Unable to update non-existent device credentials!",
  ],
])("credentials with %s are refused, and the old ones stay", async (_, wanted, message) => {
  const { rest, deviceId } = await startFixture();
  await rest.createDevice("Other", "taken");
  const before = await rest.call("GET", `/device/${deviceId}/credentials`);
  const response = await rest.fetch("POST", "/device/credentials", { ...before, ...wanted });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ message: expect.stringContaining(message), errorCode: 31 });
  expect(await rest.call("GET", `/device/${deviceId}/credentials`)).toEqual(before);
});

test("a device is made with its credentials, or not at all", async () => {
  const fixture = await startFixture();
  const { rest } = fixture;
  const device = await rest.call("POST", "/device-with-credentials", {
    device: { name: "A", type: "probe", additionalInfo: { gateway: true } },
    credentials: basic({ clientId: "c", userName: "u" }),
  });
  expect(device).toMatchObject({ name: "A", type: "probe", additionalInfo: { gateway: true } });
  expect(await connackCodes(fixture, [["c", "u"]])).toEqual([0]);
  const clash = {
    device: { name: "B" },
    credentials: { credentialsType: "ACCESS_TOKEN", credentialsId: demoDevice.token },
  };
  expect((await rest.fetch("POST", "/device-with-credentials", clash)).status).toBe(400);
  expect((await rest.fetch("GET", "/tenant/devices?deviceName=B")).status).toBe(404);
  const credentials = { credentialsType: "ACCESS_TOKEN", credentialsId: "changed" };
  await rest.call("POST", "/device-with-credentials", { device: { ...device, name: "A2" }, credentials });
  expect(
    await connackCodes(fixture, [
      ["c", "u"],
      ["c", "changed"],
    ]),
  ).toEqual([5, 0]);
  expect((await rest.fetch("POST", "/device-with-credentials", { device: { name: "C" } })).status).toBe(400);
});

test("a session ends when the kind of its credentials changes, and stays when they are saved unchanged", async () => {
  const { rest, deviceId, login, event } = await startFixture();
  const client = await login();
  await rest.setCredentials(deviceId, { credentialsType: "ACCESS_TOKEN", credentialsId: demoDevice.token });
  await client.settle();
  await rest.setCredentials(deviceId, basic({ userName: demoDevice.token }));
  await client.closed();
  expect(await event("device.disconnected")).toMatchObject({ reason: "credentials updated" });
});

test("a token that is made up is 20 letters and digits", async () => {
  const { rest } = await startFixture();
  const { id } = await rest.call("POST", "/device", { name: "A" });
  const { credentialsId } = await rest.call("GET", `/device/${id.id}/credentials`);
  expect(credentialsId).toMatch(/^[A-Za-z0-9]{20}$/);
});
