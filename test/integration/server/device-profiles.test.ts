import { expect, test } from "@jest/globals";
import { makeAuthority } from "../../fakes/certificates.js";
import { startFixture } from "./fixture.js";
import { profileBody } from "./profile.js";
import { connectPacket } from "./raw-client.js";

const unknownId = "00000000-0000-0000-0000-000000000000";

test("a default profile is there from the start, and devices have it", async () => {
  const { rest, deviceId } = await startFixture();
  const info = await rest.call("GET", "/deviceProfileInfo/default");
  expect(info).toMatchObject({ id: { entityType: "DEVICE_PROFILE" }, name: "default", transportType: "DEFAULT" });
  expect((await rest.call("GET", `/device/${deviceId}`)).deviceProfileId).toEqual(info.id);
  expect(await rest.call("GET", `/deviceProfile/${info.id.id}`)).toMatchObject({
    default: true,
    provisionType: "DISABLED",
    provisionDeviceKey: null,
    profileData: { provisionConfiguration: { type: "DISABLED", provisionDeviceSecret: null } },
  });
});

test("a profile is created, read, listed and changed by posting it back", async () => {
  const { rest } = await startFixture();
  const profile = await rest.call("POST", "/deviceProfile", profileBody({ more: { description: "d" } }));
  expect(profile).toMatchObject({ ...profileBody({ more: { description: "d" } }), default: false });
  expect(await rest.call("GET", `/deviceProfile/${profile.id.id}`)).toEqual(profile);
  const page = await rest.call("GET", "/deviceProfiles?pageSize=10&page=0&textSearch=SENS");
  expect(page).toEqual({ data: [profile], totalPages: 1, totalElements: 1, hasNext: false });
  const infos = await rest.call("GET", "/deviceProfileInfos?pageSize=10&page=0");
  expect(infos.data.map(({ name }: { name: string }) => name)).toEqual(["default", "sensor"]);
  const changed = await rest.call("POST", "/deviceProfile", { ...profile, name: "probe", provisionDeviceKey: "k2" });
  expect(changed).toEqual({ ...profile, name: "probe", provisionDeviceKey: "k2" });
});

test("the type of a device is its profile's name; an unknown type makes a profile", async () => {
  const { rest } = await startFixture();
  const device = await rest.call("POST", "/device", { name: "A", type: "probe" });
  const profile = await rest.call("GET", `/deviceProfile/${device.deviceProfileId.id}`);
  expect(profile).toMatchObject({ name: "probe", default: false, provisionType: "DISABLED" });
  const second = await rest.call("POST", "/device", { name: "B", type: "other", deviceProfileId: profile.id });
  expect(second.type).toBe("probe");
  await rest.call("POST", "/deviceProfile", { ...profile, name: "renamed" });
  expect((await rest.call("GET", `/device/${device.id.id}`)).type).toBe("renamed");
  const infos = await rest.call("GET", "/tenant/deviceInfos?pageSize=10&page=0&textSearch=B");
  expect(infos.data[0].deviceProfileName).toBe("renamed");
});

test("another profile can be made the default one; the default one and those in use stay", async () => {
  const { rest } = await startFixture();
  const { id: first } = await rest.call("GET", "/deviceProfileInfo/default");
  const { id: second } = await rest.call("POST", "/deviceProfile", profileBody());
  expect(await rest.call("POST", `/deviceProfile/${second.id}/default`)).toMatchObject({ default: true });
  expect((await rest.call("GET", "/deviceProfileInfo/default")).id).toEqual(second);
  const failure = async (id: string): Promise<string> => {
    const response = await rest.fetch("DELETE", `/deviceProfile/${id}`);
    expect(response.status).toBe(400);
    return ((await response.json()) as { message: string }).message;
  };
  expect(await failure(second.id)).toBe("Deletion of Default Device Profile is prohibited!");
  expect(await failure(first.id)).toBe("The device profile referenced by the devices cannot be deleted!");
  await rest.call("POST", `/deviceProfile/${first.id}/default`);
  await rest.call("DELETE", `/deviceProfile/${second.id}`);
  expect((await rest.fetch("GET", `/deviceProfile/${second.id}`)).status).toBe(404);
});

test.each([
  ["no name", { name: " " }, "Device profile name should be specified!"],
  ["a name taken", { name: "default" }, "Device profile with such name already exists!"],
  [
    "a provision key taken",
    { name: "b", provisionDeviceKey: "taken" },
    "Device profile with such provision device key already exists!",
  ],
  ["a second default", { default: true }, "Another default device profile is present in scope of current tenant!"],
  ["no type", { type: null }, "Device profile type should be specified!"],
  ["no transport type", { transportType: null }, "Device profile transport type should be specified!"],
  ["an unknown transport type", { transportType: "HTTP" }, "'transportType' must be one of"],
  ["an unknown strategy", { provisionType: "OPEN" }, "'provisionType' must be one of"],
  ["no data", { profileData: null }, "Device profile data should be specified!"],
  [
    "topics of its own",
    {
      transportType: "MQTT",
      profileData: { transportConfiguration: { type: "MQTT", deviceTelemetryTopic: "t" } },
    },
    "not supported by the local server",
  ],
])("a profile with %s is refused", async (_, more, message) => {
  const { rest } = await startFixture();
  await rest.call("POST", "/deviceProfile", profileBody({ name: "first", more: { provisionDeviceKey: "taken" } }));
  const response = await rest.fetch("POST", "/deviceProfile", profileBody({ more }));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ message: expect.stringContaining(message), errorCode: 31 });
});

test.each([
  ["GET", `/deviceProfile/${unknownId}`, undefined, 404, `Device profile with id [${unknownId}] is not found`],
  ["GET", "/deviceProfile/nonsense", undefined, 400, "Invalid UUID string"],
  ["GET", "/deviceProfiles?page=0", undefined, 400, "'pageSize'"],
  ["POST", "/deviceProfile", profileBody({ more: { id: { id: unknownId } } }), 404, "is not found"],
  ["POST", "/device", { name: "A", deviceProfileId: { id: unknownId } }, 400, "non existing device profile"],
])("%s %s fails", async (method, path, body, status, message) => {
  const { rest } = await startFixture();
  const response = await rest.fetch(method, path, body);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ message: expect.stringContaining(message) });
});

test("the provision key of a profile for certificates is the hash of the certificate", async () => {
  const { rest } = await startFixture();
  const { certificate } = makeAuthority("Factory");
  const configuration = {
    provisionDeviceSecret: certificate,
    certificateRegExPattern: "(.*)",
    allowCreateNewDevicesByX509Certificate: true,
  };
  const body = profileBody({ provisionType: "X509_CERTIFICATE_CHAIN", configuration });
  const profile = await rest.call("POST", "/deviceProfile", body);
  expect(profile.provisionDeviceKey).toMatch(/^[0-9a-f]{64}$/);
  const base64 = certificate.split("\n").slice(1, -2).join("");
  expect(profile.profileData.provisionConfiguration).toEqual({
    type: "X509_CERTIFICATE_CHAIN",
    ...configuration,
    provisionDeviceSecret: base64,
  });
  const again = await rest.fetch("POST", "/deviceProfile", { ...body, name: "again" });
  expect(await again.json()).toMatchObject({ message: "Device profile with such certificate already exists!" });
});

test("a device whose profile is for another transport is refused with code 3", async () => {
  const { rest, open } = await startFixture();
  const { id } = await rest.call("POST", "/deviceProfile", profileBody({ transportType: "COAP" }));
  await rest.call("POST", "/device?accessToken=coap", { name: "A", deviceProfileId: id });
  const client = await open();
  client.send(connectPacket({ username: "coap" }));
  expect((await client.next("connack")).returnCode).toBe(3);
  await client.closed();
  const changed = await rest.fetch("POST", "/deviceProfile", profileBody({ more: { id } }));
  expect(await changed.json()).toMatchObject({ message: expect.stringContaining("because devices referenced it") });
});
