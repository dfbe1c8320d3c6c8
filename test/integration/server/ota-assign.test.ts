import { expect, test } from "@jest/globals";
import { pause } from "../until.js";
import { type Fixture, startFixture } from "./fixture.js";
import { change, createPackage, describePackage, image } from "./ota-package.js";
import { profileBody } from "./profile.js";
import type { RawClient } from "./raw-client.js";

const digits = Buffer.from("123456789");

/** All keys that a withdrawal names, in ThingsBoard's order. */
const withdrawal = (prefix: string): object => ({
  deleted: ["title", "version", "ts", "state", "size", "checksum", "checksum_algorithm", "url", "tag"].map(
    (name) => `${prefix}_${name}`,
  ),
});

const crcAttributes = {
  fw_title: "app",
  fw_version: "1.10",
  fw_size: 9,
  fw_checksum_algorithm: "CRC32",
  fw_checksum: "2639f4cb",
};

async function subscribed({ login }: Fixture, token?: string): Promise<RawClient> {
  const client = await login(token);
  await client.subscribe(["v1/devices/me/attributes"]);
  return client;
}

async function pushed(client: RawClient): Promise<unknown> {
  const { topic, payload } = await client.nextPublish();
  expect(topic).toBe("v1/devices/me/attributes");
  return JSON.parse(payload);
}

test("an assignment is QUEUED, then INITIATED, and pushed as a deletion and an update", async () => {
  const fixture = await startFixture();
  const { rest, deviceId } = fixture;
  const { id } = await createPackage(rest, digits, { algorithm: "CRC32" });
  const client = await subscribed(fixture);
  const before = Date.now();
  expect(await (await change(rest, "device", deviceId, { firmwareId: id })).json()).toMatchObject({ firmwareId: id });
  const told = await rest.latest(deviceId, "target_fw_title,target_fw_version,target_fw_ts");
  expect(told).toEqual({
    target_fw_title: "app",
    target_fw_version: "1.10",
    target_fw_ts: expect.any(Number),
  });
  expect(told.target_fw_ts).toBeGreaterThanOrEqual(before);
  expect(await pushed(client)).toEqual({ deleted: ["fw_tag", "fw_url"] });
  expect(await pushed(client)).toEqual(crcAttributes);
  expect(await rest.history(deviceId, "fw_state")).toEqual(["QUEUED", "INITIATED"]);
  expect(await rest.attributes(deviceId, "SHARED_SCOPE")).toEqual(crcAttributes);
});

test("the tag is told too, and all of it without a type cast", async () => {
  const fixture = await startFixture();
  const { rest, deviceId } = fixture;
  const options = { type: "SOFTWARE", title: "7", version: "1.0", more: { tag: "2.0" }, algorithm: "CRC32" } as const;
  const { id } = await createPackage(rest, digits, options);
  const client = await subscribed(fixture);
  await change(rest, "device", deviceId, { softwareId: id });
  expect(await rest.latest(deviceId, "target_sw_tag,target_sw_title")).toEqual({
    target_sw_tag: "2.0",
    target_sw_title: "7",
  });
  expect(await pushed(client)).toEqual({ deleted: ["sw_url"] });
  expect(await pushed(client)).toEqual({
    sw_title: "7",
    sw_version: "1.0",
    sw_tag: "2.0",
    sw_size: 9,
    sw_checksum_algorithm: "CRC32",
    sw_checksum: "2639f4cb",
  });
});

test("of a URL package only what is known is told", async () => {
  const fixture = await startFixture();
  const { rest, deviceId } = fixture;
  const url = "http://127.0.0.1/image";
  const bare = await describePackage(rest, { more: { usesUrl: true, url, tag: "" } });
  const known = { usesUrl: true, url, dataSize: 9, checksumAlgorithm: "CRC32", checksum: "CBF43926" };
  const full = await describePackage(rest, { version: "2", more: { ...known, tag: "t" } });
  const client = await subscribed(fixture);
  await change(rest, "device", deviceId, { firmwareId: bare.id });
  expect(await pushed(client)).toEqual({ deleted: ["fw_tag", "fw_size", "fw_checksum_algorithm", "fw_checksum"] });
  expect(await pushed(client)).toEqual({ fw_title: "app", fw_version: "1.10", fw_url: url });
  await change(rest, "device", deviceId, { firmwareId: full.id });
  expect(await pushed(client)).toEqual({
    ...crcAttributes,
    fw_version: "2",
    fw_tag: "t",
    fw_url: url,
    fw_checksum: "CBF43926",
  });
});

test("a withdrawal deletes every key, known or not, and no telemetry", async () => {
  const fixture = await startFixture({ otaUpdateInterval: 0 });
  const { rest, deviceId } = fixture;
  const firmware = await createPackage(rest, digits);
  const software = await createPackage(rest, digits, { type: "SOFTWARE", title: "mod" });
  const client = await subscribed(fixture);
  await change(rest, "device", deviceId, { firmwareId: firmware.id, softwareId: software.id });
  for (let count = 0; count < 4; count++) await client.nextPublish();
  await change(rest, "device", deviceId, { firmwareId: null });
  expect(await pushed(client)).toEqual(withdrawal("fw"));
  expect(Object.keys(await rest.attributes(deviceId, "SHARED_SCOPE"))).toHaveLength(5);
  await change(rest, "device", deviceId, { softwareId: null });
  expect(await pushed(client)).toEqual(withdrawal("sw"));
  expect(await rest.attributes(deviceId, "SHARED_SCOPE")).toEqual({});
  expect(await rest.latest(deviceId, "fw_state,target_fw_title")).toEqual({
    fw_state: "INITIATED",
    target_fw_title: "app",
  });
});

test("only a change of the package is told", async () => {
  const fixture = await startFixture({ otaUpdateInterval: 0 });
  const { rest, deviceId } = fixture;
  const { id } = await createPackage(rest, digits);
  const client = await subscribed(fixture);
  const { id: profileId } = await rest.call("GET", "/deviceProfileInfo/default");
  await change(rest, "device", deviceId, { firmwareId: id });
  for (let count = 0; count < 2; count++) await client.nextPublish();
  await change(rest, "device", deviceId, {});
  await change(rest, "deviceProfile", profileId.id, { firmwareId: id });
  await change(rest, "device", deviceId, { firmwareId: null });
  await pause(100);
  expect(await client.settle()).toEqual([]);
  expect(await rest.history(deviceId, "fw_state")).toEqual(["QUEUED", "INITIATED"]);
});

test("a profile's package is for those of its devices, also new ones, that have none of their own", async () => {
  const fixture = await startFixture({ otaUpdateInterval: 0 });
  const { rest } = fixture;
  const { id: profileId } = await rest.call("POST", "/deviceProfile", profileBody());
  const common = await createPackage(rest, digits, { profileId, algorithm: "CRC32" });
  const own = await createPackage(rest, image(50), { profileId, version: "own" });
  const create = async (name: string, more: object = {}): Promise<string> => {
    const device = await rest.call("POST", `/device?accessToken=${name}`, {
      name,
      deviceProfileId: profileId,
      ...more,
    });
    return device.id.id;
  };
  const plain = await create("plain");
  const special = await create("special", { firmwareId: own.id });
  const client = await subscribed(fixture, "plain");
  const other = await subscribed(fixture, "special");
  await other.settle();
  await change(rest, "deviceProfile", profileId.id, { firmwareId: common.id });
  expect(await pushed(client)).toEqual({ deleted: ["fw_tag", "fw_url"] });
  expect(await pushed(client)).toEqual(crcAttributes);
  const late = await create("late");
  while ((await rest.history(late, "fw_state")).length < 2) await pause(10);
  expect(await rest.attributes(late, "SHARED_SCOPE")).toEqual(crcAttributes);
  await change(rest, "deviceProfile", profileId.id, { firmwareId: null });
  expect(await pushed(client)).toEqual(withdrawal("fw"));
  expect(await rest.attributes(plain, "SHARED_SCOPE")).toEqual({});
  expect(await rest.attributes(special, "SHARED_SCOPE")).toMatchObject({ fw_version: "own", fw_size: 50 });
  expect(await rest.history(special, "fw_state")).toEqual(["QUEUED", "INITIATED"]);
});

test("a device that changes its profile gets the package of the new one, or loses the old one's", async () => {
  const fixture = await startFixture({ otaUpdateInterval: 0 });
  const { rest, deviceId } = fixture;
  const { id: other } = await rest.call("POST", "/deviceProfile", profileBody());
  const { id } = await createPackage(rest, digits, { profileId: other });
  await change(rest, "deviceProfile", other.id, { firmwareId: id });
  const { deviceProfileId } = await rest.call("GET", `/device/${deviceId}`);
  const client = await subscribed(fixture);
  await change(rest, "device", deviceId, { deviceProfileId: other });
  for (let count = 0; count < 2; count++) await client.nextPublish();
  await change(rest, "device", deviceId, { deviceProfileId });
  expect(await pushed(client)).toEqual(withdrawal("fw"));
});

test("devices are told one after the other", async () => {
  const fixture = await startFixture({ otaUpdateInterval: 300 });
  const { rest } = fixture;
  const { id: profileId } = await rest.call("POST", "/deviceProfile", profileBody());
  const { id } = await createPackage(rest, digits, { profileId });
  const clients: RawClient[] = [];
  for (const name of ["A", "B", "C"]) {
    await rest.call("POST", `/device?accessToken=${name}`, { name, deviceProfileId: profileId });
    clients.push(await subscribed(fixture, name));
  }
  await change(rest, "deviceProfile", profileId.id, { firmwareId: id });
  const times: number[] = [];
  for (const client of clients) {
    await client.nextPublish();
    times.push(Date.now());
  }
  const [first = 0, second = 0, third = 0] = times;
  // Half of the interval: what is measured is also how busy this machine is.
  expect(second - first).toBeGreaterThan(150);
  expect(third - second).toBeGreaterThan(150);
});

test("an update that is out of date when its turn comes is not told", async () => {
  // Long enough for the second and the third to be changed within one, on a busy machine too.
  const fixture = await startFixture({ otaUpdateInterval: 3_000 });
  const { rest, deviceId } = fixture;
  const first = await createPackage(rest, digits);
  const second = await createPackage(rest, digits, { version: "2" });
  const third = await createPackage(rest, digits, { version: "3" });
  const client = await subscribed(fixture);
  for (const { id } of [first, second, third]) await change(rest, "device", deviceId, { firmwareId: id });
  // Whether the first was in time is chance; the second was never.
  const versions: unknown[] = [];
  while (versions.at(-1) !== "3") {
    const { fw_version: version } = (await pushed(client)) as { fw_version?: string };
    if (version !== undefined) versions.push(version);
  }
  expect(versions).not.toContain("2");
  expect(await rest.latest(deviceId, "fw_state,target_fw_version")).toEqual({
    fw_state: "INITIATED",
    target_fw_version: "3",
  });
});
