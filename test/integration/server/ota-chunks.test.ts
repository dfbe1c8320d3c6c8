import { expect, test } from "@jest/globals";
import type { ServerOptions } from "../../../server/server.js";
import { pause } from "../until.js";
import { type Fixture, startFixture } from "./fixture.js";
import { change, createPackage, describePackage, image, type PackageOptions } from "./ota-package.js";
import type { RawClient } from "./raw-client.js";

const data = image(10_000);

/** A server whose demo device has this image as its firmware. */
async function assigned(options: ServerOptions = {}, more: PackageOptions = {}): Promise<Fixture> {
  const fixture = await startFixture(options);
  const { id } = await createPackage(fixture.rest, data, more);
  const member = more.type === "SOFTWARE" ? "softwareId" : "firmwareId";
  await change(fixture.rest, "device", fixture.deviceId, { [member]: id });
  return fixture;
}

async function answer(client: RawClient): Promise<{ topic: string; payload: Buffer; qos: number }> {
  const { topic, payload, qos } = await client.next("publish");
  return { topic, payload: Buffer.from(payload), qos };
}

async function chunk(client: RawClient, path: string, size: string): Promise<Buffer> {
  client.publish(`v2/fw/request/${path}`, size);
  const { topic, payload } = await answer(client);
  expect(topic).toBe(`v2/fw/response/${path}`);
  return payload;
}

test("a package comes in chunks of the size that was asked for, the last one shorter, then nothing", async () => {
  const client = await (await assigned()).login();
  expect(await client.subscribe(["v2/fw/response/+/chunk/+"])).toEqual([1]);
  const chunks: Buffer[] = [];
  for (let index = 0; index < 4; index++) chunks.push(await chunk(client, `1/chunk/${index}`, "4096"));
  expect(chunks.map(({ length }) => length)).toEqual([4096, 4096, 1808, 0]);
  expect(Buffer.concat(chunks).equals(data)).toBe(true);
  expect(await chunk(client, "1/chunk/1", "4096")).toEqual(chunks[1]);
  expect(await chunk(client, "1/chunk/524287", "4096")).toHaveLength(0);
});

test("software has topics of its own", async () => {
  const client = await (await assigned({}, { type: "SOFTWARE" })).login();
  client.publish("v2/sw/request/7/chunk/2", "4096");
  expect(await answer(client)).toMatchObject({ topic: "v2/sw/response/7/chunk/2", payload: data.subarray(8192) });
});

test("the PUBACK comes before the chunk, whose QoS is that of the subscription, and 1 without one", async () => {
  const { login } = await assigned();
  const client = await login();
  const id = client.publish("v2/fw/request/1/chunk/0", "10");
  expect((await client.settle()).map(({ cmd }) => cmd)).toEqual(["puback", "publish"]);
  expect((await client.next("puback")).messageId).toBe(id);
  expect((await answer(client)).qos).toBe(1);
  await client.subscribe(["v2/fw/response/+/chunk/+"], 0);
  client.publish("v2/fw/request/1/chunk/0", "10", 0);
  expect((await answer(client)).qos).toBe(0);
  expect(await client.settle()).toEqual([]);
});

test("many requests in flight are answered one by one", async () => {
  const client = await (await assigned()).login();
  for (let index = 0; index < 40; index++) client.publish(`v2/fw/request/1/chunk/${index}`, "250");
  const chunks: Buffer[] = [];
  for (let index = 0; index < 40; index++) {
    const { topic, payload } = await answer(client);
    chunks[Number(topic.split("/").at(-1))] = payload;
  }
  expect(Buffer.concat(chunks).equals(data)).toBe(true);
});

test("requests before the first answer are answered in any order, those after it in theirs", async () => {
  const client = await (await assigned()).login();
  const indices = [0, 1, 2, 3];
  const ask = async (): Promise<(string | undefined)[]> => {
    client.send(...indices.map((index) => client.publishPacket(`v2/fw/request/1/chunk/${index}`, "10")));
    const topics: (string | undefined)[] = [];
    for (const _ of indices) topics.push((await answer(client)).topic.at(-1));
    return topics;
  };
  expect(await ask()).toEqual(["3", "2", "1", "0"]);
  expect(await ask()).toEqual(["0", "1", "2", "3"]);
});

test("without a size it is the one before of the same id, and without any the whole package", async () => {
  const client = await (await assigned()).login();
  expect(await chunk(client, "1/chunk/3", "")).toEqual(data);
  expect(await chunk(client, "1/chunk/0", "100")).toHaveLength(100);
  expect(await chunk(client, "1/chunk/1", "")).toEqual(data.subarray(100, 200));
  expect(await chunk(client, "1/chunk/1", "0")).toHaveLength(100);
  expect(await chunk(client, "1/chunk/1", "-5")).toHaveLength(100);
  expect(await chunk(client, "1/chunk/0", "+50")).toHaveLength(50);
  expect(await chunk(client, "2/chunk/0", "0")).toEqual(data);
});

test("a request id stays with its package when another is assigned; a new one gets the new", async () => {
  const { rest, deviceId, login } = await assigned();
  const client = await login();
  expect(await chunk(client, "1/chunk/0", "10")).toEqual(data.subarray(0, 10));
  const { id } = await createPackage(rest, Buffer.from("other"), { version: "2" });
  await change(rest, "device", deviceId, { firmwareId: id });
  expect(await chunk(client, "1/chunk/1", "10")).toEqual(data.subarray(10, 20));
  expect((await chunk(client, "2/chunk/0", "10")).toString()).toBe("other");
  client.destroy();
  expect((await chunk(await login(), "1/chunk/0", "10")).toString()).toBe("other");
});

test("an id is shared by firmware and software, and gives the wrong image", async () => {
  const { rest, deviceId, login } = await assigned();
  const { id } = await createPackage(rest, Buffer.from("mod"), { type: "SOFTWARE", title: "mod" });
  await change(rest, "device", deviceId, { softwareId: id });
  const client = await login();
  await chunk(client, "1/chunk/0", "10");
  client.publish("v2/sw/request/1/chunk/0", "10");
  expect(await answer(client)).toMatchObject({ topic: "v2/sw/response/1/chunk/0", payload: data.subarray(0, 10) });
});

test("a package of the profile is served too", async () => {
  const { rest, login } = await startFixture();
  const { id: profileId } = await rest.call("GET", "/deviceProfileInfo/default");
  const { id } = await createPackage(rest, data);
  await change(rest, "deviceProfile", profileId.id, { firmwareId: id });
  expect(await chunk(await login(), "1/chunk/0", "10")).toEqual(data.subarray(0, 10));
});

test("when the package is gone from memory the id gets nothing any more, and a new one does", async () => {
  const { login } = await assigned({ otaCacheLifetime: 150 });
  const client = await login();
  expect(await chunk(client, "1/chunk/0", "10")).toHaveLength(10);
  await pause(200);
  expect(await chunk(client, "1/chunk/1", "10")).toHaveLength(0);
  expect(await chunk(client, "2/chunk/1", "10")).toEqual(data.subarray(10, 20));
});

test("a package that is withdrawn and deleted in the middle ends in nothing, and then in NOT_FOUND", async () => {
  const { rest, deviceId, login } = await assigned();
  const client = await login();
  await chunk(client, "1/chunk/0", "10");
  const { firmwareId } = await rest.call("GET", `/device/${deviceId}`);
  await change(rest, "device", deviceId, { firmwareId: null });
  expect(await chunk(client, "1/chunk/1", "10")).toHaveLength(10);
  await rest.call("DELETE", `/otaPackage/${firmwareId.id}`);
  expect(await chunk(client, "1/chunk/2", "10")).toHaveLength(0);
  client.publish("v2/fw/request/2/chunk/0", "10");
  expect(await answer(client)).toMatchObject({ topic: "v2/fw/error", payload: Buffer.from("NOT_FOUND") });
  await client.closed();
});

test.each([
  ["fw", "65537", "PAYLOAD_TOO_LARGE"],
  ["sw", "65537", "PAYLOAD_TOO_LARGE"],
  ["sw", "10", "NOT_FOUND"],
])("%s in chunks of %s: the error topic says %s, and the session is closed", async (prefix, size, error) => {
  const client = await (await assigned()).login();
  client.publish(`v2/${prefix}/request/1/chunk/0`, size);
  const packets = await client.closed();
  expect(packets.map(({ cmd }) => cmd)).toEqual(["publish"]);
  expect(packets[0]).toMatchObject({ topic: "v2/fw/error", payload: Buffer.from(error), qos: 1 });
});

test("the largest chunk passes", async () => {
  expect(await chunk(await (await assigned()).login(), "1/chunk/0", "65536")).toEqual(data);
});

test("a URL package cannot be had here: FAILURE", async () => {
  const { rest, deviceId, login } = await startFixture();
  const { id } = await describePackage(rest, { more: { usesUrl: true, url: "http://127.0.0.1/a" } });
  await change(rest, "device", deviceId, { firmwareId: id });
  const client = await login();
  client.publish("v2/fw/request/1/chunk/0", "10");
  expect(await answer(client)).toMatchObject({ topic: "v2/fw/error", payload: Buffer.from("FAILURE") });
  await client.closed();
});

test.each([
  ["a size that is no number", "1/chunk/0", "4k"],
  ["a size with a space", "1/chunk/0", " 10"],
  ["a size of more than 32 bits", "1/chunk/0", "2147483648"],
  ["an index of more than 32 bits", "1/chunk/2147483648", "10"],
])("%s closes the session without a word", async (_, path, size) => {
  const client = await (await assigned()).login();
  client.publish(`v2/fw/request/${path}`, size);
  expect(await client.closed()).toEqual([]);
});

test("offsets are cut to 32 bits: one below zero is acknowledged and never answered, others begin anew", async () => {
  const client = await (await assigned()).login();
  client.publish("v2/fw/request/1/chunk/524291", "4096");
  expect((await client.settle()).map(({ cmd }) => cmd)).toEqual(["puback"]);
  expect(await chunk(client, "1/chunk/1048577", "4096")).toEqual(data.subarray(4096, 8192));
});

test("the topic is found wherever it stands, and what is none is unknown", async () => {
  const { login, event } = await assigned();
  const client = await login();
  client.publish("x/v2/fw/request/007/chunk/00001x", "10");
  expect((await answer(client)).topic).toBe("v2/fw/response/007/chunk/1");
  await client.next("puback");
  client.publish("v2/fw/request/a/chunk/0", "10");
  await client.next("puback");
  expect(await event("publish.ignored")).toMatchObject({ reason: "unknown topic" });
});

test("requests are no sign of life: a download that does nothing else is cut off", async () => {
  const { login, event } = await assigned({ sessionTimeout: 400 });
  const client = await login();
  const timer = setInterval(() => client.publish("v2/fw/request/1/chunk/0", "10"), 50);
  await client.closed().finally(() => clearInterval(timer));
  expect(await event("device.disconnected")).toMatchObject({ reason: "session timeout" });
});

test("only the request that looks for the package counts for the limits; over them the session is closed", async () => {
  // One message for the connection, two for two ids.
  const client = await (await assigned({ limits: { messages: "3:600" } })).login();
  for (const id of [1, 2]) for (const index of [0, 1, 2]) await chunk(client, `${id}/chunk/${index}`, "10");
  client.publish("v2/fw/request/3/chunk/0", "10");
  expect((await client.closed()).filter(({ cmd }) => cmd === "publish")).toEqual([]);
});

test("requests before the first answer count for the limits each", async () => {
  const client = await (await assigned({ limits: { messages: "3:600" } })).login();
  client.send(...[0, 1, 2].map((index) => client.publishPacket(`v2/fw/request/1/chunk/${index}`, "10")));
  expect(await client.closed()).toEqual([]);
});
